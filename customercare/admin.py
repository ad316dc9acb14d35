"""Cases in the admin."""

from django.contrib import admin

from core.admin import LifecycleAdmin
from customercare.models import Case


@admin.register(Case)
class CaseAdmin(LifecycleAdmin):
    list_display = ("number", "title", "company", "priority", "owner", "state", "created_at")
    list_filter = ("state", "priority", "channel")
    list_select_related = ("company", "owner")
    search_fields = ("number", "title", "company__name")
    autocomplete_fields = ()
    ordering = ("-created_at", "-pk")
