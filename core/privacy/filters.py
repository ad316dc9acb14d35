"""Filters of lists of people."""

from typing import Any

import django_filters
from django.utils.translation import gettext_lazy as _

from core.models import Purpose
from core.privacy import consent


class ConsentingFilter(django_filters.ModelChoiceFilter):
    """Those who may be written to for a purpose: `consent = ConsentingFilter()` in a filter set, `?consent=newsletter`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=Purpose.objects.in_use(), to_field_name="code", label=_("Consents to"), **kwargs)

    def filter(self, qs: Any, value: Any) -> Any:
        return qs if value is None else consent.consenting(qs, value)
