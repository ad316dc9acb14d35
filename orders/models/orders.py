"""Sales orders: validated, approved by somebody else, contracted."""

from typing import Any

from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.models import ProductLine
from core import triggers
from core.access import RecordQuerySet, user_of
from core.fulltext import search_index, word_index
from core.history import tracked
from core.lifecycle import Reason, StateField, transition
from core.models import Delivery, Document, Priced
from opportunities.models import Opportunity
from parties.models import Company, Contact, CustomerSnapshot
from quotes.models import Quote


class OrderQuerySet(RecordQuerySet):
    def awaiting_approval(self) -> Any:
        return self.filter(state=SalesOrder.State.VALIDATED)


def has_lines(order: "SalesOrder") -> Reason | None:
    return None if order.lines.exists() else Reason(str(_("The order has no lines.")))


def can_be_invoiced(order: "SalesOrder") -> list[Reason]:
    """What Italian invoices need to know of the customer, asked before anybody starts working."""
    gaps = order.company.billing_gaps
    url = order.company.edit_url
    return [Reason(str(_("The customer lacks: %(what)s.") % {"what": gap}), fix_url=url) for gap in gaps]


def other_eyes(order: "SalesOrder", by: Any) -> Reason | None:
    """Four eyes: whoever validated an order does not approve it."""
    user = user_of(by)
    if user is not None and order.validated_by_id == user.pk:
        return Reason(str(_("You validated this order: somebody else has to approve it.")))
    return None


FREE = ("state", "owner", "updated_at", "validated_by", "approved_by", "approved_at", "erp_number")


@tracked()
class SalesOrder(CustomerSnapshot, Priced, Document):
    """What the customer ordered: a snapshot of the accepted revision."""

    ICON = "shopping-cart"

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        VALIDATED = "validated", _("Validated")
        APPROVED = "approved", _("Approved")
        CONTRACTED = "contracted", _("Contracted")
        FULFILLED = "fulfilled", _("Fulfilled")
        CANCELLED = "cancelled", _("Cancelled")

    number = models.CharField(_("number"), max_length=20, unique=True, editable=False)
    state = StateField(choices=State.choices, default=State.DRAFT)
    quote = models.OneToOneField(
        Quote, on_delete=models.PROTECT, editable=False, related_name="order", verbose_name=_("quote")
    )
    opportunity = models.ForeignKey(
        Opportunity, on_delete=models.PROTECT, editable=False, related_name="orders", verbose_name=_("opportunity")
    )
    company = models.ForeignKey(
        Company, on_delete=models.PROTECT, editable=False, related_name="orders", verbose_name=_("company")
    )
    contact = models.ForeignKey(
        Contact, on_delete=models.PROTECT, null=True, blank=True, related_name="orders", verbose_name=_("contact")
    )
    title = models.CharField(_("title"), max_length=200)
    ordered_on = models.DateField(_("ordered on"), default=timezone.localdate)
    deliver_by = models.DateField(_("deliver by"), null=True, blank=True)
    customer_reference = models.CharField(_("customer's order number"), max_length=60, blank=True)
    cig = models.CharField(
        "CIG",
        max_length=10,
        blank=True,
        validators=[RegexValidator(r"^[A-Za-z0-9]{10}$", _("The CIG has 10 characters."))],
    )
    cup = models.CharField(
        "CUP",
        max_length=15,
        blank=True,
        validators=[RegexValidator(r"^[A-Za-z0-9]{15}$", _("The CUP has 15 characters."))],
    )
    payment_days = models.PositiveSmallIntegerField(_("payment terms in days"), default=30)
    notes = models.TextField(_("notes"), blank=True, max_length=5000)
    validated_by = models.ForeignKey(
        "people.User",
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("validated by"),
    )
    approved_by = models.ForeignKey(
        "people.User",
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("approved by"),
    )
    approved_at = models.DateTimeField(_("approved"), null=True, editable=False)
    erp_number = models.CharField(_("number in the ERP"), max_length=60, blank=True, editable=False)
    search = search_index("number", "customer_name", "customer_reference", text=("title",))

    objects = OrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("sales order")
        verbose_name_plural = _("sales orders")
        ordering = ("-created_at", "-pk")
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="order_list_newest"),
            models.Index(fields=["state", "-created_at"], include=["net", "currency"], name="order_board"),
            models.Index(fields=["owner", "state"], name="order_of_owner"),
            word_index(name="order_search"),
        ]
        triggers = [triggers.Frozen(while_in=("draft",), free=FREE)]

    def __str__(self) -> str:
        return self.number

    def contracts(self) -> Any:
        """The order's contract, as rows."""
        from orders.models.contracts import Contract

        return Contract.objects.filter(order_id=self.pk)

    def deliveries(self) -> Any:
        """What left the house about this order."""
        return Delivery.objects.about(self)

    @transition(
        source=State.DRAFT,
        target=State.VALIDATED,
        label=_("Validate"),
        event="validated",
        past=_("validated the order"),
        conditions=[has_lines, can_be_invoiced],
        tone="primary",
    )
    def validate(self, *, by: Any) -> None:
        """What the quote did not know of the customer yet is taken over now; what it knew stays as it was accepted."""
        self.validated_by = user_of(by)
        for name, value in self.snapshot_of(self.company).items():
            if not getattr(self, name):
                setattr(self, name, value)

    @transition(
        source=State.VALIDATED,
        target=State.APPROVED,
        label=_("Approve"),
        event="approved",
        past=_("approved the order"),
        conditions=[has_lines, other_eyes],
        tone="primary",
    )
    def approve(self, *, by: Any) -> None:
        self.approved_by, self.approved_at = user_of(by), timezone.now()

    @transition(
        source=State.VALIDATED,
        target=State.DRAFT,
        label=_("Reject"),
        event="rejected",
        past=_("sent the order back"),
        form="core.forms.ReasonForm",
        tone="danger",
    )
    def reject(self, *, by: Any, reason: str) -> None:
        self.validated_by = None

    @transition(
        source=State.APPROVED,
        target=State.CONTRACTED,
        label=_("Make the contract"),
        event="contracted",
        past=_("turned the order into a contract"),
        tone="primary",
        by_hand=False,
    )
    def contract_order(self, *, by: Any) -> None:
        """Performed by `orders.services.sign_contract`, which makes the contract."""

    @transition(
        source=State.CONTRACTED,
        target=State.FULFILLED,
        label=_("Fulfil"),
        event="fulfilled",
        past=_("fulfilled the order"),
        by_hand=False,
    )
    def fulfil(self, *, by: Any) -> None:
        """Performed when the contract closes."""

    @transition(
        source=(State.DRAFT, State.VALIDATED, State.APPROVED),
        target=State.CANCELLED,
        label=_("Cancel the order"),
        event="cancelled",
        past=_("cancelled the order"),
        form="core.forms.ReasonForm",
        tone="danger",
    )
    def cancel(self, *, by: Any, reason: str) -> None:
        """The reason stays in the history."""


@tracked()
class SalesOrderLine(ProductLine):
    """A line of a sales order."""

    order = models.ForeignKey(SalesOrder, on_delete=models.CASCADE, related_name="lines", verbose_name=_("sales order"))

    class Meta(ProductLine.Meta):
        verbose_name = _("order line")
        verbose_name_plural = _("order lines")
        triggers = [triggers.FrozenLines(parent="order", while_in=("draft",))]
