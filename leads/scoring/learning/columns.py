"""What kind of field a column of a table is, judged by all that is written in it."""

import re
from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext_noop

from core.imports.detect import format_of
from leads.scoring.learning import fields, values
from leads.scoring.learning.fields import Field

#: From this share of different values on, a text is a name or a key, which tells nothing of others.
_MOSTLY_DIFFERENT = 0.5
_FEW = 30
#: Words per value from which on a text is read word by word.
_WORDY = 1.5
_KEY_NAME = re.compile(
    r"(^|[\W_])(id|uuid|guid|key|code|number|no|nr|num|numero|codice|chiave|riga|row|index|idx)($|[\W_\d])"
)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")

CONSTANT = gettext_noop("left out: it is the same everywhere")
KEY = gettext_noop("left out: a key or a name, different in every row")
DAYS = gettext_noop("left out: days, which tell nothing of days to come")


def field_of(name: str, texts: Sequence[str]) -> Field | str:
    """The field of a column of texts, or why it takes no part: `CONSTANT`, `KEY`, or `DAYS` and how they are written."""
    filled = [text for text in texts if values.says_something(text)]
    different = {values.level(text) for text in texts}
    if len(different) < 2:
        return CONSTANT
    mark = values.mark_of(filled)
    if mark == "d":
        return DAYS
    if mark and not _is_code(filled):
        return _number(name, filled, mark, len({values.level(text) for text in filled}))
    return _text(name, texts, filled)


def _number(name: str, filled: Sequence[str], mark: str, different: int) -> Field | str:
    found = [n for n in (values.number(text, mark) for text in filled) if n is not None]
    if different <= 2:
        return fields.level_field(name, fields.CHOICE, [values.level(text) for text in filled])
    if different == len(filled) > _FEW and _is_key(name, found):
        return KEY
    return fields.number_field(name, found, mark)


def _is_key(name: str, found: Sequence[float]) -> bool:
    """Whole numbers, each but once: a key if it is called so, or counts the rows."""
    if any(not n.is_integer() for n in found):
        return False
    span = max(found) - min(found) + 1
    in_order = list(found) == sorted(found) or list(found) == sorted(found, reverse=True)
    return bool(_KEY_NAME.search(_CAMEL.sub(" ", name).casefold())) or in_order or len(found) / span > _MOSTLY_DIFFERENT


def _is_code(filled: Sequence[str]) -> bool:
    """Figures with noughts in front (postcodes, article numbers) are names, not quantities."""
    led = sum(text.strip().startswith("0") and text.strip().isdigit() and len(text.strip()) > 1 for text in filled)
    return led > 0.02 * len(filled)


def _text(name: str, texts: Sequence[str], filled: Sequence[str]) -> Field | str:
    levels = [values.level(text) for text in texts]
    if sum("@" in text for text in filled) > 0.8 * len(filled):
        return fields.level_field(name, fields.DOMAIN, [values.domain(text) for text in texts])
    different = len(set(levels))
    words = sum(len(level.split()) for level in levels) / max(1, len(filled))
    if different > _FEW and words >= _WORDY:
        return fields.level_field(name, fields.WORDS, levels)
    if different > _FEW and different > _MOSTLY_DIFFERENT * len(filled):
        return KEY if len(filled) == len(texts) else Field(name, fields.FILLED)
    return fields.level_field(name, fields.CHOICE, levels)


def days(texts: Sequence[str], form: str) -> list[float | None]:
    """Days as numbers that count them; None where there is none."""
    return [_day(text.strip(), form) for text in texts]


def _day(text: str, form: str) -> float | None:
    try:
        return float(datetime.strptime(text, form).toordinal())
    except ValueError:
        return None


def form_of(texts: Sequence[str]) -> str:
    """How the days of a column are written."""
    return format_of([text for text in texts if text], blanks=values.NOTHING).code.removeprefix("d:")
