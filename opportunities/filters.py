"""What opportunities are narrowed by, in the address of their list."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.filters import FilterSet
from leads.models import reasons
from leads.services import sellers
from opportunities.models import Opportunity


class OpportunityFilter(FilterSet):
    state = django_filters.MultipleChoiceFilter(label=_("State"), choices=Opportunity.State.choices)
    open = django_filters.BooleanFilter(label=pgettext_lazy("opportunity", "Open"), method="narrow_open")
    overdue = django_filters.BooleanFilter(label=pgettext_lazy("opportunity", "Overdue"), method="narrow_overdue")
    owner = django_filters.ModelChoiceFilter(label=_("Owner"), queryset=lambda _request: sellers())
    company = django_filters.CharFilter(label=_("Company"), field_name="company__name", lookup_expr="icontains")
    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=Opportunity.Kind.choices)
    value = django_filters.RangeFilter(label=_("Value"))
    probability = django_filters.RangeFilter(label=_("Probability %"))
    expected_close = django_filters.DateFromToRangeFilter(label=_("Expected close"))
    lost_reason = django_filters.MultipleChoiceFilter(label=_("Lost because"), choices=reasons.choices)
    created_at = django_filters.DateFromToRangeFilter(label=_("Created"))

    class Meta:
        model = Opportunity
        fields: tuple[str, ...] = ()

    def narrow_open(self, rows: Any, _name: str, value: bool) -> QuerySet[Opportunity]:
        return rows.open() if value else rows.exclude(state__in=Opportunity.OPEN_STATES)

    def narrow_overdue(self, rows: Any, _name: str, value: bool) -> QuerySet[Opportunity]:
        return rows.overdue() if value else rows.exclude(pk__in=Opportunity.objects.overdue().values("pk"))
