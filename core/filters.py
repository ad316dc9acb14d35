"""Filters in the address of a list: django-filter with our fields; bad values are named, active ones shown as chips."""

from dataclasses import dataclass
from typing import Any

import django_filters
from django import forms
from django.db import models
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from core import formats
from core.forms import Form, PickerField

_SUFFIXES = ("", "_min", "_max", "_after", "_before")


class PickFilter(django_filters.ModelChoiceFilter):
    """A record chosen by searching on the server, among those the user may see."""

    field_class = PickerField


class FilterSet(django_filters.FilterSet):
    """The base of every app's filters (`<app>/filters.py`)."""

    #: Whether the form has every filter, to be chosen from, or only those of the address, to be applied.
    whole = False

    def get_form_class(self) -> type[Form]:
        wanted = self.filters if self.whole else names_in(self, self.data)
        fields = {name: _readable(self.filters[name].field) for name in wanted}
        return type(f"{type(self).__name__}Form", (Form,), fields)

    @property
    def form(self) -> Any:
        if not hasattr(self, "_form"):
            user = getattr(self.request, "user", None)
            self._form = self.get_form_class()(self.data or None, prefix=self.form_prefix, user=user)
        return self._form

    def narrowed(self) -> Any:
        """The rows under every filter whose value makes sense; the others are in ``problems``."""
        queryset = self.queryset.all()
        if not self.form.is_bound:
            return queryset
        self.form.is_valid()
        for name, value in self.form.cleaned_data.items():
            found = self.filters[name]
            if "__" not in found.field_name:
                found.distinct = False  # one row is one record: DISTINCT would sort them all before the first is shown
            queryset = found.filter(queryset, value)
        return queryset

    @property
    def problems(self) -> list[str]:
        return [
            f"{self.form.fields[n].label}: {' '.join(errors)}"
            for n, errors in self.form.errors.items()
            if n in self.form.fields
        ]


def _readable(field: Any) -> Any:
    """The field with an input people understand: "any" instead of "unknown", several choices as boxes to tick."""
    if isinstance(field, forms.NullBooleanField):
        field.widget = forms.Select(choices=[("", _("Any")), ("true", _("Yes")), ("false", _("No"))])
    elif isinstance(field, forms.MultipleChoiceField):
        field.widget = forms.CheckboxSelectMultiple(choices=list(field.choices))  # type: ignore[arg-type]
    elif isinstance(getattr(field, "empty_label", None), str):
        field.empty_label = _("Any")
    return field


@dataclass(frozen=True)
class Chip:
    """One active filter: what it says, and the query string without it."""

    label: str
    value: str
    remove: str


def names_in(filterset: Any, params: QueryDict) -> list[str]:
    """The filters that the address holds: without one, no filter form is built at all."""
    return [name for name in filterset.base_filters if any(name + suffix in params for suffix in _SUFFIXES)]


def parameters(filterset: Any) -> list[str]:
    """Every parameter of the address that a filterset reads."""
    return [name + suffix for name in filterset.base_filters for suffix in _SUFFIXES]


def build(
    filterset: Any, request: HttpRequest, queryset: Any, params: QueryDict | None = None, *, whole: bool = False
) -> Any:
    """The filterset bound to parameters (else those of the request); `whole` for the dialogue in which filters are chosen."""
    found = filterset(data=request.GET if params is None else params, queryset=queryset, request=request)
    found.whole = whole
    return found


def chips(filterset: Any, params: QueryDict) -> list[Chip]:
    """The active filters of a bound filterset."""
    found = []
    for name, value in filterset.form.cleaned_data.items():
        if value in (None, "", [], ()) or (isinstance(value, models.QuerySet) and not value):
            continue
        field = filterset.form.fields[name]
        found.append(Chip(str(field.label), _words(field, value), without(params, name)))
    return found


def without(params: QueryDict, name: str) -> str:
    rest = params.copy()
    for suffix in _SUFFIXES:
        rest.pop(name + suffix, None)
    for cursor in ("after", "before"):
        rest.pop(cursor, None)
    return f"?{rest.urlencode()}"


def _words(field: Any, value: Any) -> str:
    if isinstance(value, slice):
        start, stop = _one(value.start), _one(value.stop)
        return f"{start} – {stop}" if start and stop else f"≥ {start}" if start else f"≤ {stop}"
    if isinstance(value, list | tuple | models.QuerySet):
        return ", ".join(_words(field, item) for item in value)
    labels = {} if hasattr(field, "queryset") else dict(_flat(getattr(field, "choices", ())))
    return str(labels.get(str(value), _one(value)))


def _flat(choices: Any) -> list[tuple[str, Any]]:
    found = []
    for value, label in choices:
        found += _flat(label) if isinstance(label, list | tuple) else [(str(value), label)]
    return found


def _one(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if hasattr(value, "isoformat"):
        return formats.date(value)
    return formats.number(value) if isinstance(value, int | float) or hasattr(value, "normalize") else str(value)
