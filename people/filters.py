"""Filters of the list of employees."""

from typing import Any

import django_filters
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.filters import FilterSet
from people.models import Employee


class EmployeeFilter(FilterSet):
    here = django_filters.BooleanFilter(label=_("Works here today"), method="works_here")
    hired_on = django_filters.DateFromToRangeFilter(label=_("Hired"))

    class Meta:
        model = Employee
        fields = ("here", "hired_on")

    def works_here(self, rows: Any, _name: str, value: bool) -> Any:
        today = timezone.localdate()
        here = Q(left_on=None) | Q(left_on__gte=today)
        return rows.filter(here if value else ~here)
