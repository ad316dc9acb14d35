"""Activities and notes in the admin."""

from typing import Any

from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline

from activities import subjects
from activities.models import Activity, Email, MailTemplate, Note, Plan, PlanStep
from core import letters
from core.admin import RecordAdmin, ViewOnlyAdmin, about


@admin.register(Activity)
class ActivityAdmin(RecordAdmin):
    list_display = ("summary", "kind", "due_on", "owner", "done_at")
    list_filter = ("kind", "owner", "due_on")
    list_select_related = ("owner",)
    search_fields = ("summary", "outcome")
    ordering = ("due_on", "pk")
    exclude = ("subject_type", "subject_id")
    readonly_fields = (about, "done_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Activities are about a record: they are scheduled on its page."""
        return False


class PlanSteps(TabularInline):
    model = PlanStep
    extra = 0
    fields = ("days", "kind", "summary")


@admin.register(Plan)
class PlanAdmin(ModelAdmin):
    """Named sets of activities, started on a record with one click."""

    list_display = ("name", "subject_type", "is_active")
    search_fields = ("name",)
    inlines = (PlanSteps,)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "subject_type":
            kwargs["queryset"] = ContentType.objects.filter(pk__in=[kind.pk for kind in subjects.kinds()])
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(Note)
class NoteAdmin(ViewOnlyAdmin):
    """Notes on records that the reader may see stand on those records' pages; here, administrators look for a word."""

    list_display = ("created_at", "author", about, "body")
    list_filter = ("author",)
    list_select_related = ("author", "subject_type")
    search_fields = ("body",)
    fields = ("created_at", "author", about, "body")
    readonly_fields = (about,)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)


@admin.register(Email)
class EmailAdmin(ViewOnlyAdmin):
    """E-mails that the reader may see: the private ones of others are not among them."""

    list_display = ("sent_at", "direction", "sender_name", "title", "owner", "private")
    list_filter = ("direction", "automatic", "owner")
    list_select_related = ("owner",)
    search_fields = ("title", "sender", "sender_name")
    fields = (
        "sent_at",
        "direction",
        "sender_name",
        "sender",
        "to",
        "cc",
        "title",
        "text",
        "owner",
        "private",
        "readers",
    )


@admin.register(MailTemplate)
class MailTemplateAdmin(RecordAdmin):
    """Texts with placeholders, which are checked when they are saved."""

    list_display = ("name", "subject_type", "is_active")
    list_filter = ("is_active",)
    search_fields = ("name",)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "subject_type":
            models = [declared.model for declared in letters.all_letters()]
            kinds = ContentType.objects.get_for_models(*models).values()
            kwargs["queryset"] = ContentType.objects.filter(pk__in=[kind.pk for kind in kinds])
        return super().formfield_for_foreignkey(db_field, request, **kwargs)
