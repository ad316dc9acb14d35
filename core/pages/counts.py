"""Counters on the tabs of a list: fetched after the page, all in one query, none further than it is read."""

from collections import Counter
from typing import Any

from django.db.models import IntegerField, Value
from django.http import QueryDict

from core import formats

#: What is counted; more than this is "99+".
MOST = 99


def counted(page: Any) -> list[dict[str, str]]:
    """How many of their own rows the reader finds behind each tab: (key, count as it is shown)."""
    tabs = page.tabs()
    found = Counter(_marks([_rows(page, tab["url"]) for tab in tabs]))
    return [{"key": tab["key"], "count": formats.up_to(found[place], MOST)} for place, tab in enumerate(tabs)]


def _rows(page: Any, url: str) -> Any:
    other = type(page)()
    other.setup(page.request, *page.args, **page.kwargs)
    other.params = QueryDict(url.partition("?")[2])
    return other.narrowed()


def _marks(tabs: list[Any]) -> Any:
    """One number per row found: the place of its tab. Each tab stops by itself; nothing of the rows is read."""
    parts = [
        rows.order_by().annotate(of_tab=Value(place, IntegerField())).values_list("of_tab", flat=True)[: MOST + 1]
        for place, rows in enumerate(tabs)
    ]
    return parts[0].union(*parts[1:], all=True) if len(parts) > 1 else [mark for part in parts for mark in part]
