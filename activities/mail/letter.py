"""An e-mail as a message: its identity, its headers, and the address by which answers find back to it."""

import re
from email.utils import formataddr
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.crypto import constant_time_compare, salted_hmac

from core import identity

_SALT = "activities.mail.reply"
#: Hexadecimal digits of the signature: 80 bits, and the address stays below 64 characters before its @.
_SIGNED = 20
_TOKEN = re.compile(rf"\+([0-9a-f]{{1,15}})-([0-9a-f]{{{_SIGNED}}})@", re.IGNORECASE)


def own_address() -> str:
    """The address our mail comes from, without a name."""
    return settings.DEFAULT_FROM_EMAIL.rpartition("<")[2].strip("> ").lower()


def new_message_id() -> str:
    """Not to be guessed: an answer is also known by the message it names."""
    return f"<zen.{uuid4().hex}@{own_address().rpartition('@')[2] or 'localhost'}>"


def reply_address(pk: int) -> str:
    """Where answers to this e-mail come back by themselves; "" without a mailbox."""
    name, _at, domain = settings.MAIL_REPLY_ADDRESS.rpartition("@")
    return f"{name}+{pk:x}-{_signature(pk)}@{domain}" if name else ""


def answered(addresses: list[str]) -> int | None:
    """The id of the e-mail that one of these addresses is the signed answer to; None where none is genuine."""
    for address in addresses:
        for number, signed in _TOKEN.findall(address):
            pk = int(number, 16)
            if constant_time_compare(_signature(pk), signed.lower()):
                return pk
    return None


def is_ours(address: str) -> bool:
    """Whether mail to this address comes to ourselves."""
    name, _at, domain = settings.MAIL_REPLY_ADDRESS.lower().rpartition("@")
    mine = (
        bool(name) and address.lower().endswith(f"@{domain}") and address.lower().startswith((f"{name}+", f"{name}@"))
    )
    return mine or address.lower() == own_address()


def _signature(pk: int) -> str:
    return salted_hmac(_SALT, str(pk), algorithm="sha256").hexdigest()[:_SIGNED]


def message_of(email: Any) -> EmailMultiAlternatives:
    """The message that goes out: text, the same as a simple page, and the files."""
    headers = {"Message-ID": email.message_id}
    if email.in_reply_to:
        headers |= {"In-Reply-To": email.in_reply_to, "References": " ".join(email.references)}
    reply_to = reply_address(email.pk) or (email.owner.email if email.owner else "")
    message = EmailMultiAlternatives(
        subject=email.title,
        body=email.text,
        from_email=formataddr((email.sender_name, own_address())),
        to=email.to,
        cc=email.cc,
        reply_to=[formataddr((email.sender_name, reply_to))] if reply_to else None,
        headers=headers,
    )
    with translation.override(email.language):
        context = {
            "heading": email.title,
            "text": email.text,
            "language": email.language,
            "company": identity.own(),
        }
        message.body = render_to_string("activities/mail/letter.txt", context).strip() + "\n"
        message.attach_alternative(render_to_string("activities/mail/letter.html", context), "text/html")
    for file in email.files.all():
        message.attach(file.name, file.read(), file.mime)
    return message


def signature_of(user: Any) -> str:
    """What stands below a letter of this user's."""
    lines = [str(user), identity.own().name, getattr(user, "phone", "")]
    return "\n".join(line for line in lines if line)
