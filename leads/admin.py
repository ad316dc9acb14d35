"""Leads and campaigns in the admin."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy
from unfold.admin import TabularInline

from core.admin import LifecycleAdmin, RecordAdmin, ViewOnlyAdmin
from core.admin.exchange import ExchangeMixin
from leads import services
from leads.models import (
    Assignment,
    AssignmentMember,
    AssignmentRule,
    Campaign,
    Lead,
    RuleSet,
    ScoreRule,
    ScoreVersion,
    handing,
)  # fmt: skip
from leads.resources import LeadResource


@admin.register(Lead)
class LeadAdmin(ExchangeMixin, LifecycleAdmin):
    resource_classes = (LeadResource,)
    addable = True
    list_display = ("__str__", "city", "source", "state", "score", "budget", "owner", "created_at")
    list_filter = ("state", "language", "campaign", "created_at")
    list_select_related = ("owner", "scoring")
    search_fields = ("company_name", "first_name", "last_name", "email", "vat_number")
    autocomplete_fields = ("campaign", "owner")
    exclude = ("attributes",)

    @admin.display(description=gettext_lazy("Score"), ordering="scored__score")
    def score(self, lead: Lead) -> int | None:
        return lead.score

    def save_model(self, request: HttpRequest, obj: Lead, form: Any, change: bool) -> None:
        if change and "owner" in form.changed_data:
            handing.logged(Lead.objects.get(pk=obj.pk), obj.owner, request.user)
        super().save_model(request, obj, form, change)
        services.lead_changed(obj)


@admin.register(ScoreVersion)
class ScoreVersionAdmin(ViewOnlyAdmin):
    """What was learnt, and when; put to use on its own page."""

    list_display = ("number", "verdict", "closed", "won", "auc", "hot_from", "active", "kept", "by", "created_at")
    list_select_related = ("by",)
    exclude = ("model", "report", "left_out")  # shown as charts on its own page
    view_on_site = False
    list_filter = ("created_at",)


@admin.register(Campaign)
class CampaignAdmin(LifecycleAdmin):
    addable = True
    list_display = ("name", "state", "kind", "starts_on", "ends_on", "budget", "cost", "owner")
    search_fields = ("name", "channel")
    autocomplete_fields = ("owner",)


class MemberInline(TabularInline):
    model = AssignmentMember
    extra = 0
    autocomplete_fields = ("user",)


@admin.register(AssignmentRule)
class AssignmentRuleAdmin(RecordAdmin):
    list_display = ("position", "name", "active", "sla_minutes")
    list_display_links = ("name",)
    filter_horizontal = ("campaigns",)
    readonly_fields = ("active", "active_since")
    inlines = (MemberInline,)


@admin.register(Assignment)
class AssignmentAdmin(ViewOnlyAdmin):
    """The log: only looked at."""

    list_display = ("at", "lead", "user", "rule", "due_by", "first_contact_at", "moved_on_at")
    list_select_related = ("lead", "user", "rule")
    list_filter = ("at",)


class ScoreRuleInline(TabularInline):
    """Rules are changed where one sees what they change: on their own page."""

    model = ScoreRule
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(RuleSet)
class RuleSetAdmin(ViewOnlyAdmin):
    list_display = ("number", "state", "by", "used_at")
    list_select_related = ("by",)
    inlines = (ScoreRuleInline,)
