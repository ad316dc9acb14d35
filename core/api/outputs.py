"""Records as JSON: one table of fields per document says what is written, and its schema; costs for those who may see them.

A plain table instead of serializers: the same pass writes lists, single records and webhooks, and describes them.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, get_type_hints

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from djmoney.models.fields import MoneyField
from djmoney.money import Money

from core.pages.fields import field_at

Schema = dict[str, Any]

AMOUNT: Schema = {"type": "string", "format": "decimal", "examples": ["1234.50"]}
LINK: Schema = {
    "type": ["object", "null"],
    "description": "What it is about: the kind of record, and its id.",
    "properties": {"type": {"type": "string"}, "id": {"type": "integer"}},
    "required": ["type", "id"],
}
_TYPES: dict[Any, Schema] = {
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    str: {"type": "string"},
    Decimal: AMOUNT,
    Money: AMOUNT,
    date: {"type": "string", "format": "date"},
    datetime: {"type": "string", "format": "date-time"},
}
_COLUMNS: tuple[tuple[Any, Any], ...] = (
    (models.BooleanField, bool),
    (models.DecimalField, Decimal),
    ((models.IntegerField, models.ForeignKey), int),
    (models.DateTimeField, datetime),
    (models.DateField, date),
)
#: The columns of a document's line.
LINE_FIELDS = (
    "id", "position", "product", "description", "quantity", "unit", "unit_price", "discount", "vat_rate", "vat_nature",
    "unit_cost", "net",
)  # fmt: skip


@dataclass(frozen=True)
class Output:
    """One member of the JSON object: how it is read from the record, and its JSON Schema."""

    name: str
    read: Callable[[Any], Any]
    schema: Schema


def output(model: Any, name: str) -> Output:
    """The output of a column, property or generic link of a model."""
    if isinstance(link := getattr(model, name, None), GenericForeignKey):
        return Output(name, _link_reader(link), LINK)
    try:
        column = model._meta.get_field(name)
    except FieldDoesNotExist:
        far = getattr(model, "FAR_COLUMNS", {}).get(name)
        schema = _of_column(field_at(model, far)) if far else _of_property(model, name)
        return Output(name, lambda record: plain(getattr(record, name)), schema)
    attribute = column.attname
    return Output(name, lambda record: plain(getattr(record, attribute)), _of_column(column))


def outputs(model: Any, names: Iterable[str]) -> list[Output]:
    return [output(model, name) for name in names]


def plain(value: Any) -> Any:
    """A value as JSON has it: amounts are texts, exact to the last digit."""
    if isinstance(value, Money):
        return f"{value.amount:f}"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, date):  # a datetime is one too
        return value.isoformat()
    return value


def write(record: Any, fields: Sequence[Output], *, hidden: Iterable[str] = ()) -> dict[str, Any]:
    return {field.name: field.read(record) for field in fields if field.name not in hidden}


def _link_reader(link: Any) -> Callable[[Any], Any]:
    def read(record: Any) -> dict[str, Any] | None:
        kind = getattr(record, f"{link.ct_field}_id")
        if kind is None:
            return None
        return {"type": ContentType.objects.get_for_id(kind).model, "id": getattr(record, link.fk_field)}

    return read


# --- Schema ---------------------------------------------------------------------------------------------------------------


def _of_column(column: Any) -> Schema:
    found: Schema = {}
    if isinstance(column, models.JSONField):
        return {"description": _described(column)}
    if isinstance(column, ArrayField):
        return {"type": "array", "items": {"type": "string"}, "description": _described(column)}
    if isinstance(column, MoneyField):
        found = dict(AMOUNT)
    else:
        found = dict(_TYPES[next((kind for types, kind in _COLUMNS if isinstance(column, types)), str)])
    if column.choices:
        found["enum"] = [value for value, _label in column.flatchoices]
        if column.blank and "" not in found["enum"] and found["type"] == "string":
            found["enum"].append("")
    return (
        nullable(found | {"description": _described(column)})
        if column.null
        else found | {"description": _described(column)}
    )


def _described(column: Any) -> str:
    name = str(column.verbose_name)
    name = name[:1].upper() + name[1:]
    if column.is_relation:
        return f"{name} (id)."
    words = [f"`{value}` {label}" for value, label in column.flatchoices if value not in ("", None)]
    return f"{name}: {', '.join(words)}." if words else f"{name}."


def nullable(schema: Schema) -> Schema:
    found = dict(schema)
    if isinstance(found.get("type"), str):
        found["type"] = [found["type"], "null"]
    if "enum" in found:
        found["enum"] = [*found["enum"], None]
    return found


def _of_property(model: Any, name: str) -> Schema:
    member = getattr(model, name, None)
    hint = get_type_hints(member.fget).get("return") if isinstance(member, property) else None
    kinds = [kind for kind in getattr(hint, "__args__", (hint,)) if kind is not type(None)]
    found = _TYPES.get(kinds[0], {}) if kinds else {}
    return (
        nullable(found) if hint is not None and len(kinds) != len(getattr(hint, "__args__", (hint,))) else dict(found)
    )


def component(fields: Sequence[Output], *, optional: Iterable[str] = ()) -> Schema:
    """The JSON Schema of an object; `optional` members are left out for those who may not see them."""
    left_out = set(optional)
    return {
        "type": "object",
        "properties": {field.name: field.schema for field in fields},
        "required": [field.name for field in fields if field.name not in left_out],
    }
