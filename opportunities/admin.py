"""Opportunities in the admin."""

from django.contrib import admin

from core.admin import LifecycleAdmin
from core.admin.exchange import ExchangeMixin
from opportunities.models import Opportunity
from opportunities.resources import OpportunityResource


@admin.register(Opportunity)
class OpportunityAdmin(ExchangeMixin, LifecycleAdmin):
    resource_classes = (OpportunityResource,)
    list_display = ("number", "name", "company", "state", "value", "probability", "expected_close", "owner")
    list_filter = ("state", "kind", "expected_close", "created_at")
    list_select_related = ("company", "owner")
    search_fields = ("number", "name", "company__name")
    raw_id_fields = ("company", "contact", "product")
    autocomplete_fields = ("owner",)
