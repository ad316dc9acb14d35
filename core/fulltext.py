"""Search in PostgreSQL's own indexes: every word must occur, the beginning of a word is enough, accents do not matter;
phones by their digits."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache, reduce
from operator import or_
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import CombinedSearchVector, SearchQuery, SearchVector, SearchVectorField
from django.core.exceptions import FieldDoesNotExist
from django.db import connection
from django.db.models import BooleanField, CharField, F, Func, GeneratedField, Index, Q, TextField, Value
from django.db.models.expressions import RawSQL

from core import frequency

_MOST_WORDS = 8
#: From this share of a table's rows on, the newest matches are sooner found by looking at the newest rows.
_COMMON = 0.005
#: Words of titles and descriptions are also found in their other forms: "preventivi" by "preventivo", "pumps" by "pump".
_LANGUAGES = ("italian", "english")
#: The lexemes of words: as they begin, and their stems.
_LEXEMES = (
    "SELECT to_tsquery('simple', begun)::text, plainto_tsquery('italian', word)::text, plainto_tsquery('english', word)::text"
    " FROM unnest(%s::text[], %s::text[]) AS typed (begun, word)"
)
#: Kilobytes of new entries that an index keeps aside, before it puts them where they belong: every question reads all of them,
#: and a search asks a dozen indexes. PostgreSQL would keep four megabytes.
PENDING = 64
#: Letters with accents and the letters they are looked up by; PostgreSQL's own `unaccent` is no part of every server.
_ACCENTED = "".join(c for c in map(chr, range(0xC0, 0x180)) if len(unicodedata.normalize("NFD", c)) == 2)
_PLAIN = "".join(unicodedata.normalize("NFD", c)[0] for c in _ACCENTED)
_FOLDING = str.maketrans(_ACCENTED, _PLAIN)
#: Legal forms, which some write with dots and others without.
_LEGAL_FORMS = (
    "b.v",
    "n.v",
    "s.a.p.a",
    "s.a.r.l",
    "s.a.s",
    "s.c.a.r.l",
    "s.c.r.l",
    "s.n.c",
    "s.p.a",
    "s.r.l",
    "s.r.l.s",
)
_WITH_DOTS = {form.replace(".", ""): form for form in _LEGAL_FORMS}


def folded(text: str) -> str:
    """The text in small letters without accents: how words are compared."""
    return unicodedata.normalize("NFC", text).translate(_FOLDING).lower()


class OneOf(Func):
    """Whether a value is one of an array; an array from a subquery is made before all else."""

    template = "%(expressions)s)"
    arg_joiner = " = ANY("
    output_field = BooleanField()


class Matches(Func):
    """Whether a tsvector matches the text of a tsquery."""

    template = "%(expressions)s::tsquery"
    arg_joiner = " @@ "
    output_field = BooleanField()


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


def word_index(*, name: str) -> GinIndex:
    """The index of that column; goes into the model's Meta."""
    return GinIndex(fields=["search"], name=name, gin_pending_list_limit=PENDING)


def exactly(word: str) -> SearchQuery:
    """A query for one value as it is: an e-mail address, a number."""
    return SearchQuery(folded(word), config="simple")


def beginnings(words: Iterable[str], *, letters: int, every: bool) -> SearchQuery:
    """A query for words that begin with these letters, all of them or any; words must be letters and digits."""
    joint = " & " if every else " | "
    return SearchQuery(joint.join(f"{folded(word)[:letters]}:*" for word in words), search_type="raw", config="simple")


@lru_cache(maxsize=2048)
def words_query(text: str, *, stems: bool = True) -> str:
    """The tsquery in which each word may be cut short: "ros mil" finds "Rossi Milano"; "" without a word.

    Words are quoted, so that PostgreSQL cuts "FT 2026/0001" or "anna@rossi.it" as it cut them when it made the index.
    Words of letters are found by their `stems`, too, in columns that have them; a legal form with dots and without.
    """
    words = _words(text)
    if not words:
        return ""
    begun = [" | ".join(f"'{_safe(spelling)}':*" for spelling in _spellings(word)) for word in words]
    whole = [word if stems and word.isalpha() else "" for word in words]
    with connection.cursor() as cursor:
        cursor.execute(_LEXEMES, [begun, whole])
        found = [list(dict.fromkeys(filter(None, row))) for row in cursor.fetchall()]
    return " & ".join(f"({' | '.join(lexemes)})" for lexemes in found if lexemes)


def _words(text: str) -> list[str]:
    return [word for word in folded(text[:200]).split()[:_MOST_WORDS] if any(c.isalnum() for c in word)]


def _spellings(word: str) -> tuple[str, ...]:
    """A legal form without dots and with them; any other word as it is."""
    plain = word.replace(".", "")
    return (plain, _WITH_DOTS[plain]) if plain in _WITH_DOTS else (word,)


def _safe(word: str) -> str:
    name, at, host = word.partition("@")
    # Half an address is no address to PostgreSQL's parser: look for what stands before the @.
    whole = word if "." in host or not name else name
    return whole.replace("\\", "").replace("'", "''")


def search(rows: Any, text: str, fields: Sequence[str] = ()) -> Any:
    """Rows that match: by the model's `search` column where it has one, else by parts of the given fields."""
    if has_index(rows.model):
        return (
            in_index(rows, query, common=are_common(rows.model, text)) if (query := words_query(text)) else rows.none()
        )
    for word in text.split()[:_MOST_WORDS]:
        found = Q()
        for path in fields:
            found |= Q(**{f"{path}__icontains": word})
        rows = rows.filter(found)
    return rows


def in_index(rows: Any, query: str, *, common: bool) -> Any:
    """Rows whose `search` column matches the tsquery; where its words are rare, the index is asked before all else."""
    if common:
        return rows.filter(Matches(F("search"), Value(query)))
    return _among(rows, '"search" @@ %s::tsquery', [query])


def own_text(name: str) -> str:
    """The words of one text in `custom` as a tsvector, in SQL: of its index, and of what is asked of it."""
    key = name.replace("'", "''")
    return f"to_tsvector('simple'::regconfig, translate(custom ->> '{key}', '{_ACCENTED}', '{_PLAIN}'))"


def has_own_text(name: str) -> str:
    """Which rows stand in that index, in SQL."""
    return "custom ? '{}'".format(name.replace("'", "''"))


def search_own(rows: Any, name: str, text: str) -> Any:
    """Rows in whose own field of text every word occurs; the beginning of a word is enough."""
    query = words_query(text, stems=False)
    return _among(rows, f"{has_own_text(name)} AND {own_text(name)} @@ %s::tsquery", [query]) if query else rows.none()


def are_common(model: Any, text: str) -> bool:
    """Whether the newest matches are sooner found by looking at the newest rows. Common words may never stand together."""
    words = [_spellings(word) for word in _words(text)]
    return frequency.share(model._meta.db_table, words) > (_COMMON if len(words) == 1 else 10 * _COMMON)


def by_phone(rows: Any, columns: Sequence[str], digits: str) -> Any:
    """Rows that have a phone number ending in these digits in one of the columns, each with its `phone_index`."""
    found, condition = _ending_in(rows.model._base_manager.all(), columns, digits)
    return rows.filter(OneOf(F("pk"), ArraySubquery(found.filter(condition).values("pk"))))


def _among(rows: Any, condition: str, values: list[str]) -> Any:
    """Rows that meet a condition which few meet: an index finds them before rights and order are looked at.

    Else the planner, which wants few rows in an order, may walk through the whole table in that order. The condition is
    ours, in SQL: a search asks it of a dozen kinds, and putting it together by expressions took longer than its answer.
    """
    meta = rows.model._meta
    keys = f'ARRAY(SELECT "{meta.pk.column}" FROM "{meta.db_table}" WHERE {condition})'  # noqa: S608
    return rows.filter(OneOf(F("pk"), RawSQL(keys, values)))  # noqa: S611


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


#: So many last digits are the same number, with or without the prefixes of country and town; fewer digits say nothing.
PHONE_DIGITS = 8


def same_phone(rows: Any, columns: Sequence[str], phone: str) -> tuple[Any, Q | None]:
    """(the rows, the condition that one of the columns is this phone number, None without a number), by their indexes."""
    digits = re.sub(r"\D", "", phone)[-PHONE_DIGITS:]
    return _ending_in(rows, columns, digits) if len(digits) >= PHONE_DIGITS - 1 else (rows, None)


def _ending_in(rows: Any, columns: Sequence[str], digits: str) -> tuple[Any, Q]:
    backward = {f"{column}_backward": backward_digits(column) for column in columns}
    return rows.alias(**backward), reduce(or_, (Q(**{f"{name}__startswith": digits[::-1]}) for name in backward))


def phone_index(column: str, *, name: str) -> Index:
    """The index that makes `backward_digits` fast; goes into the model's Meta."""
    return Index(OpClass(backward_digits(column), name="text_pattern_ops"), name=name)
