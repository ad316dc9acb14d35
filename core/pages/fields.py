"""What the name or path of a column means on a model: its field, its kind, its label, where its currency stands."""

from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from djmoney.models.fields import MoneyField

_NAMES = ("name", "number", "title", "subject")


def field_at(model: Any, path: str) -> Any:
    field = None
    for part in path.split("__"):
        try:
            field = model._meta.get_field(part)
        except FieldDoesNotExist:
            return None
        model = field.related_model
    return field


def kind_of(field: Any, name: str) -> str:
    if field is None:
        return "text"
    if field.is_relation:
        return "person" if hasattr(field.related_model, "first_name") else "record"
    if name.rpartition("__")[2] == "state":
        return "state"
    if field.choices:
        return "choice"
    table: tuple[tuple[Any, str], ...] = (
        (MoneyField, "money"),
        (models.DateTimeField, "date"),
        (models.DateField, "date"),
        (models.BooleanField, "bool"),
        ((models.IntegerField, models.DecimalField, models.FloatField), "number"),
        (models.EmailField, "email"),
    )
    return next((kind for types, kind in table if isinstance(field, types)), "text")


def label_of(model: Any, path: str, field: Any) -> Any:
    parts = path.split("__")
    if len(parts) > 1 and parts[-1] in (*_NAMES, "first_name", "last_name"):
        field = field_at(model, "__".join(parts[:-1]))
    name = getattr(field, "verbose_name", "") or path.replace("_", " ")
    return str(name)[:1].upper() + str(name)[1:]


def name_column(model: Any) -> str:
    columns = {f.name for f in model._meta.concrete_fields}
    return next((name for name in _NAMES if name in columns), "pk")


def currency_path(field: Any, name: str) -> str:
    before, _sep, last = name.rpartition("__")
    column = getattr(field, "currency_field_name", None) or f"{last}_currency"
    return f"{before}__{column}" if before else column
