"""Tokens and webhooks in the admin: looked at; a token can be revoked for whoever has lost it."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core.admin.base import ViewOnlyAdmin
from core.models import ApiToken, Webhook


@admin.register(ApiToken)
class ApiTokenAdmin(ViewOnlyAdmin):
    """Whose programs may do what, and when they last did."""

    list_display = ("name", "user", "prefix", "scope", "expires_at", "last_used_at", "revoked_at")
    list_filter = ("scope",)
    search_fields = ("name", "prefix", "user__username")
    list_select_related = ("user",)
    fields = (*list_display, "created_at")
    actions = ("revoke",)

    @admin.action(description=_("Revoke"))
    def revoke(self, request: HttpRequest, queryset: Any) -> None:
        tokens = list(queryset.valid())
        for token in tokens:
            token.revoke()
        text = ngettext("%(n)d token opens nothing any more.", "%(n)d tokens open nothing any more.", len(tokens))
        self.message_user(request, text % {"n": len(tokens)})

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        found = super().get_actions(request)
        return found if request.user.has_perm("core.change_apitoken") else {}


@admin.register(Webhook)
class WebhookAdmin(ViewOnlyAdmin):
    """Changed on the pages under "Webhooks", where a secret is shown once."""

    list_display = ("name", "url", "is_active", "owner", "created_at")
    list_select_related = ("owner",)
    search_fields = ("name", "url")
    fields = (*list_display, "event_names", "active_since")
