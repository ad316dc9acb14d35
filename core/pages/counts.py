"""Counters on the tabs of a list: fetched after the page, all in one query, none further than it is read."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.db.models import IntegerField, Value
from django.http import QueryDict

from core import formats

#: What is counted; more than this is "99+".
MOST = 99


def counted(page: Any) -> list[dict[str, str]]:
    """How many of their own rows the reader finds behind each tab: (key, count as it is shown)."""
    tabs = page.tabs()
    found = up_to_most([_rows(page, tab["url"]) for tab in tabs])
    return [{"key": tab["key"], "count": formats.up_to(found[place], MOST)} for place, tab in enumerate(tabs)]


def _rows(page: Any, url: str) -> Any:
    other = page.alike()
    other.params = QueryDict(url.partition("?")[2])
    return other.behind_tab()


def up_to_most(counted: Sequence[Any]) -> Counter[int]:
    """How many rows each of these querysets finds, by its place, in one query; none is counted further than `MOST` + 1."""
    # One number per row found, the place of its queryset: nothing of the rows is read.
    parts = [
        rows.order_by().annotate(of_place=Value(place, IntegerField())).values_list("of_place", flat=True)[: MOST + 1]
        for place, rows in enumerate(counted)
    ]
    return Counter(
        parts[0].union(*parts[1:], all=True) if len(parts) > 1 else [mark for part in parts for mark in part]
    )
