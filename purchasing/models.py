"""Purchasing: orders to suppliers, charged to the project they are for."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.models import ProductLine
from core import formats, triggers
from core.access import RecordQuerySet, user_of
from core.fulltext import search_index, word_index
from core.history import tracked
from core.lifecycle import Reason, StateField, transition
from core.models import Document, Priced
from core.money import ZERO
from parties.models import Company
from projects.models import Entry, Project


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


def within_budget_or_other_eyes(order: "PurchaseOrder", by: Any) -> Reason | None:
    """Whoever wrote an order that exceeds the project's budget does not approve it."""
    user = user_of(by)
    if order.project is None or user is None or order.owner_id != user.pk:
        return None
    after = consumption(order.project, net=order.net.amount, order=order).after
    if after >= 0:
        return None
    text = _("The order exceeds the project's budget by %(amount)s: somebody else has to approve it.")
    return Reason(str(text) % {"amount": formats.money(-after)}, fix_url=order.edit_url)


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
    search = search_index("number", text=("title",))

    objects = PurchaseOrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("purchase order")
        verbose_name_plural = _("purchase orders")
        ordering = ("-created_at", "-pk")
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="purchase_list_newest"),
            models.Index(fields=["state", "-created_at"], include=["net", "currency"], name="purchase_board"),
            word_index(name="purchase_search"),
        ]
        triggers = [
            triggers.Frozen(while_in=("draft",), free=("state", "owner", "updated_at", "received_on", "approved_by"))
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_editable(self) -> bool:
        return self.state == self.State.DRAFT

    @transition(
        source=State.DRAFT,
        target=State.APPROVED,
        label=_("Approve"),
        event="approved",
        past=_("approved the purchase order"),
        conditions=[has_lines, project_takes_bookings, within_budget_or_other_eyes],
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
            posting: Any = {"on": self.received_on, "description": str(self), "source": self}
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
        if self.project and self.state == self.State.APPROVED:
            self.project.book(
                kind="commitment", on=timezone.localdate(), description=str(self), amount=-self.net.amount, source=self
            )


@tracked()
class PurchaseOrderLine(ProductLine):
    """A line of a purchase order: `unit_price` is what the supplier asks; it has no cost of its own."""

    COST_FIELDS: tuple[str, ...] = ()

    order = models.ForeignKey(
        PurchaseOrder, on_delete=models.CASCADE, related_name="lines", verbose_name=_("purchase order")
    )

    class Meta(ProductLine.Meta):
        verbose_name = _("purchase order line")
        verbose_name_plural = _("purchase order lines")
        triggers = [triggers.FrozenLines(parent="order", while_in=("draft",))]


@dataclass(frozen=True)
class Consumption:
    """What is left of a project's cost budget, in EUR: `drafts` are other orders not approved yet, `order` this one."""

    budget: Decimal
    spent: Decimal
    committed: Decimal
    drafts: Decimal
    order: Decimal

    @property
    def taken(self) -> Decimal:
        """By costs, approved orders and other drafts."""
        return self.spent + self.committed + self.drafts

    @property
    def remaining(self) -> Decimal:
        """Before this order."""
        return self.budget - self.taken

    @property
    def after(self) -> Decimal:
        """After this order; below zero it exceeds the budget."""
        return self.remaining - self.order


def consumption(project: Project, *, net: Decimal, order: PurchaseOrder | None = None) -> Consumption:
    """The project's budget before and after an order of `net`; `order` itself is left out of what others have taken."""
    sums = project.totals_by_kind()
    drafts = PurchaseOrder.objects.filter(project=project, state=PurchaseOrder.State.DRAFT)
    if order is not None and order.pk:
        drafts = drafts.exclude(pk=order.pk)
    return Consumption(
        budget=sums[Entry.Kind.BUDGET],
        spent=sums[Entry.Kind.COST],
        committed=sums[Entry.Kind.COMMITMENT],
        drafts=drafts.aggregate(sum=Sum("net"))["sum"] or ZERO,
        order=net,
    )
