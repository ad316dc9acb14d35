"""What a message that came in is to us, and how texts of strangers are made harmless."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from email.header import decode_header
from email.message import Message

from django.utils import timezone

from core.uploads import Upload

IDS = re.compile(r"<[^<>\s]{1,248}>")
WHITE = re.compile(r"\s+")


@dataclass
class Incoming:
    """A message that came in. `to` has everybody it was sent to, `routes` besides them where it was delivered."""

    message_id: str
    sender: str = ""
    sender_name: str = ""
    to: list[str] = field(default_factory=list)
    cc: list[str] = field(default_factory=list)
    routes: list[str] = field(default_factory=list)
    title: str = ""
    text: str = ""
    sent_at: datetime = field(default_factory=timezone.now)
    in_reply_to: str = ""
    references: list[str] = field(default_factory=list)
    automatic: bool = False
    bounce: bool = False
    hops: int = 0
    files: list[Upload] = field(default_factory=list)
    refused: list[list[str]] = field(default_factory=list)


def header(message: Message, name: str) -> str:
    return clean(str(message.get(name, "") or ""))[:20_000]


def decoded(value: str) -> str:
    """Words as RFC 2047 wraps them, in whatever character set they claim to be."""
    try:
        parts = decode_header(value)
    except Exception:  # broken base64, among others
        return value
    return clean("".join(p if isinstance(p, str) else text_of(p, c or "utf-8") for p, c in parts))


def text_of(content: bytes, charset: str) -> str:
    """Bytes as text; a character set that does not exist, or does not fit, loses no more than the letters that do not fit."""
    try:
        return content.decode(charset, errors="replace")
    except (LookupError, ValueError, UnicodeError):
        return content.decode("utf-8", errors="replace")


def clean(text: str) -> str:
    """Without what neither PostgreSQL nor people can read: NUL, halves of characters, other control characters."""
    text = text.encode("utf-8", errors="replace").decode("utf-8")
    return "".join(c for c in text if c >= " " or c in "\n\t\r")
