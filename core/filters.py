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


#: How many alternatives an address may hold, and how long each may be: every one is a condition for the database.
MOST_GROUPS = 5
LONGEST_GROUP = 1000


class PickFilter(django_filters.ModelChoiceFilter):
    """A record chosen by searching on the server, among those the user may see."""

    field_class = PickerField


class FilterSet(django_filters.FilterSet):
    """The base of every app's filters (`<app>/filters.py`)."""

    #: Templates ask whether a list has filters, and must not make one of them.
    do_not_call_in_templates = True
    base_filters: Any

    def __init__(self, *args: Any, only: list[str] | None = None, **kwargs: Any) -> None:
        if only is not None:
            self.base_filters = {name: self.base_filters[name] for name in only}  # each is copied for this request
        super().__init__(*args, **kwargs)

    def get_form_class(self) -> type[Form]:
        fields = {name: _readable(each.field) for name, each in self.filters.items()}
        return type(f"{type(self).__name__}Form", (Form,), fields)

    @property
    def form(self) -> Any:
        if not hasattr(self, "_form"):
            user = getattr(self.request, "user", None)
            self._form = self.get_form_class()(self.data or None, prefix=self.form_prefix, user=user)
        return self._form

    def narrowed(self, *left_out: str) -> Any:
        """The rows under every filter whose value makes sense; the others are in ``problems``. Some may be left out."""
        queryset = self.queryset.all()
        if not self.form.is_bound:
            return queryset
        self.form.is_valid()
        for name, value in self.form.cleaned_data.items():
            if name in left_out:
                continue
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
    """One active filter: what it says, and the query string without it. `either`: it is an alternative to those before."""

    label: str
    value: str
    remove: str
    either: bool = False


def names_in(filterset: Any, params: QueryDict) -> list[str]:
    """The filters that the address holds: without one, no filter form is built at all."""
    asked = {key.removesuffix(suffix) for key in params for suffix in _SUFFIXES}
    return [name for name in filterset.base_filters if name in asked]


def parameters(filterset: Any) -> list[str]:
    """Every parameter of the address that a filterset reads."""
    return [name + suffix for name in filterset.base_filters for suffix in _SUFFIXES]


def build(
    filterset: Any, request: HttpRequest, queryset: Any, params: QueryDict | None = None, *, whole: bool = False
) -> Any:
    """The filterset bound to parameters (else those of the request); `whole` for the dialogue in which filters are chosen."""
    data = request.GET if params is None else params
    only = None if whole else names_in(filterset, data)
    return filterset(data=data, queryset=queryset, request=request, only=only)


def groups(filterset: Any, params: QueryDict) -> list[tuple[str, QueryDict]]:
    """The alternatives of the address, each as it stands there and read: `or=state%3Dnew%26score_min%3D80`, repeated."""
    if filterset is None:
        return []
    found = [(text, QueryDict(text[:LONGEST_GROUP])) for text in params.getlist("or")]
    return [(text, group) for text, group in found[:MOST_GROUPS] if names_in(filterset, group)]


def either(queryset: Any, bound: list[Any]) -> Any:
    """The rows that match at least one of the bound filtersets; all rows where none of them asks for anything."""
    parts = [_joinable(queryset, filterset.narrowed()) for filterset in bound if active(filterset)]
    if not parts:
        return queryset.all()
    found = parts[0]
    for part in parts[1:]:
        found |= part
    return found


def _joinable(queryset: Any, rows: Any) -> Any:
    """Rows of a filter through a many-to-many are told by their ids: DISTINCT cannot be joined with "or"."""
    return queryset.filter(pk__in=rows.order_by().values("pk")) if rows.query.distinct else rows


def active(filterset: Any) -> dict[str, Any]:
    """The values a bound filterset narrows by: what is empty or made no sense is left out."""
    if not filterset.form.is_bound or (filterset.form.is_valid() and not filterset.form.cleaned_data):
        return {}
    return {name: value for name, value in filterset.form.cleaned_data.items() if not _is_empty(value)}


def _is_empty(value: Any) -> bool:
    return value in (None, "", [], ()) or (isinstance(value, models.QuerySet) and not value)


def chips(filterset: Any, params: QueryDict) -> list[Chip]:
    """The active filters of a bound filterset."""
    fields = filterset.form.fields
    return [
        Chip(str(fields[name].label), _words(fields[name], value), without(params, name))
        for name, value in active(filterset).items()
    ]


def group_chip(filterset: Any, params: QueryDict, text: str) -> Chip | None:
    """One alternative as one chip; None where nothing of it makes sense."""
    rest = params.copy()
    rest.setlist("or", [other for other in params.getlist("or") if other != text])
    for cursor in ("after", "before"):
        rest.pop(cursor, None)
    words = [f"{chip.label}: {chip.value}" for chip in chips(filterset, params)]
    return Chip("", ", ".join(words), f"?{rest.urlencode()}", either=True) if words else None


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
