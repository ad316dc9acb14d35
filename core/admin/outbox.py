"""Events, deliveries, files and number series in the admin: looked at, and sent again."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core import outbox
from core.admin.base import LifecycleAdmin, ViewOnlyAdmin, about
from core.deliveries import CHANNELS
from core.models import Delivery, Event, File, Series


class Waiting(admin.SimpleListFilter):
    """Which events have done their work."""

    title = _("reactions")
    parameter_name = "reactions"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("failed", _("Failed: kept with its error")), ("waiting", _("Not done yet")), ("done", _("Done"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() == "failed":
            return queryset.filter(dispatched_at=None, attempts__gt=0)
        if self.value() == "waiting":
            return queryset.filter(dispatched_at=None)
        return queryset.filter(dispatched_at__isnull=False) if self.value() == "done" else queryset


class Named(admin.SimpleListFilter):
    """Every kind of event that there is."""

    title = _("event")
    parameter_name = "name"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(name, name) for name in Event.objects.names()]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(name=self.value()) if self.value() else queryset


class Channel(admin.SimpleListFilter):
    """By which way something leaves."""

    title = _("channel")
    parameter_name = "channel"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return CHANNELS

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(channel=self.value()) if self.value() else queryset


@admin.register(Event)
class EventAdmin(ViewOnlyAdmin):
    """What happened. An event whose reaction failed keeps its error here and can be sent again."""

    list_display = ("at", "actor_name", "name", about, "dispatched_at", "attempts", "last_error")
    fields = ("at", "actor_name", "name", about, "source", "target", "data", "dispatched_at", "attempts", "next_try_at",
              "last_error")  # fmt: skip
    readonly_fields = (about,)
    list_filter = (Waiting, Named, "at")
    search_fields = ("actor_name", "name", "last_error")
    list_select_related = ("subject_type",)
    #: As they were written, which the key tells without a sort.
    ordering = ("-pk",)
    actions = ("send_again",)

    @admin.action(description=_("Send again"))
    def send_again(self, request: HttpRequest, queryset: Any) -> None:
        if not request.user.has_perm("core.resend_event"):
            raise PermissionDenied
        n = outbox.retry(queryset)
        text = ngettext("%(n)d event will be tried again now.", "%(n)d events will be tried again now.", n)
        self.message_user(request, text % {"n": n}, messages.SUCCESS if n else messages.WARNING)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        found = super().get_actions(request)
        return found if request.user.has_perm("core.resend_event") else {}


@admin.register(Delivery)
class DeliveryAdmin(LifecycleAdmin):
    """What leaves the house; "Send again" is its verb."""

    list_display = ("created_at", "channel", "key", "state", "attempts", "next_try_at", "last_error")
    list_filter = ("state", Channel)
    search_fields = ("key", "last_error")
    fields = ("channel", "key", about, "state", "attempts", "next_try_at", "payload",
              "payload_hash", "answer", "last_error", "delivered_at", "created_at", "updated_at")  # fmt: skip
    readonly_fields = fields

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(File)
class FileAdmin(ViewOnlyAdmin):
    """Only what a file is called and how big it is: its content belongs to the record it hangs on."""

    list_display = ("name", "mime", "size", "sha256", "created_at")
    search_fields = ("name", "sha256")
    fields = list_display

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("content")


@admin.register(Series)
class SeriesAdmin(ViewOnlyAdmin):
    """The last number of each series. Never edited: a gap or a double would be a breach of VAT law."""

    list_display = ("code", "year", "last")
    list_filter = ("code",)
    ordering = (F("year").desc(), "code")
