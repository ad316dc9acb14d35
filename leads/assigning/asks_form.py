"""The part of a rule's form that asks custom fields."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from core.fields.definitions import Definition
from core.fields.forms import YesOrNo
from core.fields.values import kept
from leads.assigning import answers
from leads.assigning.inputs import WordsField, ticks


class Asks:
    """Inputs for each field that may be asked, and for each that was asked and is there no more, on a rule's form."""

    def __init__(self, form: Any) -> None:
        self.form = form
        self.known = answers.askable()
        asked = form.instance.asks
        self.gone = [name for name in asked if name not in {field.name for field in self.known}]
        for field in self.known:
            self._add(field, asked.get(field.name, {}))
        for name in self.gone:
            label = _("No longer ask “%(field)s”") % {"field": answers.label_of(name)}
            form.fields[f"drop_{name}"] = forms.BooleanField(label=label, required=False)

    @property
    def names(self) -> tuple[str, ...]:
        found = [name for field in self.known for name in _names(field)]
        return (*found, *(f"drop_{name}" for name in self.gone))

    def _add(self, field: Definition, wanted: dict[str, Any]) -> None:
        form, name = self.form, f"ask_{field.name}"
        if field.kind == "number":
            for end, label in (("from", _("%(field)s from")), ("to", _("%(field)s up to"))):
                form.fields[f"{name}-{end}"] = forms.DecimalField(
                    label=label % {"field": field.label}, max_digits=15, required=False, initial=wanted.get(end)
                )
        elif field.kind == "bool":
            form.fields[name] = YesOrNo(label=field.label, required=False, initial=wanted.get("yes"))
        elif field.kind == "choice":
            names = dict.fromkeys([*field.choices, *wanted.get("is", ())])
            form.fields[name] = ticks(field.label, [(choice, choice) for choice in names])
            form.initial[name] = wanted.get("is", ())
        else:
            help_text = _("Just these words, with commas between them.")
            form.fields[name] = WordsField(label=field.label, help_text=help_text)
            form.initial[name] = wanted.get("is", ())

    def clean(self, data: dict[str, Any]) -> None:
        """Complains beside the field."""
        for field in self.known:
            low, high = (data.get(f"ask_{field.name}-{end}") for end in ("from", "to"))
            if low is not None and high is not None and high < low:
                self.form.add_error(f"ask_{field.name}-to", _("The range ends before it begins."))
        for name in self.gone:
            if not data.get(f"drop_{name}"):
                text = _("The field is no longer in use, so the rule fits no lead: tick this, or bring the field back.")
                self.form.add_error(f"drop_{name}", text)

    def found(self, data: dict[str, Any]) -> dict[str, Any]:
        """As `AssignmentRule.asks` keeps it."""
        asked = {field.name: _asked(field, data) for field in self.known}
        return {name: wanted for name, wanted in asked.items() if wanted}


def _names(field: Definition) -> list[str]:
    name = f"ask_{field.name}"
    return [f"{name}-from", f"{name}-to"] if field.kind == "number" else [name]


def _asked(field: Definition, data: dict[str, Any]) -> dict[str, Any]:
    value = data.get(f"ask_{field.name}")
    if field.kind == "number":
        ends = {end: data.get(f"ask_{field.name}-{end}") for end in ("from", "to")}
        return {end: _number(field, number) for end, number in ends.items() if number is not None}
    if field.kind == "bool":
        return {} if value is None else {"yes": value}
    return {"is": value} if value else {}


def _number(field: Definition, value: Any) -> Any:
    try:
        return kept(field, value)
    except ValidationError:  # more digits than a field can have: no lead has them either
        return float(value)
