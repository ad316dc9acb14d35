"""Related records on a record's page: the rows of all groups, of whatever kind, in one query."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import F, Value
from django.db.models.functions import Cast, JSONArray
from django.utils.safestring import mark_safe

from core import access, formats
from core.pages.base import model_url
from core.pages.columns import BoundColumn, Column, bind, paths, writers
from core.pages.fields import field_at
from core.pages.keyset import _plain


@dataclass(frozen=True)
class Related:
    """Records that belong to this one: `accessor` is a reverse name, or a method that returns rows."""

    title: Any
    accessor: str
    fields: tuple[Any, ...]
    create_url: str = ""
    permission: str = ""
    limit: int = 8


@dataclass(frozen=True)
class _Asked:
    """A group's rows, its columns, and how each database value is read back."""

    related: Related
    rows: Any
    columns: list[BoundColumn]
    readers: list[Callable[[Any], Any]]


def groups(record: Any, wanted: Sequence[Related], user: Any) -> list[dict[str, Any]]:
    """Each group with its first rows, those the user may see, written as cells; `limit+` counts as more."""
    asked = [_ask(record, related, user) for related in wanted]
    found = _fetch(asked)
    return [_written(one, found.get(number, [])) for number, one in enumerate(asked)]


def _ask(record: Any, related: Related, user: Any) -> _Asked:
    rows = getattr(record, related.accessor)
    rows = rows() if callable(rows) and not hasattr(rows, "all") else rows.all()
    if hasattr(rows, "visible_to"):
        rows = rows.visible_to(user)
    first, *rest = related.fields
    can_link = bool(model_url(rows.model, "detail", 0))
    columns = [first if isinstance(first, Column) else Column(first, link=can_link), *rest]
    bound = bind(columns, rows.model, formats.language(), costs=access.can_see_costs(user))
    fields = [_field_of(rows, path) for path in paths(bound)]
    return _Asked(related, rows, bound, [_plain(field).to_python for field in fields])


def _field_of(rows: Any, path: str) -> Any:
    if path == "pk":
        return rows.model._meta.pk
    return field_at(rows.model, path) or rows.query.annotations[path].output_field


def _fetch(asked: Sequence[_Asked]) -> dict[int, list[list[Any]]]:
    """Rows by number of the group. Groups have different columns: each row comes as one JSON array."""
    queries = [_query(number, one) for number, one in enumerate(asked) if not one.rows.query.is_empty()]
    if not queries:
        return {}
    found: dict[int, list[list[Any]]] = {}
    for number, values in queries[0].union(*queries[1:], all=True) if len(queries) > 1 else queries[0]:
        row = [read(value) for read, value in zip(asked[number].readers, values, strict=True)]
        found.setdefault(number, []).append(row)
    return found


def _query(number: int, one: _Asked) -> Any:
    cells = [_cell(one.rows, path) for path in paths(one.columns)]
    rows = one.rows.annotate(related_group=Value(number), related_row=JSONArray(*cells))
    return rows.values_list("related_group", "related_row")[: one.related.limit + 1]


def _cell(rows: Any, path: str) -> Any:
    """Amounts as texts: JSON would make floating-point numbers of them."""
    is_amount = isinstance(_field_of(rows, path), models.DecimalField)
    return Cast(F(path), models.TextField()) if is_amount else F(path)


def _written(one: _Asked, found: list[list[Any]]) -> dict[str, Any]:
    limit = one.related.limit
    writes = writers(one.columns)
    shown = [[mark_safe(write(tuple(row))) for write in writes] for row in found[:limit]]  # noqa: S308 - cells are escaped
    return {"title": one.related.title, "rows": shown, "count": f"{limit}+" if len(found) > limit else len(found)}
