"""Leads and campaigns in the admin."""

from django.contrib import admin
from django.http import HttpRequest

from core.admin import LifecycleAdmin, RecordAdmin
from core.admin.exchange import ExchangeMixin
from leads import services
from leads.models import Campaign, Lead
from leads.resources import LeadResource


@admin.register(Lead)
class LeadAdmin(ExchangeMixin, LifecycleAdmin):
    resource_classes = (LeadResource,)
    addable = True
    list_display = ("__str__", "city", "source", "state", "score", "budget", "owner", "created_at")
    list_filter = ("state", "language", ("campaign", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("owner",)
    search_fields = ("company_name", "first_name", "last_name", "email", "vat_number")
    autocomplete_fields = ("campaign", "owner")
    date_hierarchy = "created_at"
    exclude = ("attributes",)

    def save_model(self, request: HttpRequest, obj: Lead, form: object, change: bool) -> None:
        super().save_model(request, obj, form, change)
        services.lead_changed(obj)


@admin.register(Campaign)
class CampaignAdmin(RecordAdmin):
    list_display = ("name", "channel", "starts_on", "ends_on", "budget", "cost", "owner")
    search_fields = ("name", "channel")
    autocomplete_fields = ("owner",)
