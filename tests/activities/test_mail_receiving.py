"""Answers come back to the record: by a real SMTP and a real IMAP server, by a pipe, and whatever strangers send."""

import smtplib
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse

from activities import mailbox
from activities.mail import filing, letter, parsing, receiving, sending
from activities.models import Email, Notification
from core import outbox
from core.access import JOB
from core.lifecycle import Refused
from core.models import Webhook
from tests.activities.mails import PDF, answer, message, taken
from tests.factories import CompanyFactory, ContactFactory, LeadFactory, QuoteFactory
from tests.servers import imap_server, mail_server, post_office

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def addresses(settings):
    settings.DEFAULT_FROM_EMAIL = "ZenCRM <crm@aquaflux.example>"
    settings.MAIL_REPLY_ADDRESS = "crm@aquaflux.example"


@pytest.fixture(scope="module")
def box():
    with imap_server() as found:
        yield found


@pytest.fixture
def lead(cast):
    return LeadFactory(owner=cast.sales, email="giulia@cliente.example", company_name="Cliente S.r.l.")


@pytest.fixture
def sent(cast, lead):
    return sending.send_email(subject=lead, by=cast.sales, to=[lead.email], title="Pumps", text="Do you need pumps?")


# --- Round trip -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["lead", "company", "quote"])
def test_there_and_back_by_real_servers(cast, client_of, box, settings, kind):
    record = {
        "lead": lambda: LeadFactory(owner=cast.sales),
        "company": lambda: CompanyFactory(owner=cast.sales),
        "quote": lambda: QuoteFactory(owner=cast.sales, state="sent"),
    }[kind]()
    client = client_of(cast.sales)
    url = reverse("activities:email_about", args=[record._meta.app_label, record._meta.model_name, record.pk])
    with mail_server() as (smtp, port):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        client.post(url, {"to": "giulia@cliente.example", "title": "Pumps", "text": "Pumps?", "language": "en"})
        outbox.deliver_due()
    went = parsing.parse(smtp.messages[0])
    reply_to = smtp.messages[0].decode().split("Reply-To: ")[1].splitlines()[0]
    reply = message("Yes, see the drawing.", To=reply_to, In_Reply_To=went.message_id)
    reply.add_attachment(PDF, maintype="application", subtype="pdf", filename="Disegno è.pdf")
    with post_office(box) as port, smtplib.SMTP("127.0.0.1", port) as customer:
        customer.send_message(reply)
    settings.MAILBOX_URL = box.url
    assert mailbox.read() == 1
    assert mailbox.read() == 0
    assert box.unread() == 0
    back = Email.objects.get(direction="in")
    assert back.subject == record and back.owner == cast.sales
    page = client.get(f"{record.get_absolute_url()}?kind=mail").text
    assert "Yes, see the drawing." in page and "Giulia Verdi" in page
    file = back.files.get()
    download = client.get(reverse("activities:email_file", args=[back.pk, file.pk]))
    assert download.content == PDF and download.headers["Content-Disposition"].startswith("attachment")
    told = Notification.objects.get(user=cast.sales)
    assert (told.kind, told.actor_name, told.subject) == ("mail", "Giulia Verdi", back)
    assert client.get(back.get_absolute_url()).status_code == 200


def test_one_bad_message_does_not_hold_up_the_others(box, settings, monkeypatch):
    settings.MAILBOX_URL = box.url
    box.empty()
    box.put(message("first").as_bytes())
    box.put(message("second").as_bytes())
    keep = receiving.keep

    def fails(found):
        if found.text == "first":
            raise RuntimeError("the disk is full")
        return keep(found)

    monkeypatch.setattr(receiving, "keep", fails)
    assert mailbox.read() == 1
    assert box.unread() == 1  # tried again
    monkeypatch.setattr(receiving, "keep", keep)
    assert mailbox.read() == 1
    assert box.unread() == 0


def test_what_is_too_large_stays_in_the_mailbox_and_is_told_of(box, settings, monkeypatch, lead):
    settings.MAILBOX_URL = box.url
    box.empty()
    monkeypatch.setattr(mailbox, "MOST_BYTES", 2000)
    box.put(message("x" * 3000).as_bytes())
    assert mailbox.read() == 1
    email = Email.objects.get()
    assert "left in the mailbox" in email.text and email.subject == lead


def test_a_mailbox_that_is_away_or_locked_stops_nothing(settings, box):
    settings.MAILBOX_URL = ""
    assert mailbox.read() == 0
    settings.MAILBOX_URL = "imap://a:b@127.0.0.1:1/INBOX"
    assert mailbox.read() == 0
    settings.MAILBOX_URL = box.url.replace("demopass", "wrong")
    assert mailbox.read() == 0
    settings.MAILBOX_URL = box.url.replace("INBOX", "Nowhere")
    assert mailbox.read() == 0


@pytest.mark.parametrize("url", ["pop3://a:b@c/", "imaps://host/", "imaps://a:secret@host:port/", "nonsense"])
def test_a_wrong_address_of_the_mailbox_is_said_without_its_password(url):
    with pytest.raises(ImproperlyConfigured) as error:
        mailbox.box_of(url)
    assert "secret" not in str(error.value)


def test_the_address_of_the_mailbox_is_read():
    box = mailbox.box_of("imaps://crm%40a.example:p%2Fw@mail.example/Some/Folder")
    assert (box.port, box.user, box.password, box.folder) == (993, "crm@a.example", "p/w", "Some/Folder")


@pytest.mark.django_db(transaction=True)
def test_by_a_pipe(cast, process_environ):
    """A program of its own, as a mail server starts it."""
    lead = LeadFactory(owner=cast.sales, email="giulia@cliente.example")
    command = [sys.executable, "manage.py", "receive_mail"]
    raw = message().as_bytes()
    for expected in ("kept", "known already"):
        done = subprocess.run(command, input=raw, env=process_environ, capture_output=True, timeout=120)
        assert done.returncode == 0, done.stderr.decode()
        assert expected in done.stdout.decode()
    assert Email.objects.get().subject == lead
    assert subprocess.run(command, input=b"", env=process_environ, capture_output=True, timeout=120).returncode == 65


# --- Where it belongs -----------------------------------------------------------------------------------------------------


def test_the_signed_address_decides_also_when_a_colleague_answers(sent, lead):
    assert taken(answer(sent, From="ugo@altrove.example")).subject == lead
    assert taken(message("cc", Cc=f"Sales <{letter.reply_address(sent.pk)}>", To="x@y.example")).subject == lead
    assert taken(message("bcc", Delivered_To=letter.reply_address(sent.pk).upper())).subject == lead


def test_so_do_the_messages_it_names(sent, lead):
    by_answer = taken(message("a", From="ugo@altrove.example", In_Reply_To=sent.message_id))
    assert by_answer.subject == lead
    assert taken(message("b", From="x@y.example", References=f"<0@x> {by_answer.message_id}")).subject == lead


def test_a_wrong_address_counts_for_nothing(sent, cast):
    forged = letter.reply_address(sent.pk).replace("-", "-0")[: -len("@aquaflux.example") - 1] + "@aquaflux.example"
    email = taken(message(To=forged, From="stranger@nowhere.example", Subject="Re: Pumps"))
    assert email.subject is None and email.owner is None


def test_else_the_sender_is_looked_for(cast, lead):
    assert taken(message("a", From="GIULIA@Cliente.Example")).subject == lead
    company = CompanyFactory(email="info@cliente.example", owner=cast.sales2)
    assert taken(message("b", From="info@cliente.example")).subject == company
    person = ContactFactory(email="giulia@cliente.example", company=company)
    email = taken(message("c"))
    assert email.subject == person
    assert taken(message("d", From="ulia@cliente.example")).subject is None


def test_mail_without_a_record_waits_and_is_put_on_one_by_hand(cast, client_of, lead):
    email = taken(message(From="Ugo <ugo@altrove.example>", Subject="Unknown person"))
    assert email.subject is None
    url = reverse("activities:email_attach", args=[email.pk])
    for user in (cast.sales, cast.buyer):
        assert "Unknown person" not in client_of(user).get("/mail/?unfiled=true").text
        assert client_of(user).get(email.get_absolute_url()).status_code == 404
        assert client_of(user).get(url).status_code == 404
        assert client_of(user).post(url, {"record": lead.get_absolute_url()}).status_code == 404
    client = client_of(cast.marketing)
    assert "Unknown person" in client.get("/mail/?unfiled=true").text
    assert lead.get_absolute_url() in client.get(url, {"q": "Cliente"}).text
    for wrong in ("", "/", "/leads/", "/leads/999999/", f"/mail/{email.pk}/", "/people/employees/1/", "\0"):
        assert client.post(url, {"record": wrong}).status_code == 404, wrong
    assert client.post(url, {"record": lead.get_absolute_url()}).status_code == 302
    email.refresh_from_db()
    assert email.subject == lead and email.owner == cast.sales
    assert "Unknown person" in client_of(cast.sales).get(lead.get_absolute_url()).text
    # What answers it goes to the same record.
    assert taken(message("again", From="x@y.example", In_Reply_To=email.message_id)).subject == lead


def test_only_to_records_that_the_user_sees(cast, client_of):
    email = taken(message(To=cast.sales.email, From="ugo@altrove.example"))
    theirs = LeadFactory(owner=cast.sales2)
    client = client_of(cast.sales)
    assert client.get(email.get_absolute_url()).status_code == 200  # it was sent to them
    url = reverse("activities:email_attach", args=[email.pk])
    assert client.post(url, {"record": theirs.get_absolute_url()}).status_code == 404
    mine = LeadFactory(owner=cast.sales)
    assert client.post(url, {"record": mine.get_absolute_url()}).status_code == 302
    with pytest.raises(Refused):
        filing.attach(email=email, subject=Webhook(pk=1), by=JOB)
