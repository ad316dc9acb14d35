"""The base of every form: it knows its user, has sections, and reads numbers and dates as the reader writes them."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _
from djmoney.forms import MoneyField as DjangoMoneyFormField

from core.forms.fields import AmountField, PickerField
from core.forms.widgets import DateInput, DateTimeInput, NumberInput


class _Base:
    """What both kinds of form share: the user, localized widgets, sections, first-error summary."""

    #: ((title, ("field", ...)), ...); fields not named follow at the end. Empty: one section without a title.
    sections: tuple[tuple[Any, tuple[str, ...]], ...] = ()
    user: Any = None
    #: The record a verb's or a hand-over's form is about.
    record: Any = None
    #: Inputs of custom fields and tags, put on by `core.fields.forms`.
    own_fields: Sequence[str] = ()
    #: Of a verb's form: it completes the record, and asks along what administrators require of it.
    completes = False

    def _prepare(self: Any) -> None:
        for name, field in self.fields.items():
            localize(field)
            if isinstance(field, PickerField):
                chosen = (
                    self.data.get(self.add_prefix(name)) if self.is_bound else self.get_initial_for_field(field, name)
                )
                own = getattr(getattr(self, "instance", None), f"{name}_id", None)
                field.for_user(self.user, getattr(chosen, "pk", chosen), own)
            elif hasattr(field, "queryset") and hasattr(field.queryset, "visible_to") and self.user is not None:
                field.queryset = field.queryset.visible_to(self.user)

    @property
    def fieldsets(self: Any) -> list[dict[str, Any]]:
        named = [*(name for _title, names in self.sections for name in names), *self.own_fields]
        rest = [name for name in self.fields if name not in named]
        groups = [(title, [self[n] for n in names if n in self.fields]) for title, names in self.sections]
        if rest:
            groups.append((_("More") if self.sections else "", [self[n] for n in rest]))
        if self.own_fields:
            groups.append((_("Further fields"), [self[n] for n in self.own_fields]))
        return [{"title": t, "fields": [f for f in fs if not f.is_hidden]} for t, fs in groups if fs]

    @property
    def error_links(self: Any) -> list[dict[str, str]]:
        """For the summary on top: each wrong field with a link to it."""
        wrong = [self[name] for name in self.errors if name in self.fields]
        return [{"id": f.id_for_label or f.auto_id, "label": f.label, "text": " ".join(f.errors)} for f in wrong]


class Form(_Base, forms.Form):
    """A form that knows its user."""

    def __init__(self, *args: Any, user: Any = None, record: Any = None, **kwargs: Any) -> None:
        self.user, self.record = user, record
        super().__init__(*args, **kwargs)
        self._prepare()


def formfield(column: "models.Field[Any, Any]", **kwargs: Any) -> forms.Field | None:
    """The form field of a model field: pickers for records, plain amounts for money, radio-free selects for choices."""
    if isinstance(column, models.ForeignKey) and hasattr(column.remote_field.model._default_manager, "visible_to"):
        kwargs = {"form_class": PickerField, **kwargs}
    if isinstance(column, models.URLField):
        kwargs = {"assume_scheme": "https", **kwargs}
    found = column.formfield(**kwargs)
    if isinstance(found, DjangoMoneyFormField):
        kept = {name: getattr(found, name) for name in ("label", "help_text", "required")}
        initial = column.default if column.has_default() else None
        return AmountField(initial=getattr(initial, "amount", initial), **kept)
    return found


class ModelFormOptions(forms.models.ModelFormMetaclass):
    def __new__(mcs, name: str, bases: tuple[type, ...], attrs: dict[str, Any]) -> Any:
        meta = attrs.get("Meta")
        if meta is not None and not hasattr(meta, "formfield_callback"):
            meta.formfield_callback = staticmethod(formfield)
        return super().__new__(mcs, name, bases, attrs)


class ModelForm(_Base, forms.ModelForm, metaclass=ModelFormOptions):
    """A model form that knows its user."""

    def __init__(self, *args: Any, user: Any = None, record: Any = None, **kwargs: Any) -> None:
        self.user, self.record = user, record
        super().__init__(*args, **kwargs)
        for name in self.fields:
            self._plain_amount(name)
        self._prepare()

    def _plain_amount(self, name: str) -> None:
        if hasattr(self.initial.get(name), "amount"):
            self.initial[name] = self.initial[name].amount


def localize(field: forms.Field) -> None:
    """Give a plain field the house's widget: localized numbers, the browser's date field."""
    kind = type(field.widget)
    if kind is forms.NumberInput:
        attrs = {k: v for k, v in field.widget.attrs.items() if k not in ("min", "max", "step")}
        field.localize = True
        _swap(field, NumberInput(attrs, whole=type(field) is forms.IntegerField))
    elif kind is forms.DateInput:
        _swap(field, DateInput(field.widget.attrs))
    elif kind is forms.DateTimeInput:
        _swap(field, DateTimeInput(field.widget.attrs))
    elif isinstance(field.widget, forms.MultiWidget):
        _localize_parts(field)
    elif kind is forms.Textarea:
        rows = field.widget.attrs.get("rows")
        field.widget.attrs["rows"] = 4 if rows == "10" else rows
        field.widget.attrs.pop("cols", None)
    if isinstance(field, forms.CharField) and field.max_length is None and not isinstance(field, forms.JSONField):
        field.validators.append(_short_enough)


def _localize_parts(field: forms.Field) -> None:
    """From-to fields of filters: two dates or two numbers, in the house's widgets."""
    parts = getattr(field, "fields", ())
    for i, part in enumerate(parts):
        localize(part)
        if isinstance(part.widget, DateInput | NumberInput):
            end = _("from") if i == 0 else _("to")
            part.widget.attrs["aria-label"] = f"{field.label} {end}"
            field.widget.widgets[i] = part.widget


def _swap(field: forms.Field, widget: forms.Widget) -> None:
    widget.is_required = field.required
    field.widget = widget


def _short_enough(value: str) -> None:
    if len(value) > 20_000:
        raise forms.ValidationError(_("This is too long: at most 20,000 characters."))
