"""Search in PostgreSQL's own indexes: every word must occur, the beginning of a word is enough; phones by their digits."""

import unicodedata
from collections.abc import Sequence
from typing import Any

from django.contrib.postgres.indexes import OpClass
from django.contrib.postgres.search import SearchQuery
from django.core.exceptions import FieldDoesNotExist
from django.db.models import CharField, F, Func, Index, Q, Value

_MOST_WORDS = 8
#: Letters with accents and the letters they are looked up by; PostgreSQL's own `unaccent` is no part of every server.
_ACCENTED = "".join(c for c in map(chr, range(0xC0, 0x180)) if len(unicodedata.normalize("NFD", c)) == 2)
_PLAIN = "".join(unicodedata.normalize("NFD", c)[0] for c in _ACCENTED)
_FOLDING = str.maketrans(_ACCENTED, _PLAIN)


def folded(text: str) -> str:
    """The text in small letters without accents: how words are compared."""
    return text.translate(_FOLDING).lower()


def prefix_query(text: str) -> SearchQuery | None:
    """A query in which each word may be cut short: "ros mil" finds "Rossi Milano"; None without a word.

    Words are quoted, so that PostgreSQL cuts "FT 2026/0001" or "anna@rossi.it" as it cut them when it made the index.
    """
    words = [word for word in text[:200].split()[:_MOST_WORDS] if any(c.isalnum() for c in word)]
    if not words:
        return None
    quoted = [f"'{_safe(word)}':*" for word in words]
    return SearchQuery(" & ".join(quoted), search_type="raw", config="simple")


def _safe(word: str) -> str:
    name, at, host = word.partition("@")
    # Half an address is no address to PostgreSQL's parser: look for what stands before the @.
    whole = word if "." in host or not name else name
    return whole.replace("\\", "").replace("'", "''")


def search(rows: Any, text: str, fields: Sequence[str] = ()) -> Any:
    """Rows that match: by the model's `search` column where it has one, else by parts of the given fields."""
    if has_index(rows.model):
        query = prefix_query(text)
        return rows.filter(search=query) if query is not None else rows.none()
    for word in text.split()[:_MOST_WORDS]:
        found = Q()
        for path in fields:
            found |= Q(**{f"{path}__icontains": word})
        rows = rows.filter(found)
    return rows


def has_index(model: Any) -> bool:
    try:
        model._meta.get_field("search")
    except FieldDoesNotExist:
        return False
    return True


def backward_digits(column: str) -> Func:
    """The digits of a phone number from the last to the first: numbers are typed with and without the country's prefix."""
    digits = Func(F(column), Value(r"\D"), Value(""), Value("g"), function="regexp_replace", output_field=CharField())
    return Func(digits, function="reverse", output_field=CharField())


def phone_index(column: str, *, name: str) -> Index:
    """The index that makes `backward_digits` fast; goes into the model's Meta."""
    return Index(OpClass(backward_digits(column), name="text_pattern_ops"), name=name)
