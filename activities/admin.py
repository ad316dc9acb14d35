"""Activities and notes in the admin."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from activities.models import Activity, Note
from core.admin import RecordAdmin, ViewOnlyAdmin


@admin.register(Activity)
class ActivityAdmin(RecordAdmin):
    list_display = ("summary", "kind", "due_on", "owner", "done_at")
    list_filter = ("kind", "owner", "due_on")
    list_select_related = ("owner",)
    search_fields = ("summary", "outcome")
    ordering = ("due_on", "pk")
    readonly_fields = ("subject_type", "subject_id", "done_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Activities are about a record: they are scheduled on its page."""
        return False


@admin.register(Note)
class NoteAdmin(ViewOnlyAdmin):
    """Notes on records that the reader may see stand on those records' pages; here, administrators look for a word."""

    list_display = ("created_at", "author", "subject_type", "subject_id", "body")
    list_filter = ("author",)
    list_select_related = ("author", "subject_type")
    search_fields = ("body",)
    fields = ("created_at", "author", "subject_type", "subject_id", "body")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)
