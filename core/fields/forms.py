"""Custom fields and tags on the forms of records."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from core.fields import values
from core.fields.definitions import Definition, definitions, tags, takes_part
from core.forms.base import localize
from core.models.fields import LONGEST_TEXT
from core.models.records import at_birth

TAGS = "tags"


def input_of(definition: Definition, present: Any = None) -> forms.Field:
    """The input of a field; what a record has already stays possible, also when the choice was taken away."""
    common: dict[str, Any] = {
        "label": definition.label,
        "help_text": definition.help_text,
        "required": definition.required,
        "initial": values.python(definition.kind, present),
    }
    if definition.kind == "number":
        return forms.DecimalField(max_digits=15, **common)
    if definition.kind == "date":
        return forms.DateField(**common)
    if definition.kind == "bool":
        return YesOrNo(**common)
    if definition.kind == "choice":
        return forms.ChoiceField(choices=_choices(definition, present), **common)
    return forms.CharField(max_length=LONGEST_TEXT, **common)


def _choices(definition: Definition, present: Any) -> list[tuple[str, str]]:
    names = [*definition.choices]
    if isinstance(present, str) and present and present not in names:
        names.append(present)
    return [("", "—"), *((name, name) for name in names)]


class YesOrNo(forms.NullBooleanField):
    """Yes, no, or not answered (which is no answer where one is required)."""

    def __init__(self, **kwargs: Any) -> None:
        choices = [("", "—"), ("true", _("Yes")), ("false", _("No"))]
        super().__init__(widget=forms.Select(choices=choices), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return {True: "true", False: "false"}.get(value, value)

    def validate(self, value: Any) -> None:
        if value is None and self.required:
            raise forms.ValidationError(self.error_messages["required"], code="required")


def attach(form: Any, model: Any, record: Any = None) -> Any:
    """The form of a record with an input for each of its custom fields, and for its tags."""
    if not takes_part(model):
        return form
    own = []
    present = record.custom if record is not None else {}
    for definition in definitions(model):
        own.append(_add(form, definition.key, input_of(definition, present.get(definition.name))))
    if known := tags():
        mine = list(record.tags) if record is not None else []
        names = dict.fromkeys([*known, *mine])
        field = forms.MultipleChoiceField(
            label=_("Tags"),
            required=False,
            initial=mine,
            choices=[(name, name) for name in names],
            widget=forms.CheckboxSelectMultiple,
        )
        own.append(_add(form, TAGS, field))
    form.own_fields = own
    return form


def required(model: Any) -> list[Definition]:
    """The fields that a record of this kind has to have."""
    return [made for made in definitions(model) if made.required]


def attach_required(form: Any, model: Any, record: Any = None) -> Any:
    """A form that is not the record's own, with an input for each field that the record has to have."""
    present = record.custom if record is not None else {}
    form.own_fields = [_add(form, made.key, input_of(made, present.get(made.name))) for made in required(model)]
    return form


def _add(form: Any, name: str, field: forms.Field) -> str:
    localize(field)
    form.fields[name] = field
    return name


def take(form: Any, model: Any) -> dict[str, Any]:
    """What was answered, out of the form's cleaned data: {"custom": {...}, "tags": [...]}, each only if it was asked."""
    own = set(getattr(form, "own_fields", ()))
    data = form.cleaned_data
    known = {made.key: made for made in definitions(model)} if own else {}
    found: dict[str, Any] = {}
    if own & known.keys():
        found["custom"] = {made.name: values.kept(made, data.pop(key)) for key, made in known.items() if key in own}
    if TAGS in own:
        found["tags"] = sorted(data.pop(TAGS))
    return found


@contextmanager
def born_with(model: Any, found: dict[str, Any]) -> Iterator[None]:
    """The first new record of this kind that is saved inside has the answers from the start."""
    custom = {name: value for name, value in found.get("custom", {}).items() if value is not None}
    token = at_birth.set((model, {**found, "custom": custom}) if found else None)
    try:
        yield
    finally:
        at_birth.reset(token)


def put(record: Any, found: dict[str, Any]) -> list[str]:
    """Set what was answered on a record; returns the columns that changed. The caller saves."""
    changed = ["custom"] if values.put(record, found.get("custom", {})) else []
    if "tags" in found and found["tags"] != sorted(record.tags):
        record.tags = found["tags"]
        changed.append("tags")
    return changed
