"""Contracts: what an order becomes, and what a later one renews."""

from datetime import date
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.models import ProductLine
from core import triggers
from core.access import RecordQuerySet
from core.fulltext import search_index, word_index
from core.history import tracked
from core.lifecycle import Refused, StateField, transition
from core.models import Delivery, Document, Priced
from orders.models.orders import SalesOrder
from parties.models import Company, Contact, CustomerSnapshot


class ContractQuerySet(RecordQuerySet):
    def active(self) -> Any:
        return self.filter(state=Contract.State.ACTIVE)

    def ending_by(self, day: date) -> Any:
        return self.active().filter(ends_on__lte=day)


@tracked()
class Contract(CustomerSnapshot, Priced, Document):
    """What was agreed, for how long: the frame that project and invoices fill."""

    ICON = "writing-sign"

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        ACTIVE = "active", _("Active")
        CLOSED = "closed", _("Closed")
        RENEWED = "renewed", _("Renewed")
        TERMINATED = "terminated", _("Terminated")

    number = models.CharField(_("number"), max_length=20, unique=True, editable=False)
    state = StateField(choices=State.choices, default=State.DRAFT)
    order = models.OneToOneField(
        SalesOrder,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="contract",
        verbose_name=_("order"),
    )
    renews = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, editable=False, related_name="renewal", verbose_name=_("renews")
    )
    company = models.ForeignKey(
        Company, on_delete=models.PROTECT, editable=False, related_name="contracts", verbose_name=_("company")
    )
    contact = models.ForeignKey(
        Contact, on_delete=models.PROTECT, null=True, blank=True, related_name="contracts", verbose_name=_("contact")
    )
    title = models.CharField(_("title"), max_length=200)
    starts_on = models.DateField(_("starts on"), default=timezone.localdate)
    ends_on = models.DateField(_("ends on"), null=True, blank=True)
    payment_days = models.PositiveSmallIntegerField(_("payment terms in days"), default=30)
    signed_at = models.DateTimeField(_("signed"), null=True, editable=False)
    closed_at = models.DateTimeField(_("closed"), null=True, editable=False)
    notes = models.TextField(_("notes"), blank=True, max_length=5000)
    search = search_index("number", "customer_name", text=("title",))

    objects = ContractQuerySet.as_manager()

    class Meta:
        verbose_name = _("contract")
        verbose_name_plural = _("contracts")
        ordering = ("-created_at", "-pk")
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="contract_list_newest"),
            models.Index(fields=["state", "ends_on"], name="contract_ending"),
            models.Index(fields=["state", "-created_at"], include=["net", "currency"], name="contract_board"),
            models.Index(fields=["owner", "state"], name="contract_of_owner"),
            word_index(name="contract_search"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="contract_ends_after_it_starts"
            )
        ]
        triggers = [
            triggers.Frozen(
                while_in=("draft",), free=("state", "owner", "updated_at", "signed_at", "closed_at", "ends_on")
            )
        ]

    def __str__(self) -> str:
        return self.number

    def renewals(self) -> Any:
        """The contract that follows this one, as rows."""
        return Contract.objects.filter(renews_id=self.pk)

    def deliveries(self) -> Any:
        """What left the house about this contract."""
        return Delivery.objects.about(self)

    @transition(
        source=State.DRAFT,
        target=State.ACTIVE,
        label=_("Sign"),
        event="signed",
        past=_("signed the contract"),
        tone="primary",
        form="orders.forms.SignForm",
    )
    def sign(self, *, by: Any, on: date | None = None) -> None:
        """`on` is the first day in force; without it, the day the contract names already."""
        self.signed_at = timezone.now()
        self.starts_on = on or self.starts_on
        if self.ends_on is not None and self.ends_on < self.starts_on:
            raise Refused(str(_("A contract cannot end before it starts.")))

    @transition(
        source=State.ACTIVE,
        target=State.CLOSED,
        label=_("Close"),
        event="closed",
        past=_("closed the contract"),
    )
    def close(self, *, by: Any) -> None:
        """Rooms above add their gates: no open project, nothing unpaid."""
        self.closed_at = timezone.now()

    @transition(
        source=(State.ACTIVE, State.CLOSED),
        target=State.RENEWED,
        label=_("Renew"),
        event="renewed",
        past=_("renewed the contract"),
        by_hand=False,
    )
    def renew(self, *, by: Any) -> None:
        """Performed by `orders.services.renew_contract`, which makes the next contract."""
        self.closed_at = self.closed_at or timezone.now()

    @transition(
        source=State.ACTIVE,
        target=State.TERMINATED,
        label=_("Terminate"),
        event="terminated",
        past=_("terminated the contract"),
        form="core.forms.ReasonForm",
        tone="danger",
    )
    def terminate(self, *, by: Any, reason: str) -> None:
        if not reason.strip():
            raise Refused(str(_("Say why the contract ends early.")))
        self.closed_at, self.ends_on = timezone.now(), max(timezone.localdate(), self.starts_on)


@tracked()
class ContractLine(ProductLine):
    """A line of a contract."""

    contract = models.ForeignKey(Contract, on_delete=models.CASCADE, related_name="lines", verbose_name=_("contract"))

    class Meta(ProductLine.Meta):
        verbose_name = _("contract line")
        verbose_name_plural = _("contract lines")
        triggers = [triggers.FrozenLines(parent="contract", while_in=("draft",))]
