"""Purchasing: orders to suppliers, charged to the project they are for."""

from typing import Any

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.models import ProductLine
from core import triggers
from core.access import RecordQuerySet, user_of
from core.history import tracked
from core.lifecycle import Reason, StateField, transition
from core.models import Document, Priced, search_index
from parties.models import Company
from projects.models import Project


class PurchaseOrderQuerySet(RecordQuerySet):
    owner_paths = ("owner", "project__owner")

    def open(self) -> Any:
        return self.filter(state__in=(PurchaseOrder.State.DRAFT, PurchaseOrder.State.APPROVED))


def has_lines(order: "PurchaseOrder") -> Reason | None:
    return None if order.lines.exists() else Reason(str(_("Add at least one line first.")), fix_url=order.edit_url)


def project_takes_bookings(order: "PurchaseOrder") -> Reason | None:
    if order.project is None or order.project.state in Project.BOOKABLE:
        return None
    return Reason(str(_("Nothing can be booked on a closed project.")))


@tracked()
class PurchaseOrder(Priced, Document):
    """An order to a supplier. Its net is a commitment of the project once approved, a cost once received."""

    ICON = "truck-delivery"

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        APPROVED = "approved", _("Approved")
        RECEIVED = "received", _("Received")
        CANCELLED = "cancelled", _("Cancelled")

    number = models.CharField(_("number"), max_length=20, unique=True, editable=False)
    state = StateField(choices=State.choices, default=State.DRAFT)
    supplier = models.ForeignKey(
        Company, on_delete=models.PROTECT, related_name="purchase_orders", verbose_name=_("supplier")
    )
    project = models.ForeignKey(
        Project,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="purchase_orders",
        verbose_name=_("project"),
    )
    title = models.CharField(_("title"), max_length=200)
    ordered_on = models.DateField(_("ordered on"), default=timezone.localdate)
    deliver_by = models.DateField(_("deliver by"), null=True, blank=True)
    received_on = models.DateField(_("received on"), null=True, editable=False)
    approved_by = models.ForeignKey(
        "people.User",
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("approved by"),
    )
    notes = models.TextField(_("notes"), blank=True, max_length=5000)
    search = search_index("number", "title")

    objects = PurchaseOrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("purchase order")
        verbose_name_plural = _("purchase orders")
        ordering = ("-created_at", "-pk")
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="purchase_list_newest"),
            GinIndex(fields=["search"], name="purchase_search"),
        ]
        triggers = [
            triggers.Frozen(while_in=("draft",), free=("state", "owner", "updated_at", "received_on", "approved_by"))
        ]

    def __str__(self) -> str:
        return self.number

    @transition(
        source=State.DRAFT,
        target=State.APPROVED,
        label=_("Approve"),
        event="approved",
        past=_("approved the purchase order"),
        conditions=[has_lines, project_takes_bookings],
        tone="primary",
    )
    def approve(self, *, by: Any) -> None:
        self.approved_by = user_of(by)
        if self.project:
            self.project.book(
                kind="commitment", on=timezone.localdate(), description=str(self), amount=self.net.amount, source=self
            )

    @transition(
        source=State.APPROVED,
        target=State.RECEIVED,
        label=_("Receive"),
        event="received",
        past=_("received the goods"),
        conditions=[project_takes_bookings],
        tone="primary",
    )
    def receive(self, *, by: Any) -> None:
        """The commitment turns into a cost."""
        self.received_on = timezone.localdate()
        if self.project:
            posting = {"on": self.received_on, "description": str(self), "source": self}
            self.project.book(kind="commitment", amount=-self.net.amount, **posting)
            self.project.book(kind="cost", amount=self.net.amount, **posting)

    @transition(
        source=(State.DRAFT, State.APPROVED),
        target=State.CANCELLED,
        label=_("Cancel the order"),
        event="cancelled",
        past=_("cancelled the purchase order"),
        form="core.forms.ReasonForm",
        tone="danger",
    )
    def cancel(self, *, by: Any, reason: str) -> None:
        if self.project and self.approved_by_id:
            self.project.book(
                kind="commitment", on=timezone.localdate(), description=str(self), amount=-self.net.amount, source=self
            )


@tracked()
class PurchaseOrderLine(ProductLine):
    """A line of a purchase order: `unit_price` is what the supplier asks."""

    order = models.ForeignKey(
        PurchaseOrder, on_delete=models.CASCADE, related_name="lines", verbose_name=_("purchase order")
    )

    class Meta(ProductLine.Meta):
        verbose_name = _("purchase order line")
        verbose_name_plural = _("purchase order lines")
        triggers = [triggers.FrozenLines(parent="order", while_in=("draft",))]
