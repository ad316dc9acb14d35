"""Forms: how they look, what they accept, and fields that search on the server.

Every form of the house derives from `Form` or `ModelForm` here. They take the user (`user=`), so that pickers offer only what
that user may see; numbers are read and written in the reader's language; dates use the browser's own date field.
"""

from typing import Any

from django import forms
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.forms.renderers import TemplatesSetting
from django.forms.utils import ErrorList
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _
from djmoney.forms import MoneyField as DjangoMoneyFormField

_NOT_OURS = ("unfold", "django.contrib.admin", "import_export")
_PICK_FIRST = 20


class BoundField(forms.BoundField):
    """Gives each widget its class and links it to its help and its error."""

    def build_widget_attrs(self, attrs: dict[str, Any], widget: forms.Widget | None = None) -> dict[str, Any]:
        widget = widget or self.field.widget
        found = super().build_widget_attrs(attrs, widget)
        if type(widget).__module__.startswith(_NOT_OURS):
            return found
        classes = [widget.attrs.get("class", ""), _css(widget)]
        if self.errors:
            classes.append("is-invalid")
        found["class"] = " ".join(c for c in classes if c)
        return found

    @property
    def is_checkbox(self) -> bool:
        return isinstance(self.field.widget, forms.CheckboxInput)

    @property
    def is_group(self) -> bool:
        return isinstance(self.field.widget, forms.RadioSelect | forms.CheckboxSelectMultiple)

    @property
    def is_wide(self) -> bool:
        return isinstance(self.field.widget, forms.Textarea | forms.CheckboxSelectMultiple | Signature)


def _css(widget: forms.Widget) -> str:
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple | forms.CheckboxInput):
        return "form-check-input"
    return "form-select" if isinstance(widget, forms.Select) else "form-control"


class Renderer(TemplatesSetting):
    """Our templates for forms, fields and errors (`templates/forms/`)."""

    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"
    bound_field_class = BoundField


# --- Widgets --------------------------------------------------------------------------------------------------------------


class NumberInput(forms.TextInput):
    """A number in the reader's language: "1.234,56" in Italian, "1,234.56" in English."""

    def __init__(self, attrs: dict[str, Any] | None = None, *, whole: bool = False) -> None:
        mode = "numeric" if whole else "decimal"
        super().__init__({"inputmode": mode, "class": "num", "autocomplete": "off", "maxlength": 40, **(attrs or {})})
        self.is_localized = True


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class DateTimeInput(forms.DateTimeInput):
    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%dT%H:%M")


class Signature(forms.HiddenInput):
    """A signature drawn on the screen; the value is a PNG data address."""

    template_name = "forms/signature.html"
    input_type = "hidden"

    @property
    def is_hidden(self) -> bool:
        return False


class Picker(forms.Select):
    """A select that searches on the server; without script it offers the first rows."""

    url = ""

    def build_attrs(self, base: dict[str, Any], extra: dict[str, Any] | None = None) -> dict[str, Any]:
        return super().build_attrs(
            base, {**(extra or {}), "data-picker": self.url, "data-none": str(_("Nothing found"))}
        )


class PickerMultiple(Picker, forms.SelectMultiple):
    pass


# --- Fields ---------------------------------------------------------------------------------------------------------------


class PickerRows(forms.models.ModelChoiceIterator):
    """The choices a picker is drawn with: what is chosen, and the first rows the user may see."""

    def __iter__(self) -> Any:
        if self.field.empty_label is not None:
            yield ("", self.field.empty_label)
        rows = list(self.queryset[:_PICK_FIRST])
        known = {str(row.pk) for row in rows}
        missing = [v for v in self.field.chosen if str(v) not in known and str(v).isdigit()]
        if missing:
            rows += self.queryset.model._base_manager.filter(pk__in=missing)
        for row in rows:
            yield self.choice(row)


class PickerField(forms.ModelChoiceField):
    """A record chosen by searching; only rows visible to the form's user are offered and accepted.

    ``filters`` narrows what is offered: {"company": 3} needs a filter of that name in the model's search entry.
    """

    widget = Picker
    iterator = PickerRows

    def __init__(self, queryset: Any, *, filters: dict[str, Any] | None = None, **kwargs: Any) -> None:
        self.chosen: list[Any] = []
        self.filters = filters or {}
        super().__init__(queryset, **kwargs)
        self.widget.url = pick_url(queryset.model, self.filters)

    def for_user(self, user: Any, chosen: Any) -> None:
        self.chosen = list(chosen) if isinstance(chosen, list | tuple) else [chosen]
        if hasattr(self.queryset, "visible_to"):
            self.queryset = self.queryset.visible_to(user)


def pick_url(model: type[models.Model], filters: dict[str, Any] | None = None) -> str:
    from urllib.parse import urlencode

    try:
        url = reverse("core:pick", args=[model._meta.app_label, model._meta.model_name])
    except NoReverseMatch:
        return ""
    return f"{url}?{urlencode(filters)}" if filters else url


class AmountField(forms.DecimalField):
    """An amount of money in the document's currency."""

    widget = NumberInput

    def __init__(self, *, max_digits: int = 14, decimal_places: int = 2, **kwargs: Any) -> None:
        super().__init__(max_digits=max_digits, decimal_places=decimal_places, localize=True, **kwargs)


# --- Forms ----------------------------------------------------------------------------------------------------------------


class Errors(ErrorList):
    """Errors of one field, or of the whole form, in our look."""

    template_name = "forms/errors.html"


class _Base:
    """What both kinds of form share: the user, localized widgets, sections, first-error summary."""

    #: ((title, ("field", ...)), ...); fields not named follow at the end. Empty: one section without a title.
    sections: tuple[tuple[Any, tuple[str, ...]], ...] = ()
    user: Any = None

    def _prepare(self: Any) -> None:
        for name, field in self.fields.items():
            localize(field)
            if isinstance(field, PickerField):
                chosen = (
                    self.data.get(self.add_prefix(name)) if self.is_bound else self.get_initial_for_field(field, name)
                )
                field.for_user(self.user, getattr(chosen, "pk", chosen))
            elif hasattr(field, "queryset") and hasattr(field.queryset, "visible_to") and self.user is not None:
                field.queryset = field.queryset.visible_to(self.user)

    @property
    def fieldsets(self: Any) -> list[dict[str, Any]]:
        named = [name for _title, names in self.sections for name in names]
        rest = [name for name in self.fields if name not in named]
        groups = [(title, [self[n] for n in names if n in self.fields]) for title, names in self.sections]
        if rest:
            groups.append((_("More") if self.sections else "", [self[n] for n in rest]))
        return [{"title": t, "fields": [f for f in fs if not f.is_hidden]} for t, fs in groups if fs]

    @property
    def error_links(self: Any) -> list[dict[str, str]]:
        """For the summary on top: each wrong field with a link to it."""
        wrong = [self[name] for name in self.errors if name in self.fields]
        return [{"id": f.id_for_label or f.auto_id, "label": f.label, "text": " ".join(f.errors)} for f in wrong]


class Form(_Base, forms.Form):
    """A form that knows its user."""

    def __init__(self, *args: Any, user: Any = None, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)
        self._prepare()


def formfield(column: "models.Field[Any, Any]", **kwargs: Any) -> forms.Field | None:
    """The form field of a model field: pickers for records, plain amounts for money, radio-free selects for choices."""
    if isinstance(column, models.ForeignKey) and hasattr(column.remote_field.model._default_manager, "visible_to"):
        kwargs = {"form_class": PickerField, **kwargs}
    found = column.formfield(**kwargs)
    if isinstance(found, DjangoMoneyFormField):
        return AmountField(
            required=not column.blank, label=found.label, help_text=found.help_text, initial=column.default
        )
    return found


class ModelFormOptions(forms.models.ModelFormMetaclass):
    def __new__(mcs, name: str, bases: tuple[type, ...], attrs: dict[str, Any]) -> Any:
        meta = attrs.get("Meta")
        if meta is not None and not hasattr(meta, "formfield_callback"):
            meta.formfield_callback = staticmethod(formfield)
        return super().__new__(mcs, name, bases, attrs)


class ModelForm(_Base, forms.ModelForm, metaclass=ModelFormOptions):
    """A model form that knows its user."""

    def __init__(self, *args: Any, user: Any = None, **kwargs: Any) -> None:
        self.user = user
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
    elif kind is forms.Textarea:
        field.widget.attrs.setdefault("rows", 4)
        field.widget.attrs.pop("cols", None)
    if isinstance(field, forms.CharField) and field.max_length is None and not isinstance(field, forms.JSONField):
        field.validators.append(_short_enough)


def _swap(field: forms.Field, widget: forms.Widget) -> None:
    widget.is_required = field.required
    field.widget = widget


def _short_enough(value: str) -> None:
    if len(value) > 20_000:
        raise forms.ValidationError(_("This is too long: at most 20,000 characters."))


def has_column(model: type[models.Model], name: str) -> bool:
    try:
        model._meta.get_field(name)
    except FieldDoesNotExist:
        return False
    return True
