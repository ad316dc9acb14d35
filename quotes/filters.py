"""Filters of the list of quotes."""

from datetime import timedelta
from typing import Any

import django_filters
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.filters import FilterSet, PickFilter
from opportunities.models import Opportunity
from parties.models import Company
from people.models import User
from quotes.models import Quote

#: Days before the end of an offer's validity in which somebody should call.
SOON = 7


class QuoteFilter(FilterSet):
    state = django_filters.MultipleChoiceFilter(choices=Quote.State.choices, label=_("State"))
    owner = django_filters.ModelChoiceFilter(queryset=User.objects.filter(is_active=True), label=_("Owner"))
    company = PickFilter(queryset=Company.objects.all(), label=_("Customer"))
    opportunity = PickFilter(queryset=Opportunity.objects.all(), label=_("Opportunity"))
    valid_until = django_filters.DateFromToRangeFilter(label=_("Valid until"))
    expiring = django_filters.BooleanFilter(label=_("Expiring within a week"), method="only_expiring")

    class Meta:
        model = Quote
        fields = ("state", "owner", "company", "opportunity", "valid_until", "expiring")

    def only_expiring(self, rows: Any, _name: str, wanted: bool | None) -> Any:
        return rows.expiring(on=timezone.localdate() + timedelta(days=SOON)) if wanted else rows
