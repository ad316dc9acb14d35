"""A message as it comes, made into plain values. Whatever it is, this gives an answer: mail is written by strangers."""

import hashlib
import logging
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone
from django.utils.translation import gettext as _

from activities.mail import parts
from activities.mail.incoming import IDS, WHITE, Incoming, clean, decoded, header
from activities.models.mail import ADDRESS
from core import uploads
from core.uploads import Upload

log = logging.getLogger(__name__)

#: Addresses and references of a message that are looked at; hops after which it goes round in circles.
MOST_ADDRESSES, MOST_REFERENCES, MOST_HOPS = 50, 30, 50


def parse(raw: bytes) -> Incoming:
    """Read a message. One that cannot be read at all is kept whole, as a file."""
    fallback = f"<{hashlib.sha256(raw).hexdigest()}@without-id>"
    try:
        message = message_from_bytes(raw, policy=policy.compat32)
        found = _of_headers(message, fallback)
        parts.read_parts(message, found)
    except Exception:  # a parser's bug on hostile bytes must neither stop the mailbox nor lose the message
        log.exception("message cannot be read")
        found = Incoming(fallback, title=_("Message that cannot be read"), text=_("The message is kept as a file."))
        found.files = [Upload("message.eml", "message/rfc822", raw[: uploads.MOST_BYTES])]
    return found


def headers_only(raw: bytes, reason: str) -> Incoming:
    """A message whose body is not fetched: what its headers tell, and why there is no more."""
    found = parse(raw)
    found.text, found.files, found.refused = reason, [], []
    return found


# --- Headers --------------------------------------------------------------------------------------------------------------


def _of_headers(message: Message, fallback: str) -> Incoming:
    references = IDS.findall(header(message, "References"))[-MOST_REFERENCES:]
    answered = IDS.findall(header(message, "In-Reply-To"))[:1]
    ids = IDS.findall(header(message, "Message-ID"))
    senders = _addresses(message, "From") or _addresses(message, "Sender")
    name, sender = senders[0] if senders else ("", "")
    bounce = _is_bounce(message)
    return Incoming(
        message_id=clean(ids[0]) if ids else fallback,
        sender=sender,
        sender_name=clean(name)[:200],
        to=[address for _name, address in _addresses(message, "To")],
        cc=[address for _name, address in _addresses(message, "Cc")],
        routes=_routes(message),
        title=WHITE.sub(" ", decoded(header(message, "Subject"))).strip()[:300],
        sent_at=_date(message),
        in_reply_to=answered[0] if answered else "",
        references=references,
        automatic=bounce or _is_automatic(message),
        bounce=bounce,
        hops=len(message.get_all("Received") or ()),
    )


def _addresses(message: Message, name: str) -> list[tuple[str, str]]:
    """(name, address) of each genuine address of a header."""
    values = [clean(str(value))[:20_000] for value in message.get_all(name) or ()]
    found = []
    for shown, address in getaddresses(values)[:MOST_ADDRESSES]:
        address = address.strip()[:ADDRESS]
        try:
            validate_email(address)
        except ValidationError:
            continue
        found.append((decoded(shown), address))
    return found


def _routes(message: Message) -> list[str]:
    names = ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "Resent-To")
    return [header(message, name) for name in names] + [
        clean(str(v))[:2000] for v in message.get_all("Delivered-To") or ()
    ]


def _date(message: Message) -> datetime:
    """When it was sent; now, where the header says nothing sensible."""
    now = timezone.now()
    try:
        found = parsedate_to_datetime(header(message, "Date"))
        found = found if found.tzinfo else found.replace(tzinfo=UTC)
        found = found.astimezone(UTC)
    except (TypeError, ValueError, OverflowError, IndexError):
        return now
    return found if now - timedelta(days=3650) < found < now + timedelta(days=1) else now


def _is_automatic(message: Message) -> bool:
    """RFC 3834, and what programs wrote before and beside it."""
    said = header(message, "Auto-Submitted").split(";")[0].strip().lower()
    if said and said != "no":
        return True
    if header(message, "Precedence").strip().lower() in ("bulk", "junk", "list", "auto_reply"):
        return True
    return any(name in message for name in ("X-Autoreply", "X-Autorespond", "List-Id", "List-Unsubscribe"))


def _is_bounce(message: Message) -> bool:
    """RFC 3464; or it comes from nobody, as bounces do."""
    report = message.get_content_type() == "multipart/report" and "delivery-status" in header(message, "Content-Type")
    return report or header(message, "Return-Path").strip() == "<>"
