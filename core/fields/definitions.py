"""Which fields and tags there are, from memory."""

from dataclasses import dataclass
from typing import Any

from django.db import DEFAULT_DB_ALIAS

from core.models import CustomField, Record, Tag
from core.remembered import Remembered

#: What stands before a field's name wherever names of columns, filters and inputs meet.
PREFIX = "cf_"


@dataclass(frozen=True)
class Definition:
    """One field, as administrators have defined it."""

    pk: int
    name: str
    label: str
    kind: str
    choices: tuple[str, ...]
    help_text: str
    required: bool
    in_list: bool
    active: bool

    @property
    def key(self) -> str:
        return PREFIX + self.name


def _read_fields() -> dict[tuple[str, str], tuple[Definition, ...]]:
    rows = CustomField.objects.using(DEFAULT_DB_ALIAS).select_related("model").order_by("position", "pk")
    found: dict[tuple[str, str], list[Definition]] = {}
    for row in rows:
        facts = (row.pk, row.name, row.label, row.kind, tuple(row.choices))
        made = Definition(*facts, row.help_text, row.required, row.in_list, row.active)
        found.setdefault((row.model.app_label, row.model.model), []).append(made)
    return {kind: tuple(made) for kind, made in found.items()}


def _read_tags() -> dict[str, str]:
    return dict(Tag.objects.using(DEFAULT_DB_ALIAS).order_by("name").values_list("name", "colour"))


_fields = Remembered(_read_fields)
_fields.of(CustomField)
_tags = Remembered(_read_tags)
_tags.of(Tag)


def takes_part(model: Any) -> bool:
    """Whether fields and tags may be added to this kind of record."""
    return isinstance(model, type) and issubclass(model, Record) and model.OWN_FIELDS


def everything(model: Any) -> tuple[Definition, ...]:
    """The fields of a kind of record, also those that were put out of use."""
    if not takes_part(model):
        return ()
    return _fields().get((model._meta.app_label, str(model._meta.model_name)), ())


def definitions(model: Any) -> tuple[Definition, ...]:
    """The fields in use, in their order."""
    return tuple(made for made in everything(model) if made.active)


def tags() -> dict[str, str]:
    """Every tag's name, in their order, with its colour."""
    return _tags()
