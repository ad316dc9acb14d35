"""Marketing's way in Chromium, with a real worker and a real mail server: from a form on our page to the unsubscribe link.

The reader has no account: they fill in a form, confirm by the link they are mailed, read, click, and have had enough.
"""

import re
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from core import outbox
from core.models import Consent, Delivery
from leads.models import Capture, Enrolment, Lead, Segment, Send, Sequence
from tests.browser.test_walk import fill, press, send, until
from tests.factories import LeadFactory, MailTemplateFactory, PurposeFactory, WebFormFactory
from tests.servers import Mailbox, mail_server

pytestmark = [pytest.mark.browser, pytest.mark.servers, pytest.mark.django_db(transaction=True)]

READER = "giulia@cliente.example"
#: A browser as people have it: ours says that nobody looks at it, and is taken for a program.
AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
#: Nobody fills in a form faster.
TYPING = 5_000


@pytest.fixture
def post() -> Iterator[tuple[Mailbox, int]]:
    with mail_server() as found:
        yield found


@pytest.fixture
def process_environ(process_environ: dict[str, str], post: tuple[Mailbox, int], live_server: Any) -> dict[str, str]:
    """The worker's mail goes to the server of this test, and its links lead to the pages of this test."""
    return {**process_environ, "EMAIL_URL": f"smtp://127.0.0.1:{post[1]}", "BASE_URL": live_server.url}


@pytest.fixture
def reader(browser: Browser, live_server: Any) -> Iterator[Page]:
    """Somebody outside."""
    context = browser.new_context(base_url=live_server.url, user_agent=AGENT, locale="en-GB")
    yield context.new_page()
    context.close()


def mails(mailbox: Mailbox) -> list[Any]:
    found = [message_from_bytes(raw, policy=policy.default) for raw in list(mailbox.messages)]
    return [mail for mail in found if READER in mail["To"]]


def mail_number(mailbox: Mailbox, n: int) -> Any:
    """The n-th mail the reader got, once it is there and its delivery is written down."""
    found = until(lambda: mails(mailbox)[n - 1 : n])
    until(lambda: Delivery.objects.filter(state="delivered").count() >= n)
    return found[0]


def link(mail: Any, path: str) -> str:
    text = mail.get_body(("plain",)).get_content()
    return re.search(rf"https?://[^/\s]+({path}\S+)", text)[1]


def lies_in_the_inbox() -> None:
    """The mail server took the mails some minutes ago: nobody reads faster than that."""
    earlier = timezone.now() - timedelta(minutes=5)
    Delivery.objects.filter(state="delivered").update(delivered_at=earlier)
    Send.objects.update(at=earlier)


def time_passes() -> None:
    """The next steps are due, and the worker is woken."""
    Enrolment.objects.filter(state="active").update(due_at=timezone.now() - timedelta(minutes=5))
    outbox.kick("leads.take_steps")


def test_from_the_form_to_the_unsubscribe_link(
    desks, cast_with_passwords, celery_worker_process, post, reader, live_server
):
    page_of_the_fair = f"{live_server.url}/account/login/"  # where the link in the mails leads
    newsletter, profiling = PurposeFactory(code="newsletter"), PurposeFactory(code="profiling")
    lead = subscribed(reader, post[0], newsletter, profiling)
    LeadFactory(source="Fiera", email="nobody@cliente.example")  # agrees to nothing
    Lead.objects.filter(pk=lead.pk).update(source="Fiera")
    marketing = desks("marketing").page
    segment_from_the_list(marketing)
    sequence = sequence_with_a_branch(marketing, page_of_the_fair, newsletter, profiling)
    put_in(marketing, sequence)

    time_passes()
    first = mail_number(post[0], 2)
    assert READER in first["To"] and "List-Unsubscribe" in first
    assert Enrolment.objects.get().position == 2
    lies_in_the_inbox()
    read_and_clicked(reader, first, page_of_the_fair)
    time_passes()
    second = mail_number(post[0], 3)
    assert second["Subject"] == "For those who clicked"

    unsubscribed(reader, second)
    time_passes()
    enrolment = until(lambda: Enrolment.objects.filter(state="stopped").first())
    assert enrolment.why == "unsubscribed"
    time_passes()
    marketing.goto(sequence.get_absolute_url())
    expect(marketing.locator("main")).to_contain_text("There is no valid consent (any more): 1")
    assert len(mails(post[0])) == 3 and Send.objects.count() == 2


def subscribed(reader: Page, mailbox: Mailbox, *purposes: Any) -> Lead:
    """The form is filled in, and the link in the mail that follows confirmed: by the button, not by looking."""
    form = WebFormFactory(double_opt_in=True)
    form.purposes.add(*purposes)
    reader.goto(form.public_url)
    reader.wait_for_timeout(TYPING)
    fill(reader.locator("form.asked"), last_name="Verdi", email=READER)
    for box in reader.locator("[name^=consent_]").all():
        box.check()
    with reader.expect_navigation():
        reader.locator("form.asked [type=submit]").click()
    lead = until(lambda: Lead.objects.filter(email=READER).first())
    assert Capture.objects.get().state == "taken"
    asked = mail_number(mailbox, 1)
    assert not Consent.objects.filter(given=True).exists()
    reader.goto(link(asked, "/f/confirm/"))
    assert not Consent.objects.filter(given=True).exists()
    with reader.expect_navigation():
        reader.get_by_role("button", name="Yes, I confirm").click()
    expect(reader.locator("h1")).to_have_text("Confirmed")
    assert Consent.objects.filter(given=True).count() == len(purposes)
    return lead


def segment_from_the_list(marketing: Page) -> None:
    marketing.goto("/leads/?source=fiera")
    marketing.get_by_role("button", name="View").click()
    with marketing.expect_navigation():
        marketing.get_by_role("button", name="Save as segment").click()
    expect(marketing.locator("[name=source]")).to_have_value("fiera")
    send(marketing, name="From the fair")
    expect(marketing.locator("main")).to_contain_text("fiera")
    assert Segment.objects.get().query == "source=fiera"


def sequence_with_a_branch(marketing: Page, url: str, newsletter: Any, profiling: Any) -> Sequence:
    """A mail; whoever clicks in it gets one more, and one after that; the others are left in peace."""
    marketing.goto("/sequences/new/")
    marketing.locator("[name=working_days]").uncheck()
    facts = {"purpose": str(newsletter.pk), "measuring": str(profiling.pk), "from_hour": "0", "to_hour": "24"}
    send(marketing, name="After the fair", **facts)
    sequence = Sequence.objects.get()
    text = f"{{{{ recipient.greeting }}}}\n\nthe programme: {url}. See you"
    titles = ("The fair", "For those who clicked", "Too much")
    templates = [MailTemplateFactory(title_en=title, text_en=text) for title in titles]
    steps: list[dict[str, str]] = [
        {"action": "mail", "template": str(templates[0].pk)},
        {"action": "ask", "days": "1", "question": "clicked", "no": "0"},
        {"action": "mail", "days": "0", "template": str(templates[1].pk)},
        {"action": "mail", "days": "1", "template": str(templates[2].pk)},
    ]
    for step in steps:
        marketing.get_by_role("link", name="Add a step").click()
        send(marketing, **step)
    expect(marketing.locator("main")).to_contain_text("Have they clicked in the last mail?")
    press(marketing, "Start")
    return sequence


def put_in(marketing: Page, sequence: Sequence) -> None:
    press(marketing, "Put a segment in", segment=str(Segment.objects.get().pk))
    expect(marketing.locator("body")).to_contain_text("1 person came in.")
    assert [each.email for each in Enrolment.objects.all()] == [READER]


def read_and_clicked(reader: Page, mail: Any, url: str) -> None:
    """The mail program shows the mail, which fetches its picture; then the link in it is clicked."""
    sent = Send.objects.get()
    with reader.expect_response(re.compile(r"/m/o/")):
        reader.set_content(mail.get_body(("html",)).get_content())
    opened = until(lambda: Send.objects.filter(pk=sent.pk, opened_at__isnull=False).first())
    assert opened.machine_at is None and opened.clicked_at is None
    with reader.expect_navigation():
        reader.locator("a[href*='/m/c/']").first.click()
    assert reader.url == url
    until(lambda: Send.objects.filter(pk=sent.pk, clicked_at__isnull=False).first())


def unsubscribed(reader: Page, mail: Any) -> None:
    reader.goto(link(mail, "/m/u/"))
    expect(reader.locator("main")).to_contain_text("Newsletter")
    with reader.expect_navigation():
        reader.locator("button[value='withdraw:newsletter']").click()
    expect(reader.locator("main")).to_contain_text("Your choice is recorded.")
