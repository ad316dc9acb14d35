"""Custom fields and tags as targets of an import; a field may be made while its column is mapped."""

import re
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils.translation import gettext as _
from import_export.fields import Field

from core.fields import indexes, values
from core.fields.definitions import Definition, definitions, tags, takes_part
from core.fields.naming import name_from
from core.imports.reader import Table
from core.imports.widgets import AmountWidget, ChoiceWidget, DayWidget, TextWidget, TruthWidget, unknown
from core.models import CustomField

#: What stands before a kind where a column asks for a new field.
NEW = "new:"
_MOST_CHOICES = 100


class OwnField(Field):
    """One key of `custom`."""

    def __init__(self, made: Definition) -> None:
        self.made = made
        super().__init__(column_name=made.key, attribute=made.key, widget=_widget(made))

    def get_value(self, instance: Any, **kwargs: Any) -> Any:
        return values.python(self.made.kind, instance.custom.get(self.made.name))

    def put(self, instance: Any, value: Any) -> None:
        values.put(instance, {self.made.name: values.kept(self.made, value)})


class TagsField(Field):
    """Tags, separated by commas or semicolons; they join those that a record has."""

    def __init__(self) -> None:
        super().__init__(column_name="tags", attribute="tags", widget=_TagsWidget())

    def put(self, instance: Any, value: Any) -> None:
        instance.tags = sorted({*instance.tags, *value})


class _TagsWidget(TextWidget):
    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        known = {name.casefold(): name for name in tags()}
        found = []
        for word in re.split(r"[;,]", str(value or "")):
            if name := word.strip():
                if name.casefold() not in known:
                    raise ValueError(unknown(name, list(known.values())))
                found.append(known[name.casefold()])
        return found

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return ", ".join(value or ())


class _OneOf:
    """What a widget of choices wants to know of a column."""

    def __init__(self, made: Definition) -> None:
        self.flatchoices = [(name, name) for name in made.choices]


def _widget(made: Definition) -> Any:
    if made.kind == "choice":
        return ChoiceWidget(_OneOf(made))
    return {"text": TextWidget, "number": AmountWidget, "date": DayWidget, "bool": TruthWidget}[made.kind]()


def fields_of(model: Any) -> dict[str, Any]:
    """What a file may bring for this kind of record, beside the fields of its resource."""
    if not takes_part(model):
        return {}
    found: dict[str, Any] = {made.key: OwnField(made) for made in definitions(model)}
    return found | ({"tags": TagsField()} if tags() else {})


def labels(model: Any) -> dict[str, str]:
    return {made.key: made.label for made in definitions(model)}


def required(model: Any) -> list[str]:
    return [made.key for made in definitions(model) if made.required]


def missing(instance: Any) -> dict[str, str]:
    """What a new record cannot be without."""
    known = definitions(type(instance))
    return {made.key: _("is missing") for made in known if made.required and made.name not in instance.custom}


# --- Made while mapping ---------------------------------------------------------------------------------------------------


def new_kinds(model: Any, user: Any) -> list[tuple[str, str]]:
    """The kinds of fields that this person may make for a column."""
    if not takes_part(model) or not user.has_perm("core.add_customfield"):
        return []
    return [(f"{NEW}{kind}", str(label)) for kind, label in CustomField.Kind.choices]


@transaction.atomic
def make_new(mapping: dict[str, Any], model: Any, table: Table) -> dict[str, Any]:
    """The mapping with each new field made and in its place. What is there already under that name is taken."""
    columns = {}
    for header, column in mapping["columns"].items():
        if column["field"].startswith(NEW):
            made = _make(header, column["field"].removeprefix(NEW), model, table)
            column = {**column, "field": f"cf_{made.name}"}
        columns[header] = column
    return {**mapping, "columns": columns}


def _make(header: str, kind: str, model: Any, table: Table) -> CustomField:
    of_kind = ContentType.objects.get_for_model(model)
    name, number = name_from(header), 1
    while found := CustomField.objects.filter(model=of_kind, name=name).first():
        if found.kind == kind and found.active:
            return found
        number += 1
        name = f"{name_from(header)[:36]}_{number}"
    at = table.headers.index(header)
    words = dict.fromkeys(" ".join(line.cells[at].split()) for line in table.lines) if kind == "choice" else {}
    choices = [word[:120] for word in words if word][:_MOST_CHOICES]
    transaction.on_commit(indexes.keep_later)
    return CustomField.objects.create(model=of_kind, name=name, label=header[:80], kind=kind, choices=choices)
