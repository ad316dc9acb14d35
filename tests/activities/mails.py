"""Mail as customers' programs write it."""

from email.message import EmailMessage

from activities.mail import letter
from activities.mail.receiving import Outcome, take_in

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n"


def message(text="Yes, please.", **headers):
    """A mail as a customer's program writes it."""
    found = EmailMessage()
    known = {"From": "Giulia Verdi <giulia@cliente.example>", "To": "crm@aquaflux.example", "Subject": "Re: Pumps"}
    for name, value in (
        known | {"Message-ID": f"<{abs(hash(text + str(headers)))}@cliente.example>"} | headers
    ).items():
        if value:
            found[name.replace("_", "-")] = value
    found.set_content(text)
    return found


def answer(sent, text="Yes, please.", **headers):
    return message(text, **({"To": letter.reply_address(sent.pk)} | headers))


def taken(mail):
    outcome, email = take_in(mail.as_bytes() if isinstance(mail, EmailMessage) else mail)
    assert outcome is Outcome.KEPT
    return email
