"""The mailbox that answers come back to, read by IMAP: what is new is taken in, then marked as read.

`MAILBOX_URL` names it: imaps://user:password@host:993/INBOX; imap+tls:// for STARTTLS, imap:// without encryption. It should be
a box of its own: what a person has read there before is taken for done. The server's certificate is judged by the CAs of the
system, or by `MAILBOX_CA`, a PEM file with the CA or the certificate of a server that has made its own.
"""

import imaplib
import logging
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext as _

from activities.mail import parsing, receiving
from activities.mail.receiving import MOST_BYTES, Outcome

log = logging.getLogger(__name__)

#: Messages of one turn, seconds a server has to answer.
MOST_MESSAGES, TIMEOUT = 200, 30
_PORTS = {"imap": 143, "imap+tls": 143, "imaps": 993}
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")


@dataclass(frozen=True)
class Box:
    """Where the mailbox is."""

    scheme: str
    host: str
    port: int
    user: str
    password: str
    folder: str


def box_of(url: str) -> Box:
    """Read `MAILBOX_URL`; raises `ImproperlyConfigured`, without repeating the password."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ImproperlyConfigured("MAILBOX_URL cannot be read.") from error
    if parts.scheme not in _PORTS or not parts.hostname or not parts.username:
        raise ImproperlyConfigured("MAILBOX_URL has to be imaps://user:password@host/INBOX (or imap+tls://, imap://).")
    user, password = unquote(parts.username), unquote(parts.password or "")
    folder = unquote(parts.path.strip("/")) or "INBOX"
    return Box(parts.scheme, parts.hostname, port or _PORTS[parts.scheme], user, password, folder)


def read() -> int:
    """Take in what is new, oldest first. Returns how many messages were kept; nothing happens without a mailbox.

    A message that could not be stored stays unread and is tried again at the next turn; the others are not held up.
    """
    if not settings.MAILBOX_URL:
        return 0
    try:
        with _opened(box_of(settings.MAILBOX_URL)) as connection:
            return sum(_take(connection, number) for number in _unread(connection))
    except (imaplib.IMAP4.error, OSError) as error:
        log.warning("mailbox cannot be read", extra={"error": why(error)})
        return 0


def waiting() -> int:
    """How many messages wait to be taken in; raises what keeps the mailbox from being read."""
    with _opened(box_of(settings.MAILBOX_URL)) as connection:
        return len(_unread(connection))


def why(error: Exception) -> str:
    """What keeps the mailbox from being read, and what can be done about it."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            f"The certificate of the mail server is refused ({error.verify_message}). If the server is the right one,"
            " put its certificate or its CA into a PEM file and name that in MAILBOX_CA."
        )
    if isinstance(error, ssl.SSLError):
        return f"No encrypted line to the mail server: {error}"[:500]
    return str(error)[:500]


def _trusted() -> ssl.SSLContext:
    """Who may be the mail server: named by the address, and vouched for by the system's CAs or by `MAILBOX_CA` alone."""
    if not settings.MAILBOX_CA:
        return ssl.create_default_context()
    try:
        context = ssl.create_default_context(cafile=settings.MAILBOX_CA)
    except OSError as error:  # ssl.SSLError is one
        raise OSError(f"MAILBOX_CA cannot be read: {settings.MAILBOX_CA} ({error})") from error
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # a pinned certificate need not be a CA's
    return context


@contextmanager
def _opened(box: Box) -> Iterator[imaplib.IMAP4]:
    if box.scheme == "imaps":
        connection: imaplib.IMAP4 = imaplib.IMAP4_SSL(box.host, box.port, ssl_context=_trusted(), timeout=TIMEOUT)
    else:
        connection = imaplib.IMAP4(box.host, box.port, timeout=TIMEOUT)
    try:
        if box.scheme == "imap+tls":
            connection.starttls(_trusted())
        connection.login(box.user, box.password)
        folder = box.folder.replace("\\", "\\\\").replace('"', '\\"')
        answer, _data = connection.select(f'"{folder}"')
        if answer != "OK":
            raise imaplib.IMAP4.error(f"no folder {box.folder}")
        yield connection
    finally:
        with suppress(imaplib.IMAP4.error, OSError):
            connection.logout()


def _unread(connection: imaplib.IMAP4) -> list[str]:
    _answer, data = connection.uid("SEARCH", "UNSEEN")
    numbers = (data[0] or b"").split() if data else []
    return [number.decode() for number in numbers[:MOST_MESSAGES]]


def _take(connection: imaplib.IMAP4, number: str) -> bool:
    """Keep one message and mark it as read, in this order: what breaks off in between is known by its Message-ID."""
    try:
        outcome = _kept(connection, number)
    except Exception:  # the next messages have a right to be read
        log.exception("mail could not be kept", extra={"uid": number})
        return False
    connection.uid("STORE", number, "+FLAGS", r"(\Seen)")
    return outcome is Outcome.KEPT


def _kept(connection: imaplib.IMAP4, number: str) -> Outcome:
    size = _size(connection, number)
    if size > MOST_BYTES:
        words = {"n": size // 1024 // 1024}
        reason = _("The message has %(n)d MB and was left in the mailbox.") % words
        found = parsing.headers_only(_fetch(connection, number, "(BODY.PEEK[HEADER])"), reason)
        return receiving.keep(found)[0]
    return receiving.take_in(_fetch(connection, number, "(BODY.PEEK[])"))[0]


def _size(connection: imaplib.IMAP4, number: str) -> int:
    _answer, data = connection.uid("FETCH", number, "(RFC822.SIZE)")
    found = _SIZE.search(b" ".join(_lines(data)))
    return int(found.group(1)) if found else 0


def _fetch(connection: imaplib.IMAP4, number: str, what: str) -> bytes:
    answer, data = connection.uid("FETCH", number, what)
    for item in data or ():
        if isinstance(item, tuple):
            return bytes(item[1])
    raise imaplib.IMAP4.error(f"no message {number}: {answer}")


def _lines(data: object) -> list[bytes]:
    items = data if isinstance(data, list) else []
    return [
        part for item in items for part in (item if isinstance(item, tuple) else (item,)) if isinstance(part, bytes)
    ]
