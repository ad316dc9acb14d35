"""Search in PostgreSQL's own indexes: every word must occur, the beginning of a word is enough, accents do not matter;
phones by their digits."""

import unicodedata
from collections.abc import Iterable, Sequence
from functools import reduce
from operator import and_
from typing import Any

from django.contrib.postgres.indexes import OpClass
from django.contrib.postgres.search import CombinedSearchVector, SearchQuery, SearchVector, SearchVectorField
from django.core.exceptions import FieldDoesNotExist
from django.db.models import CharField, F, Func, GeneratedField, Index, Q, TextField, Value

_MOST_WORDS = 8
#: Words of titles and descriptions are also found in their other forms: "preventivi" by "preventivo", "pumps" by "pump".
_LANGUAGES = ("italian", "english")
#: Letters with accents and the letters they are looked up by; PostgreSQL's own `unaccent` is no part of every server.
_ACCENTED = "".join(c for c in map(chr, range(0xC0, 0x180)) if len(unicodedata.normalize("NFD", c)) == 2)
_PLAIN = "".join(unicodedata.normalize("NFD", c)[0] for c in _ACCENTED)
_FOLDING = str.maketrans(_ACCENTED, _PLAIN)


def folded(text: str) -> str:
    """The text in small letters without accents: how words are compared."""
    return unicodedata.normalize("NFC", text).translate(_FOLDING).lower()


class Folded(Func):
    """A column's text without accents, as the database folds it for the index (`to_tsvector` makes the letters small)."""

    template = f"translate(%(expressions)s, '{_ACCENTED}', '{_PLAIN}')"
    output_field = TextField()


class FoldedTexts(Func):
    """The texts in a column of JSON as a tsvector, folded likewise."""

    _folded = f"translate(%(expressions)s::text, '{_ACCENTED}', '{_PLAIN}')"
    template = f"jsonb_to_tsvector('simple', {_folded}::jsonb, '[\"string\"]')"
    output_field = SearchVectorField()


def search_index(*fields: str, text: Sequence[str] = ()) -> GeneratedField:
    """A tsvector kept by the database: names, numbers and the record's own fields as they are, `text` also by the stems of
    Italian and English words."""
    vectors: list[Any] = [SearchVector(*map(Folded, (*fields, *text)), config="simple"), FoldedTexts("custom")]
    if text:
        vectors += [SearchVector(*map(Folded, text), config=language) for language in _LANGUAGES]
    joint = reduce(lambda one, other: CombinedSearchVector(one, "||", other, None, SearchVectorField()), vectors)
    return GeneratedField(expression=joint, output_field=SearchVectorField(), db_persist=True)


def exactly(word: str) -> SearchQuery:
    """A query for one value as it is: an e-mail address, a number."""
    return SearchQuery(folded(word), config="simple")


def beginnings(words: Iterable[str], *, letters: int, every: bool) -> SearchQuery:
    """A query for words that begin with these letters, all of them or any; words must be letters and digits."""
    joint = " & " if every else " | "
    return SearchQuery(joint.join(f"{folded(word)[:letters]}:*" for word in words), search_type="raw", config="simple")


def words_query(text: str) -> Any:
    """A query in which each word may be cut short: "ros mil" finds "Rossi Milano"; None without a word.

    Words are quoted, so that PostgreSQL cuts "FT 2026/0001" or "anna@rossi.it" as it cut them when it made the index.
    Words of letters are found by their stems, too, in columns that have them.
    """
    words = [word for word in folded(text[:200]).split()[:_MOST_WORDS] if any(c.isalnum() for c in word)]
    return reduce(and_, map(_word, words)) if words else None


def _word(word: str) -> Any:
    query: Any = SearchQuery(f"'{_safe(word)}':*", search_type="raw", config="simple")
    if word.isalpha():
        for language in _LANGUAGES:
            query |= SearchQuery(word, config=language)
    return query


def _safe(word: str) -> str:
    name, at, host = word.partition("@")
    # Half an address is no address to PostgreSQL's parser: look for what stands before the @.
    whole = word if "." in host or not name else name
    return whole.replace("\\", "").replace("'", "''")


def search(rows: Any, text: str, fields: Sequence[str] = ()) -> Any:
    """Rows that match: by the model's `search` column where it has one, else by parts of the given fields."""
    if has_index(rows.model):
        query = words_query(text)
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
