"""Asking the EU whether a VAT number exists and whose it is (VIES). Off until `VIES_URL` is set: digits are checked offline."""

import json
import re
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any
from urllib.request import urlopen

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from core.lifecycle import Refused
from parties.matching import plain_vat_number
from parties.validators import validate_vat_number

#: Seconds that somebody who waits for the answer is asked to wait.
TIMEOUT = 6.0
#: Bytes of an answer; theirs have a few hundred.
LONGEST = 20_000
#: "VIA ROMA 1 \n20121 MILANO MI": the last line of an Italian address.
_ITALIAN_TOWN = re.compile(r"(?P<postcode>\d{5})\s+(?P<city>.+?)\s+(?P<province>[A-Z]{2})")


@dataclass(frozen=True)
class Registered:
    """What VIES says of a number: empty texts where a country does not tell."""

    company_name: str = ""
    street: str = ""
    postcode: str = ""
    city: str = ""
    province: str = ""
    country: str = ""


def is_on() -> bool:
    return bool(settings.VIES_URL)


def ask(vat_number: str) -> Registered:
    """Whose number it is. Raises `Refused` where it is nobody's, or where VIES cannot say."""
    country, number = _parts(vat_number)
    if not is_on():
        raise Refused(_("VIES is not set up here."))
    try:
        # The address is the administrator's, the country and the number were checked.
        with urlopen(f"{settings.VIES_URL.rstrip('/')}/ms/{country}/vat/{number}", timeout=TIMEOUT) as answer:  # noqa: S310
            found = _json(answer.read(LONGEST))
    except (OSError, HTTPException, ValueError) as error:
        raise Refused(_("VIES does not answer just now. The number itself is well formed.")) from error
    if not isinstance(found.get("isValid"), bool) or found.get("userError") not in _ANSWERED:
        raise Refused(_("VIES does not answer just now. The number itself is well formed."))
    if not found["isValid"]:
        raise Refused(_("VIES does not know this number: nobody trades across the EU under it."))
    return _registered(country, found)


#: What `userError` says where the country has answered; anything else is trouble on the way.
_ANSWERED = (None, "", "VALID", "INVALID")


def _parts(vat_number: str) -> tuple[str, str]:
    """("IT", "00743110157"); raises `Refused` where the check digits are wrong: nobody needs to be asked."""
    plain = plain_vat_number(vat_number)
    try:
        validate_vat_number(plain)
    except ValidationError as error:
        raise Refused(*error.messages) from error
    return ("IT", plain) if plain.isdigit() else (plain[:2], plain[2:])


def _json(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _registered(country: str, found: dict[str, Any]) -> Registered:
    """Countries that do not tell write "---"."""
    name, lines = _clean(found.get("name")), [_clean(line) for line in str(found.get("address") or "").splitlines()]
    lines = [line for line in lines if line]
    town = _ITALIAN_TOWN.fullmatch(lines[-1]) if lines and country == "IT" else None
    if town is None:
        return Registered(name, street=", ".join(lines)[:200], country=country)
    parts = town.groupdict()
    street = ", ".join(lines[:-1]).title()
    return Registered(name, street[:200], parts["postcode"], parts["city"].title()[:100], parts["province"], country)


def _clean(value: Any) -> str:
    text = " ".join("".join(c if c.isprintable() else " " for c in str(value or "")).split())
    return "" if not text.strip("-") else text[:200]
