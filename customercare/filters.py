"""What cases are narrowed by, in the address of their list."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from core.filters import FilterSet
from customercare.models import Case
from parties.models import Company


class CaseFilter(FilterSet):
    state = django_filters.MultipleChoiceFilter(label=_("State"), choices=Case.State.choices)
    open = django_filters.BooleanFilter(label=_("Open"), method="narrow_open")
    unassigned = django_filters.BooleanFilter(label=_("Unassigned"), method="narrow_unassigned")
    priority = django_filters.MultipleChoiceFilter(label=_("Priority"), choices=Case.Priority.choices)
    channel = django_filters.ChoiceFilter(label=_("Channel"), choices=Case.Channel.choices)
    company = django_filters.ModelChoiceFilter(label=_("Company"), queryset=Company.objects.all())
    created_at = django_filters.DateFromToRangeFilter(label=_("Opened"))

    class Meta:
        model = Case
        fields: tuple[str, ...] = ()

    def narrow_open(self, rows: Any, _name: str, value: bool) -> QuerySet[Case]:
        return rows.open() if value else rows.exclude(state__in=Case.OPEN_STATES)

    def narrow_unassigned(self, rows: Any, _name: str, value: bool) -> QuerySet[Case]:
        return rows.unassigned() if value else rows.exclude(owner=None)
