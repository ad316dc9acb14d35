"""How common words are, by the statistics that PostgreSQL keeps of the search columns (its `most_common_elems`).

The planner keeps them as well, but takes half a percent of a table for the least that the beginning of a word can match: for a
word that is nowhere it would walk through all of a million rows from the newest on.
"""

import time
from bisect import bisect_left
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from math import prod

from django.db import connection

#: Seconds after which a process reads the statistics again; the database makes them anew when many rows have changed.
_KEPT = 900


@dataclass
class _Known:
    #: Table -> its most common words in order, and the share of rows that has each.
    words: dict[str, tuple[list[str], list[float]]] = field(default_factory=dict)
    read_at: float = float("-inf")


_known = _Known()


def share(table: str, beginnings: Iterable[Collection[str]]) -> float:
    """The share of a table's rows (0 to 1) that may have words with all these beginnings, as far as they are common.

    A beginning is given in each of its spellings, which are mostly one.
    """
    if time.monotonic() - _known.read_at > _KEPT:
        _known.words, _known.read_at = _read(), time.monotonic()
    words, shares = _known.words.get(table, ([], []))
    return prod(min(1.0, sum(_share(words, shares, one) for one in spellings)) for spellings in beginnings)


def forget() -> None:
    """Read the statistics again at the next question."""
    _known.read_at = float("-inf")


def _share(words: list[str], shares: list[float], beginning: str) -> float:
    first, end = bisect_left(words, beginning), bisect_left(words, beginning + "\U0010ffff")
    return sum(shares[first:end])


def _read() -> dict[str, tuple[list[str], list[float]]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename, most_common_elems::text::text[], most_common_elem_freqs FROM pg_stats"
            " WHERE schemaname = current_schema() AND attname = 'search' AND most_common_elems IS NOT NULL"
        )
        # The last two or three numbers are no word's: the least, the greatest and the share of rows without any.
        rows = [(table, sorted(zip(words, shares, strict=False))) for table, words, shares in cursor.fetchall()]
    return {table: ([word for word, _s in pairs], [share for _w, share in pairs]) for table, pairs in rows}
