"""Filters of the lists of companies and contacts."""

import django_filters
from django.utils.translation import gettext_lazy as _

from core.filters import FilterSet
from core.privacy.filters import ConsentingFilter
from parties.models import Company, Contact
from people.models import User


class CompanyFilter(FilterSet):
    is_customer = django_filters.BooleanFilter(label=_("Customer"))
    is_supplier = django_filters.BooleanFilter(label=_("Supplier"))
    city = django_filters.CharFilter(lookup_expr="icontains", label=_("City"))
    country = django_filters.CharFilter(lookup_expr="iexact", label=_("Country (two letters)"))
    sector = django_filters.CharFilter(lookup_expr="icontains", label=_("Sector"))
    owner = django_filters.ModelChoiceFilter(queryset=User.objects.filter(is_active=True), label=_("Owner"))

    class Meta:
        model = Company
        fields: tuple[str, ...] = ()


class ContactFilter(FilterSet):
    company = django_filters.CharFilter(field_name="company__name", lookup_expr="icontains", label=_("Company"))
    job_title = django_filters.CharFilter(lookup_expr="icontains", label=_("Job title"))
    owner = django_filters.ModelChoiceFilter(queryset=User.objects.filter(is_active=True), label=_("Owner"))
    consent = ConsentingFilter()

    class Meta:
        model = Contact
        fields: tuple[str, ...] = ()
