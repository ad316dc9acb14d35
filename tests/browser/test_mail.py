"""An e-mail in Chromium, from a template on a lead's page to a real mail server, and its answer back by a real mailbox."""

import smtplib
from collections.abc import Iterator
from email import message_from_bytes, policy
from typing import Any

import pytest
from playwright.sync_api import expect

from activities.models import Email, MailTemplate
from core import outbox
from tests.activities.mails import PDF, message
from tests.browser.test_walk import until
from tests.factories import LeadFactory
from tests.servers import ImapBox, Mailbox, imap_server, mail_server, post_office

pytestmark = [pytest.mark.browser, pytest.mark.servers, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def post() -> Iterator[tuple[Mailbox, int]]:
    with mail_server() as found:
        yield found


@pytest.fixture
def box() -> Iterator[ImapBox]:
    with imap_server() as found:
        yield found


@pytest.fixture
def process_environ(process_environ: dict[str, str], post: tuple[Mailbox, int], box: ImapBox) -> dict[str, str]:
    """The worker's mail goes to the servers of this test."""
    return {
        **process_environ,
        "EMAIL_URL": f"smtp://127.0.0.1:{post[1]}",
        "DEFAULT_FROM_EMAIL": "ZenCRM <crm@aquaflux.example>",
        "MAIL_REPLY_ADDRESS": "crm@aquaflux.example",
        "MAILBOX_URL": box.url,
    }


def test_a_mail_goes_out_and_its_answer_comes_back(
    desks: Any, cast_with_passwords: Any, celery_worker_process: Any, post: Any, box: ImapBox
) -> None:
    lead = LeadFactory(
        owner=cast_with_passwords.sales,
        first_name="Giulia",
        last_name="Verdi",
        email="giulia@cliente.example",
        language="it",
    )
    MailTemplate.objects.create(
        name="First contact", title_it="Il Suo interesse", text_it="{{ recipient.greeting }}\n\necco il catalogo.",
        title_en="Your interest", text_en="{{ recipient.greeting }}\n\nhere is our catalogue.",
    )  # fmt: skip
    desk = desks("sales")
    page = desk.page
    page.goto(lead.get_absolute_url())
    page.get_by_role("link", name="E-mail", exact=True).click()
    expect(page.locator("[name=to]")).to_have_value("giulia@cliente.example")
    page.select_option("[name=template]", label="First contact")
    expect(page.locator("[name=title]")).to_have_value("Il Suo interesse")
    page.select_option("main [name=language]", "en")
    expect(page.locator("[name=title]")).to_have_value("Your interest")
    page.set_input_files("[name=uploads]", {"name": "catalogue.pdf", "mimeType": "application/pdf", "buffer": PDF})
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#preview")).to_contain_text("here is our catalogue.")
    expect(page.locator("#preview")).to_contain_text("catalogue.pdf")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("#timeline")).to_contain_text("Your interest")

    mailbox, _port = post
    until(lambda: mailbox.messages)
    sent = message_from_bytes(mailbox.messages[0], policy=policy.default)
    assert (sent["To"], sent["Subject"]) == ("giulia@cliente.example", "Your interest")
    assert [(part.get_filename(), part.get_content()) for part in sent.iter_attachments()] == [("catalogue.pdf", PDF)]
    reply = message("Yes, please call me.", To=str(sent["Reply-To"]), In_Reply_To=str(sent["Message-ID"]))
    with post_office(box) as port, smtplib.SMTP("127.0.0.1", port) as customer:
        customer.send_message(reply)
    outbox.kick("activities.read_mailbox")  # what the schedule does every minute
    until(lambda: Email.objects.filter(direction="in").exists())

    page.goto(lead.get_absolute_url())
    timeline = page.locator("#timeline")
    expect(timeline).to_contain_text("Yes, please call me.")
    page.get_by_role("link", name="Re: Pumps").first.click()
    expect(page.locator("h1")).to_contain_text("Re: Pumps")
    page.keyboard.press("Control+k")
    page.locator("#search-results").wait_for(state="attached")
    page.keyboard.type("please call")
    expect(page.locator("#search-results")).to_contain_text("Re: Pumps")
    (received,) = Email.objects.filter(direction="in")
    assert received.subject == lead
