"""Companies and contacts in the admin, with import and export."""

from django.contrib import admin
from unfold.contrib.filters.admin import FieldTextFilter

from core.admin import RecordAdmin
from core.admin.exchange import ExchangeMixin
from parties.models import Company, Contact
from parties.resources import CompanyResource, ContactResource


@admin.register(Company)
class CompanyAdmin(ExchangeMixin, RecordAdmin):
    resource_classes = (CompanyResource,)
    list_display = ("name", "vat_number", "city", "sector", "is_customer", "is_supplier", "owner")
    list_filter = ("is_customer", "is_supplier", ("country", FieldTextFilter), "owner")
    list_select_related = ("owner",)
    search_fields = ("name", "vat_number", "tax_code", "email", "city")
    autocomplete_fields = ("parent",)
    ordering = ("name",)


@admin.register(Contact)
class ContactAdmin(ExchangeMixin, RecordAdmin):
    resource_classes = (ContactResource,)
    list_display = ("last_name", "first_name", "company", "job_title", "email", "phone", "owner")
    list_filter = ("owner", "language")
    list_select_related = ("company", "owner")
    search_fields = ("first_name", "last_name", "email", "company__name")
    autocomplete_fields = ("company",)
    ordering = ("last_name", "first_name")
