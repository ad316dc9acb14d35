"""What orders and contracts are narrowed by, in the address of their lists."""

from typing import Any

import django_filters
from django.utils.translation import gettext_lazy as _

from core.filters import FilterSet
from orders.models import Contract, SalesOrder
from parties.models import Company
from people.models import User


def people(_request: Any) -> Any:
    return User.objects.filter(is_active=True)


class SalesOrderFilter(FilterSet):
    state = django_filters.MultipleChoiceFilter(label=_("State"), choices=SalesOrder.State.choices)
    owner = django_filters.ModelChoiceFilter(label=_("Owner"), queryset=people)
    company = django_filters.ModelChoiceFilter(label=_("Company"), queryset=Company.objects.all())
    ordered_on = django_filters.DateFromToRangeFilter(label=_("Ordered"))
    deliver_by = django_filters.DateFromToRangeFilter(label=_("Deliver by"))
    net = django_filters.RangeFilter(label=_("Net"))

    class Meta:
        model = SalesOrder
        fields: tuple[str, ...] = ()


class ContractFilter(FilterSet):
    state = django_filters.MultipleChoiceFilter(label=_("State"), choices=Contract.State.choices)
    owner = django_filters.ModelChoiceFilter(label=_("Owner"), queryset=people)
    company = django_filters.ModelChoiceFilter(label=_("Company"), queryset=Company.objects.all())
    starts_on = django_filters.DateFromToRangeFilter(label=_("Starts"))
    ends_on = django_filters.DateFromToRangeFilter(label=_("Ends"))
    net = django_filters.RangeFilter(label=_("Net"))

    class Meta:
        model = Contract
        fields: tuple[str, ...] = ()
