"""Filters of the list of purchase orders."""

import django_filters
from django.utils.translation import gettext_lazy as _

from core.filters import FilterSet, PickFilter
from parties.models import Company
from projects.models import Project
from purchasing.models import PurchaseOrder


class PurchaseOrderFilter(FilterSet):
    state = django_filters.MultipleChoiceFilter(choices=PurchaseOrder.State.choices, label=_("State"))
    supplier = PickFilter(queryset=Company.objects.all(), label=_("Supplier"))
    project = PickFilter(queryset=Project.objects.all(), label=_("Project"))
    ordered_on = django_filters.DateFromToRangeFilter(label=_("Ordered"))
    deliver_by = django_filters.DateFromToRangeFilter(label=_("Delivery"))

    class Meta:
        model = PurchaseOrder
        fields = ("state", "supplier", "project", "ordered_on", "deliver_by")
