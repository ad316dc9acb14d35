"""JSON as it comes in: small, shallow, without what PostgreSQL or we could choke on; numbers stay exact."""

import json
from decimal import Decimal
from typing import Any, NoReturn

from django.utils.translation import gettext as _
from rest_framework.parsers import BaseParser

from core.api.problems import Problem

#: Bytes of a body where a view does not take more, levels of nesting, values in all.
LARGEST, DEEPEST, MOST = 1024 * 1024, 12, 20_000


class JsonParser(BaseParser):
    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        """The JSON value of the body; 400 with a reason for anything else, 413 for too much of it."""
        raw = _read(stream, getattr((parser_context or {}).get("view"), "largest", LARGEST))
        try:
            found = json.loads(raw.decode(), parse_float=Decimal, parse_constant=_no_number)
        except RecursionError as error:
            raise Problem(400, _("The JSON is nested too deeply.")) from error
        except ValueError as error:
            raise Problem(400, _("The body is no JSON: %(error)s") % {"error": error}) from error
        _check(found)
        return found


def _read(stream: Any, largest: int) -> bytes:
    length = getattr(stream, "META", {}).get("CONTENT_LENGTH") or "0"
    if length.isdigit() and int(length) > largest:
        raise _too_large(largest)
    raw: bytes = stream.read(largest + 1)
    if len(raw) > largest:
        raise _too_large(largest)
    return raw


def _too_large(largest: int) -> Problem:
    return Problem(413, _("At most %(n)d bytes.") % {"n": largest})


def _no_number(text: str) -> NoReturn:
    raise ValueError(text)


def _check(found: Any) -> None:
    """No NUL, no half characters, no abyss; walked without recursion."""
    waiting, seen = [(found, 0)], 0
    while waiting:
        value, depth = waiting.pop()
        seen += 1
        if depth > DEEPEST:
            raise Problem(400, _("The JSON is nested too deeply."))
        if seen > MOST:
            raise Problem(400, _("The JSON has too many values."))
        if isinstance(value, str):
            _check_text(value)
        elif isinstance(value, list):
            waiting += [(item, depth + 1) for item in value]
        elif isinstance(value, dict):
            waiting += [(item, depth + 1) for pair in value.items() for item in pair]


def _check_text(text: str) -> None:
    if "\0" in text:
        raise Problem(400, _("A text contains the character NUL."))
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise Problem(400, _("A text contains half a character.")) from error
