"""Projects, their ledger, hours and costs in the admin: looked at here, written by their own pages."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from core.admin import LifecycleAdmin, ViewOnlyAdmin, amount
from projects.models import Entry, Expense, Project, TimeEntry


@admin.register(Project)
class ProjectAdmin(LifecycleAdmin):
    list_display = ("number", "name", "company", "owner", "state", "progress", "ends_on", "revenue")
    list_filter = ("state", "owner")
    list_select_related = ("company", "owner")
    search_fields = ("number", "name", "company__name")
    readonly_fields = (amount(Project, "revenue"),)
    fieldsets = (
        (None, {"fields": ("number", "state", "name", "company", "contract", "owner")}),
        (
            _("Work"),
            {"fields": ("starts_on", "ends_on", "progress", amount(Project, "revenue"), "closed_at", "description")},
        ),
    )


class OfProjectAdmin(ViewOnlyAdmin):
    """Rows of a project that only services write: a correction is a posting of its own."""

    list_select_related: Any = ("project",)
    list_filter: Any = ("on",)


@admin.register(Entry)
class EntryAdmin(OfProjectAdmin):
    list_display = ("on", "project", "kind", "description", "amount")
    list_filter = ("kind", "on")
    search_fields = ("project__number", "description")
    fields = ("project", "kind", "on", "description", "amount", "created_at")


@admin.register(TimeEntry)
class TimeEntryAdmin(OfProjectAdmin):
    """Without the cost rate: what people cost is for human resources."""

    list_display = ("on", "employee", "project", "hours", "activity")
    list_select_related = ("project", "employee")
    search_fields = ("project__number", "employee__last_name", "activity")
    fields = ("project", "employee", "on", "hours", "activity", "created_at")


@admin.register(Expense)
class ExpenseAdmin(OfProjectAdmin):
    list_display: Any = ("on", "project", "description", "amount", "booked_by", "reversed_on")
    list_select_related = ("project", "booked_by")
    search_fields = ("project__number", "description")
    fields = ("project", "on", "description", "amount", "booked_by", "reversed_on", "created_at")
