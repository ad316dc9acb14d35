"""Pages of what leaves the house: every delivery with its tries, its answer, and "send again"."""

import json
from typing import Any

import django_filters
from django.db.models import Case, When
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from core.filters import FilterSet
from core.models import Delivery
from core.pages import ActPage, Column, DetailPage, ListPage, Page, Panel
from core.pages.downloads import download

#: Longest text of a payload or answer shown on the page, in characters; all of it is in the database.
SHOWN = 20_000


#: The ways by which something leaves the house.
CHANNELS = (("email", _("E-mail")), ("ubl", "UBL"), ("webhook", "Webhook"))

#: When the next try is made; empty for what is through or given up.
NEXT_TRY = Case(When(state=Delivery.State.PENDING, then="next_try_at"))


class DeliveryFilter(FilterSet):
    state = django_filters.MultipleChoiceFilter(label=_("State"), choices=Delivery.State.choices)
    channel = django_filters.ChoiceFilter(label=_("Channel"), choices=CHANNELS)
    key = django_filters.CharFilter(label=_("Key"), lookup_expr="icontains")
    created_at = django_filters.DateFromToRangeFilter(label=_("Created"))

    class Meta:
        model = Delivery
        fields: tuple[str, ...] = ()


class DeliveryList(ListPage):
    model = Delivery
    columns = (
        Column("key", link=True),
        Column("subject", kind="any", label=_("About")),
        Column("channel"),
        Column("state"),
        Column("attempts"),
        Column("next_try", kind="datetime", label=_("Next try"), expression=NEXT_TRY, hide_on_phone=True),
        Column("last_error", hide_on_phone=True),
        Column("created_at", kind="datetime"),
    )
    filterset = DeliveryFilter
    search_fields = ("key", "last_error")
    views = (
        (_("All"), ""),
        (_("Failed"), "state=failed"),
        (_("Pending"), "state=pending"),
        (_("In flight"), "state=in_flight"),
        (_("Delivered"), "state=delivered"),
    )
    bulk_verbs = ("resend",)
    empty_text = _("Nothing has left the house yet: e-mails, orders for the ERP and webhooks are listed here.")


class DeliveryDetail(DetailPage):
    model = Delivery
    template_name = "core/delivery_detail.html"
    figures = ("channel", "attempts")
    panels = (
        Panel(
            _("Sending"),
            (("subject", _("About")), "channel", "key", "created_at", "delivered_at", "payload_hash"),
            icon="send",
        ),
    )

    def context(self, record: Any) -> dict[str, Any]:
        found = super().context(record)
        waits = record.state == Delivery.State.PENDING
        return found | {
            "files": record.files.defer("content"),
            "email": record.payload if "text" in record.payload else None,
            "payload": readable(record.payload),
            "next_try": record.next_try_at if waits else None,
        }


class DeliveryAct(ActPage):
    model = Delivery


class DeliveryFile(Page):
    """A file of a delivery, for those who may see the delivery; always as a download, never shown by the browser."""

    model = Delivery

    def get(self, request: HttpRequest, pk: int, file: int) -> HttpResponse:
        found = self.record().files.filter(pk=file).first()
        if found is None:
            raise Http404
        return download(found.name, found.read())


def readable(payload: Any) -> str:
    """JSON as people read it."""
    return json.dumps(payload, indent=2, ensure_ascii=False)[:SHOWN]
