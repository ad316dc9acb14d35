"""Values as they come, from a lead or from anybody's table, read the same way for learning and for scoring."""

import math
import re
from decimal import Decimal
from functools import lru_cache
from typing import Any

from core.imports.detect import format_of
from parties.matching import FREE_MAIL

#: What people write where they have nothing to say. ("na" is not among them: it is the province of Naples.)
NOTHING = frozenset((
    "", "select", "unknown", "sconosciuto", "sconosciuta", "n/a", "n.a.", "n.d.", "nd", "nan", "none", "null", "?", "-", "--",
    "not provided", "not specified", "non specificato", "non indicato", "(none)", "(not set)", "#n/a",
))  # fmt: skip
#: Every free mail provider is the same to us.
FREE = "@"
_WORD = re.compile(r"[^\W\d_]{3,24}")
_MOST_WORDS = 60


def level(value: Any) -> str:
    """A value as a level: without differences of case and blanks; "" only where there is none ("unknown" is an answer)."""
    return _level(value) if isinstance(value, str) else "" if value is None else _level(str(value))


@lru_cache(maxsize=65_536)
def _level(text: str) -> str:
    return " ".join(text.split()).casefold()[:120]


def says_something(value: Any) -> bool:
    return level(value) not in NOTHING


def number(value: Any, mark: str = ".") -> float | None:
    """A number, or None; `mark` is the decimal mark of a text."""
    if isinstance(value, str):
        return _number(value, mark)
    if isinstance(value, bool | int | float | Decimal):
        found = float(value)
        return found if math.isfinite(found) else None
    return None


@lru_cache(maxsize=65_536)
def _number(text: str, mark: str) -> float | None:
    bare = text.strip().strip("€$%").replace("\u00a0", "").replace(" ", "")
    bare = bare.replace("." if mark == "," else ",", "").replace(mark, ".")
    try:
        found = float(bare)
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def domain(value: Any) -> str:
    """The domain of an e-mail address; `FREE` for those that everybody can have."""
    _name, at, found = level(value).rpartition("@")
    return "" if not at else FREE if found in FREE_MAIL else found


@lru_cache(maxsize=8192)
def words(text: str) -> frozenset[str]:
    """The different words of a text, longest ones and figures left out."""
    return frozenset(_WORD.findall(text)[:_MOST_WORDS])


def mark_of(texts: list[str]) -> str:
    """How numbers are written in these texts: their decimal mark, "" if they are no numbers, "d" if they are days."""
    code = format_of(texts, blanks=NOTHING).code
    return "d" if code.startswith("d:") else code[2:] if code.startswith("n:") else ""
