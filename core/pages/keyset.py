"""Pages by key, not by offset: the next page starts after the last (sort value, id), at any depth in the same time."""

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Func, Q, Value

from core.pages.fields import field_at


class RowComparison(Func):
    """(column, id) > (value, id), as PostgreSQL compares rows: an index on both is walked from that point."""

    output_field = models.BooleanField()
    conditional = True

    def __init__(self, *expressions: Any, operator: str) -> None:
        super().__init__(*expressions)
        self.operator = operator

    def as_sql(self, compiler: Any, connection: Any, **_: Any) -> Any:  # type: ignore[override]
        parts = [compiler.compile(e) for e in self.source_expressions]
        a, b, c, d = (sql for sql, _params in parts)
        return f"({a}, {b}) {self.operator} ({c}, {d})", [p for _sql, params in parts for p in params]


@dataclass(frozen=True)
class Order:
    """A sort by one column, made unique by the id. Empty values always come last."""

    path: str
    descending: bool
    nullable: bool
    output_field: Any

    @classmethod
    def of(cls, queryset: Any, path: str, *, descending: bool) -> "Order":
        field = field_at(queryset.model, path)
        if field is None:
            annotation = queryset.query.annotations[path]
            return cls(path, descending, True, annotation.output_field)
        return cls(path, descending, _nullable(queryset.model, path), field)

    def apply(self, queryset: Any, *, backwards: bool = False) -> Any:
        down = self.descending != backwards
        column, key = F(self.path), F("pk")
        if self.nullable:
            last = {"nulls_first": True} if backwards else {"nulls_last": True}
            return queryset.order_by(
                column.desc(**last) if down else column.asc(**last), key.desc() if down else key.asc()
            )
        return queryset.order_by(column.desc() if down else column.asc(), key.desc() if down else key.asc())

    def beyond(self, value: Any, pk: int, *, backwards: bool) -> Any:
        """The condition for rows after (or before) a row with this value and id."""
        down = self.descending != backwards
        step = Q(pk__lt=pk) if down else Q(pk__gt=pk)
        if value is None:
            here = Q(**{f"{self.path}__isnull": True}) & step
            return here | Q(**{f"{self.path}__isnull": False}) if backwards else here
        plain = _plain(self.output_field)
        further = RowComparison(
            F(self.path),
            F("pk"),
            Value(value, plain),
            Value(pk, models.BigIntegerField()),
            operator="<" if down else ">",
        )
        if self.nullable and not backwards:
            return Q(further) | Q(**{f"{self.path}__isnull": True})
        return Q(further)


@dataclass(frozen=True)
class Slice:
    """One page of rows and the cursors around it (empty where there is nothing)."""

    rows: list[tuple[Any, ...]]
    previous: str
    next: str


def fetch(queryset: Any, order: Order, paths: list[str], *, after: str = "", before: str = "", size: int = 50) -> Slice:
    """One page of tuples. The sort value is fetched last; broken cursors count as none."""
    backwards = bool(before)
    cursor = decode(before or after, order)
    if cursor:
        queryset = queryset.filter(order.beyond(*cursor, backwards=backwards))
    rows = list(
        order.apply(queryset, backwards=backwards and cursor is not None).values_list(*paths, order.path)[: size + 1]
    )
    more = len(rows) > size
    rows = rows[:size]
    if backwards and cursor:
        rows.reverse()
        return Slice(rows, encode(rows[0]) if more else "", encode(rows[-1]) if rows else "")
    return Slice(rows, encode(rows[0]) if cursor and rows else "", encode(rows[-1]) if more else "")


def encode(row: tuple[Any, ...]) -> str:
    text = json.dumps([row[-1], row[0]], cls=_Encoder)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode(cursor: str, order: Order) -> tuple[Any, int] | None:
    """(value, id) of a cursor, or None if somebody has bent it."""
    if not cursor or len(cursor) > 2000:
        return None
    try:
        value, pk = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(pk, int) or not -(2**63) < pk < 2**63 or isinstance(value, list | dict):
            return None
        if isinstance(value, str) and "\0" in value:
            return None
        if value is None:
            return (None, pk) if order.nullable else None
        value = _plain(order.output_field).to_python(value)
        if isinstance(value, int) and not isinstance(value, bool) and not -(2**63) < value < 2**63:
            return None
        return value, pk
    except (ValueError, TypeError, binascii.Error, ValidationError, ArithmeticError, RecursionError):
        return None


class _Encoder(DjangoJSONEncoder):
    """Microseconds kept: a cursor must meet its row exactly."""

    def default(self, o: Any) -> Any:
        return o.isoformat() if hasattr(o, "isoformat") else str(o)


def _plain(field: Any) -> Any:
    """A field that only converts: no currency, no state machine, no choices."""
    if isinstance(field, models.DecimalField):
        return models.DecimalField(max_digits=field.max_digits, decimal_places=field.decimal_places)
    for kind in (models.DateTimeField, models.DateField, models.BooleanField, models.FloatField):
        if isinstance(field, kind):
            return kind()
    if isinstance(field, models.JSONField):
        return models.JSONField()
    if isinstance(field, models.IntegerField | models.ForeignKey):
        return models.BigIntegerField()
    return models.TextField()


def _nullable(model: Any, path: str) -> bool:
    for part in path.split("__"):
        if part == "pk":
            return False
        field = model._meta.get_field(part)
        if field.null:
            return True
        model = field.related_model
    return False
