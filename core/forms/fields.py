"""Fields: a record chosen by searching, an amount of money."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import NoReverseMatch, reverse

from core.forms.widgets import NumberInput, Picker

#: Rows a picker offers before anything is typed, and to those without script.
_PICK_FIRST = 20


class Known:
    """Rows a picker has fetched; the pickers of many lines share one, so that each row is fetched once."""

    def __init__(self) -> None:
        self.first: list[Any] | None = None
        self.by_pk: dict[str, Any] = {}
        self.wanted: set[str] = set()

    def first_rows(self, queryset: Any) -> list[Any]:
        if self.first is None:
            self.first = list(queryset[:_PICK_FIRST])
        return self.first

    def find(self, queryset: Any, pk: str) -> Any:
        """The row of this id if the queryset has it; all ids wanted so far are fetched together."""
        if pk not in self.by_pk:
            self.wanted.add(pk)
            ids = {int(value) for value in self.wanted - self.by_pk.keys() if _is_id(value)}
            self.by_pk |= dict.fromkeys(self.wanted)
            self.by_pk |= {str(row.pk): row for row in queryset.filter(pk__in=ids)}
            self.wanted = set()
        return self.by_pk[pk]


def _is_id(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) < 19


class PickerRows(forms.models.ModelChoiceIterator):
    """The choices a picker is drawn with: what is chosen, and the first rows the user may see."""

    field: Any
    queryset: Any

    def __iter__(self) -> Any:
        field = self.field
        if field.empty_label is not None:
            yield ("", field.empty_label)
        rows = {row.pk: row for row in field.known.first_rows(field.queryset)} if field.offers_first else {}
        chosen = [field.find(value) for value in field.chosen if value not in ("", None)]
        for row in [*rows.values(), *(row for row in chosen if row is not None and row.pk not in rows)]:
            yield self.choice(row)


class PickerField(forms.ModelChoiceField):
    """A record chosen by searching; only rows visible to the form's user are offered and accepted.

    ``filters`` narrows what is offered: {"company": 3} needs a filter of that name, {"open_for_booking": 1} a scope, in
    the model's search entry.
    """

    widget = Picker
    iterator = PickerRows
    #: Whether the first rows are in the page; many pickers on one page fetch theirs when they are opened.
    offers_first = True

    def __init__(self, queryset: Any, *, filters: dict[str, Any] | None = None, **kwargs: Any) -> None:
        self.chosen: list[Any] = []
        self.own: str = ""
        self.filters = filters or {}
        self.known = Known()
        kwargs.setdefault("empty_label", "—")
        super().__init__(queryset, **kwargs)

    def __deepcopy__(self, memo: dict[int, Any]) -> "PickerField":
        copied = super().__deepcopy__(memo)
        copied.known, copied.chosen = Known(), []
        return copied

    def for_user(self, user: Any, chosen: Any, own: Any = None) -> None:
        """`chosen` is what the form shows; `own` what the record has already, whose name is no secret on its form."""
        self.chosen = list(chosen) if isinstance(chosen, list | tuple) else [chosen]
        self.own = str(own or "")
        self.known.wanted |= {str(value) for value in self.chosen if value not in ("", None)}
        rows: Any = self.queryset
        if hasattr(rows, "visible_to"):
            self.queryset = rows.visible_to(user)
        self.widget.url = pick_url(rows.model, self.filters)

    def find(self, value: Any) -> Any:
        """The record of this id, if the user may see it or the record has it already."""
        found = self.known.find(self.queryset, str(value))
        if found is None and self.own and str(value) == self.own:
            rows: Any = self.queryset
            found = rows.model._base_manager.filter(pk=self.own).first()
        return found

    def to_python(self, value: Any) -> Any:
        if value in self.empty_values:
            return None
        found = self.find(getattr(value, "pk", value))
        if found is None:
            raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice", params={"value": value})
        return found


def pick_url(model: type[models.Model], filters: dict[str, Any] | None = None) -> str:
    try:
        url = reverse("core:pick", args=[model._meta.app_label, model._meta.model_name])
    except NoReverseMatch:
        return ""
    return f"{url}?{urlencode(filters)}" if filters else url


class AmountField(forms.DecimalField):
    """An amount of money in the document's currency."""

    widget = NumberInput

    def __init__(self, *, max_digits: int = 14, decimal_places: int = 2, **kwargs: Any) -> None:
        kwargs.setdefault("widget", NumberInput(places=2))
        super().__init__(max_digits=max_digits, decimal_places=decimal_places, localize=True, **kwargs)
