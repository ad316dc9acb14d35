"""Quotes in the admin: managers approve here."""

from django.contrib import admin

from core.admin import LifecycleAdmin, LinesInline
from quotes.models import Quote, QuoteLine


class QuoteLineInline(LinesInline):
    model = QuoteLine


@admin.register(Quote)
class QuoteAdmin(LifecycleAdmin):
    list_display = ("number", "revision", "title", "customer_name", "state", "owner", "valid_until", "net", "gross")
    list_filter = ("state", "owner", "created_at")
    list_select_related = ("owner",)
    search_fields = ("number", "title", "customer_name")
    inlines = (QuoteLineInline,)
    raw_id_fields = ("contact", "company", "opportunity")
