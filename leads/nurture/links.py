"""Addresses in our mails. Each is signed: nobody makes one up, or turns the one they got into somebody else's.

What a link may do is part of what is signed, so that the address of the picture in a mail withdraws no consent.
"""

import re
from collections.abc import Iterable

from django.conf import settings
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

_SALT = "leads.nurture."
#: Hexadecimal digits of the signature: 128 bits.
_SIGNED = 32
_TOKEN = re.compile(rf"([0-9a-f]{{1,15}})(?:\.([0-9a-f]{{1,3}}))?-([0-9a-f]{{{_SIGNED}}})")
#: Keys of deliveries, from which the mail server's Message-ID is made.
_MESSAGE = re.compile(r"<nurture-([0-9a-f.-]{1,60})@")


def token(use: str, pk: int, number: int | None = None) -> str:
    """A name for one mail, and one link of it, that opens this use only."""
    return f"{_name(pk, number)}-{_signature(use, pk, number)}"


def read(use: str, text: str) -> tuple[int, int] | None:
    """(id of the mail, number of the link) of a genuine token; None for any other text."""
    found = _TOKEN.fullmatch(text)
    if found is None:
        return None
    pk, number = int(found.group(1), 16), int(found.group(2), 16) if found.group(2) else None
    old = settings.SECRET_KEY_FALLBACKS
    if _name(pk, number) != text.rpartition("-")[0]:  # one spelling, so that a link is one address
        return None
    if any(constant_time_compare(_signature(use, pk, number, key), found.group(3)) for key in (None, *old)):
        return pk, number or 0
    return None


def _name(pk: int, number: int | None) -> str:
    return f"{pk:x}" if number is None else f"{pk:x}.{number:x}"


def _signature(use: str, pk: int, number: int | None, secret: str | bytes | None = None) -> str:
    return salted_hmac(_SALT + use, _name(pk, number), secret=secret, algorithm="sha256").hexdigest()[:_SIGNED]


# --- Addresses ------------------------------------------------------------------------------------------------------------


def preferences(pk: int) -> str:
    """The page on which the receiver says what they agree to."""
    return _address("choices", token("choices", pk))


def one_click(pk: int) -> str:
    """What a mail program calls when its user clicks on "unsubscribe" (RFC 8058)."""
    return _address("unsubscribe", token("choices", pk))


def click(pk: int, number: int) -> str:
    return _address("click", token("click", pk, number))


def picture(pk: int) -> str:
    return _address("opened", token("open", pk))


def trial() -> str:
    """The address in a trial mail: there is nobody whose consent it could change."""
    return _address("choices", "trial")


def _address(name: str, text: str) -> str:
    return f"{settings.BASE_URL}{reverse(f'leads:mail_{name}', args=[text])}"


# --- Messages -------------------------------------------------------------------------------------------------------------


def key(pk: int) -> str:
    """The key of the mail's delivery; its Message-ID cannot be guessed."""
    return f"nurture-{token('message', pk)}"


def answered(ids: Iterable[str]) -> int | None:
    """The mail that one of these Message-IDs names, None where none is ours."""
    for text in ids:
        found = _MESSAGE.match(text)
        if found and (named := read("message", found.group(1))):
            return named[0]
    return None
