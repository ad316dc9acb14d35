"""To the customer: PDF, e-mail by a real SMTP server, public link."""

import hashlib
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.core.exceptions import PermissionDenied

from core import outbox
from core.access import Customer
from core.lifecycle import Refused
from core.models import Delivery, File
from quotes.links import public_url
from quotes.services import send_quote, tell_of_acceptance, tell_of_refusal
from tests.factories import CompanyFactory, ContactFactory, OpportunityFactory, QuoteFactory


class Inbox:
    """Keeps what the SMTP server is given."""

    def __init__(self) -> None:
        self.letters: list[tuple[list[str], bytes]] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.letters.append((envelope.rcpt_tos, bytes(envelope.content)))
        return "250 OK"

    def mail(self, place: int = -1) -> EmailMessage:
        found = message_from_bytes(self.letters[place][1], policy=policy.default)
        assert isinstance(found, EmailMessage)
        return found


@pytest.fixture
def inbox(settings: Any) -> Iterator[Inbox]:
    """A real SMTP server on the loopback."""
    box = Inbox()
    server = Controller(box, hostname="127.0.0.1", port=0)
    # aiosmtpd connects to itself to see that it runs, so it needs to know the port it was given.
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        server.port = probe.getsockname()[1]
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    yield box
    server.stop()


@pytest.fixture
def approved(cast: Any) -> Any:
    company = CompanyFactory(name="Cliente & Figli S.r.l.")
    contact = ContactFactory(company=company, first_name="Giulia", last_name="Verdi", email="giulia@cliente.example")
    deal = OpportunityFactory(state="proposal", company=company, contact=contact, owner=cast.sales)
    return QuoteFactory(state="approved", opportunity=deal, contact=contact, owner=cast.sales, language="en")


def parts(mail: EmailMessage) -> tuple[str, str, list[Any]]:
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None and html is not None
    return plain.get_content(), html.get_content(), list(mail.iter_attachments())


def test_the_customer_gets_exactly_the_stored_pdf(cast, approved, inbox):
    send_quote(quote=approved, by=cast.sales, message="As agreed <b>yesterday</b>.")
    assert outbox.deliver_due() == 1
    [(recipients, _raw)] = inbox.letters
    mail = inbox.mail()
    text, html, [attachment] = parts(mail)
    assert recipients == ["giulia@cliente.example"]
    assert mail["Reply-To"] == cast.sales.email
    assert approved.number in mail["Subject"]
    content = attachment.get_content()
    assert content == bytes(approved.pdf.content)
    assert hashlib.sha256(content).hexdigest() == approved.pdf.sha256
    assert attachment.get_content_type() == "application/pdf"
    assert attachment.get_filename() == f"Quote-{approved.number.replace(' ', '-').replace('/', '-')}-rev1.pdf"
    assert public_url(approved) in text and public_url(approved) in html
    assert "As agreed <b>yesterday</b>." in text
    assert "As agreed &lt;b&gt;yesterday&lt;/b&gt;." in html
    assert "€2,440.00" in text and "Dear Giulia Verdi," in text
    assert approved.state == "sent" and approved.sent_at is not None


def test_the_mail_is_in_the_customers_language(cast, approved, inbox):
    italian = QuoteFactory(state="approved", opportunity=approved.opportunity, owner=cast.sales, language="it")
    send_quote(quote=italian, by=cast.sales)
    outbox.deliver_due()
    text, _html, [attachment] = parts(inbox.mail())
    assert "2.440,00\u00a0€" in text
    assert "Valido fino al" in text
    assert attachment.get_filename().startswith("Preventivo-PV-")


def test_sending_twice_sends_once(cast, approved, inbox):
    send_quote(quote=approved, by=cast.sales)
    with pytest.raises(Refused):
        send_quote(quote=approved, by=cast.sales)
    outbox.deliver_due()
    outbox.deliver_due()
    assert len(inbox.letters) == 1
    assert File.objects.count() == 1


@pytest.mark.parametrize("state", ["draft", "pending_approval", "accepted", "expired", "superseded"])
def test_only_what_is_approved_is_sent(cast, state):
    quote = QuoteFactory(state=state, owner=cast.sales)
    with pytest.raises(Refused):
        send_quote(quote=quote, by=cast.sales)
    assert not File.objects.exists()
    assert not Delivery.objects.exists()


def test_sending_needs_the_right_and_an_address(cast, approved):
    with pytest.raises(PermissionDenied):
        send_quote(quote=approved, by=cast.accountant)
    approved.contact.email = ""
    approved.contact.save()
    approved.company.email = ""
    approved.company.save()
    with pytest.raises(Refused, match="e-mail"):
        send_quote(quote=approved, by=cast.sales)
    assert not File.objects.exists()


def test_a_bare_verb_without_the_service_prints_nothing_and_is_off_the_pages(cast, approved, client_of):
    response = client_of(cast.sales).post(approved.act_url("send"))
    assert response.status_code == 404
    approved.refresh_from_db()
    assert approved.state == "approved"


def test_an_acceptance_tells_customer_and_owner(cast, approved, inbox):
    send_quote(quote=approved, by=cast.sales)
    anna = Customer("Anna Neri", "anna@cliente.example")
    approved.accept(by=anna, signer_name="Anna Neri", signer_email=anna.email)
    outbox.relay()
    outbox.deliver_due()
    by_recipient = {to[0]: i for i, (to, _raw) in enumerate(inbox.letters)}
    assert set(by_recipient) == {"giulia@cliente.example", "anna@cliente.example", cast.sales.email}
    text, _html, [attachment] = parts(inbox.mail(by_recipient["anna@cliente.example"]))
    assert attachment.get_content() == bytes(approved.pdf.content)
    assert approved.pdf.sha256 in text
    notice, _html, attachments = parts(inbox.mail(by_recipient[cast.sales.email]))
    assert "Anna Neri" in notice and approved.get_absolute_url() in notice and attachments == []


def test_reactions_repeated_write_nobody_twice(cast, approved):
    send_quote(quote=approved, by=cast.sales)
    approved.accept(by=Customer("Anna"), signer_name="Anna", signer_email="anna@cliente.example")
    from core.models import Event

    event = Event.objects.about(approved).first()
    for _turn in range(3):
        tell_of_acceptance(event)
    assert Delivery.objects.count() == 3


def test_a_refusal_tells_the_owner_why(cast, approved, inbox):
    send_quote(quote=approved, by=cast.sales)
    approved.decline(by=Customer("Cliente"), reason="Troppo caro")
    outbox.relay()
    outbox.deliver_due()
    last = inbox.mail()
    assert last["To"] == cast.sales.email
    assert "Troppo caro" in parts(last)[0]


def test_a_quote_without_owner_tells_nobody_and_breaks_nothing(db):
    quote = QuoteFactory(state="sent", owner=None)
    quote.decline(by=Customer("Cliente"), reason="No")
    from core.models import Event

    tell_of_refusal(Event.objects.about(quote).first())
    assert not Delivery.objects.exists()
