"""Filters of the product list."""

import django_filters
from django.utils.translation import gettext_lazy as _

from catalog.models import Product
from core.filters import FilterSet


class ProductFilter(FilterSet):
    kind = django_filters.MultipleChoiceFilter(choices=Product.Kind.choices, label=_("Kind"))
    family = django_filters.CharFilter(lookup_expr="icontains", label=_("Family"))
    is_active = django_filters.BooleanFilter(label=_("On sale"))
    list_price = django_filters.RangeFilter(label=_("List price"))

    class Meta:
        model = Product
        fields: tuple[str, ...] = ()
