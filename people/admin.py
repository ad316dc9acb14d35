"""Accounts, roles, teams and employees in the admin."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from core.admin import RecordAdmin, ViewOnlyAdmin
from people.models import CostRate, Employee, Leave, Team, User, WorkingCalendar
from people.roles import ROLES

admin.site.unregister(Group)


@admin.register(User)
class UserAdmin(DjangoUserAdmin, RecordAdmin):
    """People with an account. Rights come from roles only, so no permission is given to a single person."""

    form, add_form, change_password_form = UserChangeForm, UserCreationForm, AdminPasswordChangeForm
    list_display = ("username", "first_name", "last_name", "email", "roles", "team", "is_active", "is_staff")
    list_filter = ("groups", "team", "is_active", "is_staff")
    list_select_related = ("team",)
    filter_horizontal = ("groups",)
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Person"), {"fields": ("first_name", "last_name", "email", "phone", "language")}),
        (_("Roles"), {"fields": ("is_active", "is_staff", "is_superuser", "groups", "team")}),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"classes": ("wide",), "fields": ("username", "usable_password", "password1", "password2")}),
    )
    readonly_fields = ("last_login", "date_joined")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("groups")

    @admin.display(description=_("roles"))
    def roles(self, user: User) -> str:
        return ", ".join(str(ROLES[g.name].label) if g.name in ROLES else g.name for g in user.groups.all())


@admin.register(Group)
class RoleAdmin(DjangoGroupAdmin, ViewOnlyAdmin):
    """Roles and what they may do: written in people/roles.py, brought in line at each migrate, only looked at here."""

    list_display = ("name", "label")

    @admin.display(description=_("role"))
    def label(self, group: Group) -> str:
        return str(ROLES[group.name].label) if group.name in ROLES else ""


@admin.register(Team)
class TeamAdmin(RecordAdmin):
    list_display = ("name",)
    search_fields = ("name",)


class CostRateInline(TabularInline):
    """What an hour costs, from a day on."""

    model = CostRate
    extra = 0


class LeaveInline(TabularInline):
    model = Leave
    extra = 0


@admin.register(Employee)
class EmployeeAdmin(RecordAdmin):
    list_display = ("last_name", "first_name", "job_title", "hired_on", "left_on", "weekly_hours")
    search_fields = ("first_name", "last_name", "email")
    list_filter = ("job_title",)
    inlines = (CostRateInline, LeaveInline)


@admin.register(CostRate)
class CostRateAdmin(RecordAdmin):
    list_display = ("employee", "starts_on", "hourly_cost")
    list_select_related = ("employee",)
    search_fields = ("employee__last_name",)


@admin.register(Leave)
class LeaveAdmin(RecordAdmin):
    list_display = ("employee", "kind", "starts_on", "ends_on")
    list_filter = ("kind",)
    list_select_related = ("employee",)
    search_fields = ("employee__last_name",)


@admin.register(WorkingCalendar)
class WorkingCalendarAdmin(RecordAdmin):
    list_display = ("name", "country", "province", "starts_at", "is_default")
    search_fields = ("name",)
