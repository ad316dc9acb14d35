"""The body of a message: its text, and its files, each judged as an uploaded one is."""

import logging
import re
from collections.abc import Iterator
from email.message import Message
from html.parser import HTMLParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.utils.translation import gettext as _

from activities.mail.incoming import IDS, WHITE, Incoming, clean, decoded, header, text_of
from activities.models.mail import LONGEST
from core import uploads

log = logging.getLogger(__name__)

#: Parts and files of a message that are looked at.
MOST_PARTS, MOST_FILES = 200, 30
_RETURNED = re.compile(r"^message-id:\s*(<[^<>\s]{1,248}>)", re.IGNORECASE | re.MULTILINE)
_ENDINGS = {
    "application/pdf": "pdf",
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/gif": "gif",
    "text/plain": "txt",
    "text/csv": "csv",
    "message/rfc822": "eml",
}


def read_parts(message: Message, found: Incoming) -> None:
    """Text, else what a web page says; every other part is a file, if it is of a kind that is kept."""
    plain: list[str] = []
    pages: list[str] = []
    for part in _leaves(message):
        kind = part.get_content_type()
        if found.bounce and kind in ("message/rfc822", "text/rfc822-headers"):
            found.references += _returned(part)
        if kind == "message/delivery-status":
            plain.append(_report(part))
        elif kind in ("text/plain", "text/html") and not _is_file(part):
            (plain if kind == "text/plain" else pages).append(_text(part))
        else:
            _keep(part, kind, found)
    text = "\n\n".join(t for t in plain if t.strip()) or "\n\n".join(plain_text(page) for page in pages)
    found.text = clean(text).replace("\r\n", "\n").strip()[:LONGEST]


def _returned(part: Message) -> list[str]:
    """The message that did not arrive, by its id: a bounce carries it, or its headers."""
    inner = part.get_payload()
    if isinstance(inner, list) and inner and isinstance(inner[0], Message):
        return IDS.findall(header(inner[0], "Message-ID"))[:1]
    return _RETURNED.findall(_text(part)[:100_000])[:1]


def _report(part: Message) -> str:
    """What a mail server says of a message that it could not deliver."""
    groups = part.get_payload()
    lines = [
        f"{name}: {clean(str(value))[:500]}"
        for group in (groups if isinstance(groups, list) else ())[:20]
        if isinstance(group, Message)
        for name, value in group.items()
        if name.lower() in ("final-recipient", "status", "diagnostic-code")
    ]
    return "\n".join(lines)


def _leaves(message: Message) -> Iterator[Message]:
    """The parts that have no parts, by a stack of our own: nesting is the sender's choice. A mail in a mail is one file."""
    stack, seen = [message], 0
    while stack and seen < MOST_PARTS:
        part = stack.pop()
        seen += 1
        if part.is_multipart() and part.get_content_maintype() != "message":
            stack += reversed([p for p in part.get_payload() if isinstance(p, Message)])
        else:
            yield part


def _is_file(part: Message) -> bool:
    return part.get_content_disposition() == "attachment" or bool(part.get_filename())


def _text(part: Message) -> str:
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return ""
    return text_of(content[: 4 * LONGEST], str(part.get_content_charset() or "utf-8"))


def _keep(part: Message, kind: str, found: Incoming) -> None:
    """Judge one file as an uploaded one is judged; what is not kept is named, with the reason."""
    if kind == "message/rfc822":
        inner = part.get_payload()
        content = inner[0].as_bytes() if isinstance(inner, list) and inner and isinstance(inner[0], Message) else b""
    else:
        payload = part.get_payload(decode=True)
        content = payload if isinstance(payload, bytes) else b""
    name = _name(part, kind)
    if len(found.files) >= MOST_FILES:
        found.refused.append([name, _("There are more than %(n)d files.") % {"n": MOST_FILES}])
        return
    try:
        found.files.append(uploads.check(ContentFile(content, name=name)))
    except ValidationError as error:
        found.refused.append([name, " ".join(error.messages)])


def _name(part: Message, kind: str) -> str:
    """As the sender calls it, without its folders; else by its type."""
    try:
        given = part.get_filename() or ""
    except Exception:  # RFC 2231 gone wrong
        given = ""
    name = WHITE.sub(" ", decoded(clean(given))).replace("\\", "/").rpartition("/")[2].strip()[:150]
    ending = _ENDINGS.get(kind, "bin")
    if not name or set(name) <= {".", " "}:
        name = _("attachment")
    return name if "." in name else f"{name}.{ending}"


class _Reader(HTMLParser):
    """The words of a web page: blocks become lines, scripts and styles nothing."""

    SILENT = frozenset(("script", "style", "head", "title", "template"))
    BLOCKS = frozenset(
        (
            "p",
            "div",
            "br",
            "tr",
            "table",
            "ul",
            "ol",
            "li",
            "h1",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
            "hr",
            "blockquote",
            "pre",
        )
    )

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag in self.SILENT:
            self.silent += 1
        elif tag in self.BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in self.SILENT:
            self.silent = max(0, self.silent - 1)
        elif tag in self.BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.parts.append(WHITE.sub(" ", data))


def plain_text(page: str) -> str:
    """What a web page says, as plain text: nothing of it is ever shown as a page."""
    reader = _Reader()
    try:
        reader.feed(page)
        reader.close()
    except Exception:  # what was read until there is kept
        log.info("a web page in a mail breaks off")
    lines = [line.strip() for line in "".join(reader.parts).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
