"""Inputs: numbers in the reader's language, the browser's own date field, pickers that search on the server."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core import formats


class NumberInput(forms.TextInput):
    """A number in the reader's language: "1.234,56" in Italian, "1,234.56" in English."""

    def __init__(self, attrs: dict[str, Any] | None = None, *, whole: bool = False, places: int = 0) -> None:
        mode = "numeric" if whole else "decimal"
        super().__init__({"inputmode": mode, "class": "num", "autocomplete": "off", "maxlength": 40, **(attrs or {})})
        self.is_localized = True
        self.places = places

    def format_value(self, value: Any) -> str | None:
        """Without idle zeros: a quantity of 2.000 is 2; but `places` digits at least: a price of 1234.5000 is 1,234.50."""
        if isinstance(value, Decimal | int) and not isinstance(value, bool):
            digits = -int(Decimal(value).normalize().as_tuple().exponent)
            return formats.number(value, max(self.places, digits, 0))
        return super().format_value(value)


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

    template_name = "forms/picker.html"
    url = ""

    def build_attrs(self, base: dict[str, Any], extra: dict[str, Any] | None = None) -> dict[str, Any]:
        return super().build_attrs(
            base, {**(extra or {}), "data-picker": self.url, "data-none": str(_("Nothing found"))}
        )


class PickerMultiple(Picker, forms.SelectMultiple):
    pass
