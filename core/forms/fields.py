"""Fields: a record chosen by searching, an amount of money."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.db import models
from django.urls import NoReverseMatch, reverse

from core.forms.widgets import NumberInput, Picker

#: Rows a picker offers before anything is typed, and to those without script.
_PICK_FIRST = 20


class PickerRows(forms.models.ModelChoiceIterator):
    """The choices a picker is drawn with: what is chosen, and the first rows the user may see."""

    field: Any
    queryset: Any

    def __iter__(self) -> Any:
        if self.field.empty_label is not None:
            yield ("", self.field.empty_label)
        rows = list(self.queryset[:_PICK_FIRST])
        known = {str(row.pk) for row in rows}
        missing = [v for v in self.field.chosen if str(v) not in known and str(v).isdigit()]
        if missing:
            rows += self.queryset.filter(pk__in=missing)
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
        kwargs.setdefault("empty_label", "—")
        super().__init__(queryset, **kwargs)

    def for_user(self, user: Any, chosen: Any) -> None:
        self.chosen = list(chosen) if isinstance(chosen, list | tuple) else [chosen]
        rows: Any = self.queryset
        if hasattr(rows, "visible_to"):
            self.queryset = rows.visible_to(user)
        self.widget.url = pick_url(rows.model, self.filters)


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
