"""Filters of the list of activities."""

from typing import Any

import django_filters
from django.utils.translation import gettext_lazy as _

from activities.models import Activity
from core.filters import FilterSet
from people.models import User


class ActivityFilter(FilterSet):
    kind = django_filters.MultipleChoiceFilter(choices=Activity.Kind.choices, label=_("Kind"))
    owner = django_filters.ModelChoiceFilter(queryset=User.objects.filter(is_active=True), label=_("Owner"))
    due_on = django_filters.DateFromToRangeFilter(label=_("Due on"))
    done = django_filters.BooleanFilter(method="by_done", label=_("Done"))

    class Meta:
        model = Activity
        fields: tuple[str, ...] = ()

    def by_done(self, rows: Any, name: str, value: bool | None) -> Any:
        return rows if value is None else rows.filter(done_at__isnull=not value)
