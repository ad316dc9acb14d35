"""Invoices and what is paid on them. Once issued, an invoice never changes: it is credited."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pgtrigger
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.models import ProductLine
from core import triggers
from core.access import RecordQuerySet
from core.history import tracked
from core.lifecycle import RETURN_VALUE, Reason, Refused, StateField, transition
from core.models import Delivery, Document, File, Priced, search_index
from core.money import MoneyField
from core.numbering import next_number
from orders.models import Contract, ContractLine
from parties.models import Company, Contact, CustomerSnapshot


class InvoiceQuerySet(RecordQuerySet):
    def unpaid(self) -> Any:
        return self.filter(state__in=(Invoice.State.ISSUED, Invoice.State.PARTLY_PAID), kind=Invoice.Kind.INVOICE)

    def overdue(self, *, on: date) -> Any:
        return self.unpaid().filter(due_on__lt=on)


def has_lines(invoice: "Invoice") -> Reason | None:
    return None if invoice.lines.exists() else Reason(str(_("Add at least one line first.")), fix_url=invoice.edit_url)


def customer_is_complete(invoice: "Invoice") -> Reason | None:
    if invoice.customer_vat_number or invoice.customer_tax_code:
        return None
    return Reason(str(_("The customer has neither VAT number nor tax code.")), fix_url=invoice.company.edit_url)


def is_an_invoice(invoice: "Invoice") -> Reason | None:
    if invoice.kind == Invoice.Kind.INVOICE:
        return None
    return Reason(str(_("This is a credit note.")))


#: What may still change on an issued invoice: its state and what was paid. Everything else is what the customer got.
FREE = ("state", "owner", "updated_at", "paid", "pdf", "closed_at")


@tracked()
class Invoice(CustomerSnapshot, Priced, Document):
    """An invoice or credit note. It takes its number, without gaps, when it is issued; a draft has none."""

    ICON = "file-invoice"

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        ISSUED = "issued", _("Issued")
        PARTLY_PAID = "partly_paid", _("Partly paid")
        PAID = "paid", _("Paid")
        CREDITED = "credited", _("Credited")

    class Kind(models.TextChoices):
        INVOICE = "invoice", _("Invoice")
        CREDIT_NOTE = "credit_note", _("Credit note")

    #: Number series by kind: fattura, nota di credito.
    SERIES = {"invoice": "FT", "credit_note": "NC"}

    # Null, not "", while a draft: numbers are unique, drafts have none.
    number = models.CharField(_("number"), max_length=20, unique=True, null=True, editable=False)  # noqa: DJ001
    state = StateField(choices=State.choices, default=State.DRAFT)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, default=Kind.INVOICE, editable=False)
    contract = models.ForeignKey(
        Contract,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="invoices",
        verbose_name=_("contract"),
    )
    credits = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="credit_note",
        verbose_name=_("credits"),
    )
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="invoices", verbose_name=_("company"))
    contact = models.ForeignKey(
        Contact, on_delete=models.PROTECT, null=True, blank=True, related_name="invoices", verbose_name=_("contact")
    )
    title = models.CharField(_("subject"), max_length=200)
    issued_on = models.DateField(_("date"), null=True, editable=False)
    due_on = models.DateField(_("due on"), null=True, editable=False)
    payment_days = models.PositiveSmallIntegerField(_("payment terms in days"), default=30)
    notes = models.TextField(_("notes"), blank=True, max_length=5000)
    paid = MoneyField(_("paid"), default=0, default_currency="EUR", editable=False)
    closed_at = models.DateTimeField(_("settled"), null=True, editable=False)
    pdf = models.ForeignKey(
        File, on_delete=models.PROTECT, null=True, editable=False, related_name="+", verbose_name="PDF"
    )
    search = search_index("number", "title", "customer_name")

    objects = InvoiceQuerySet.as_manager()

    class Meta:
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        ordering = ("-created_at", "-pk")
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="invoice_list_newest"),
            models.Index(fields=["state", "due_on"], name="invoice_due"),
            models.Index(fields=["owner", "state"], name="invoice_of_owner"),
            GinIndex(fields=["search"], name="invoice_search"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="draft") ^ Q(number__isnull=False, issued_on__isnull=False, due_on__isnull=False),
                name="invoice_has_number_and_dates_once_issued",
            ),
            models.CheckConstraint(
                condition=Q(paid__gte=0) & Q(paid__lte=F("gross")), name="invoice_paid_at_most_gross"
            ),
        ]
        triggers = [
            triggers.Frozen(while_in=("draft",), free=FREE),
            triggers.Undeletable(condition=~pgtrigger.Q(old__state="draft")),
        ]

    def __str__(self) -> str:
        return self.number or f"{_('Draft')} {self.pk}"

    @property
    def open_amount(self) -> Any:
        """What is still to be paid."""
        return self.gross - self.paid

    @transition(
        source=State.DRAFT,
        target=State.ISSUED,
        label=_("Issue"),
        event="issued",
        past=_("issued the invoice"),
        conditions=[has_lines, customer_is_complete],
        form="invoicing.forms.IssueForm",
        tone="primary",
    )
    def issue(self, *, by: Any, on: date | None = None) -> None:
        """Date and number the invoice. Dates never run backwards within a series (DPR 633/1972, art. 21)."""
        day = on or timezone.localdate()
        if day > timezone.localdate():
            raise Refused(str(_("An invoice cannot be dated in the future.")))
        self.set_totals()
        self.issued_on, self.due_on = day, day + timedelta(days=self.payment_days)
        self.number = next_number(self.SERIES[self.kind], day.year)
        later = Invoice.objects.filter(kind=self.kind, issued_on__year=day.year, issued_on__gt=day).order_by(
            "-issued_on"
        )
        if last := later.first():
            raise Refused(str(_("%(number)s is dated later already.") % {"number": last.number}))

    @transition(
        source=(State.ISSUED, State.PARTLY_PAID),
        target=RETURN_VALUE(State.PARTLY_PAID, State.PAID),
        label=_("Register payment"),
        event="payment_registered",
        past=_("registered a payment"),
        conditions=[is_an_invoice],
        form="invoicing.forms.PaymentForm",
        tone="primary",
    )
    def register_payment(
        self, *, by: Any, amount: Decimal, on: date, method: str = "transfer", reference: str = ""
    ) -> str:
        """Book money received, at most what is open, in the invoice's currency."""
        if amount <= 0 or amount > self.open_amount.amount:
            raise Refused(
                str(_("The payment must be more than zero and at most %(open)s.") % {"open": self.open_amount})
            )
        if self.issued_on and on < self.issued_on - timedelta(days=365):
            raise Refused(str(_("The payment is dated long before the invoice.")))
        Payment.objects.create(invoice=self, amount=amount, on=on, method=method, reference=reference[:140])
        self.paid = self.paid.amount + amount
        if self.open_amount.amount > 0:
            return self.State.PARTLY_PAID
        self.closed_at = timezone.now()
        return self.State.PAID

    @transition(
        source=(State.ISSUED, State.PARTLY_PAID, State.PAID),
        target=State.CREDITED,
        label=_("Credit"),
        event="credited",
        past=_("credited the invoice"),
        conditions=[is_an_invoice],
        tone="danger",
        by_hand=False,
    )
    def credit(self, *, by: Any, reason: str) -> None:
        """Performed by `invoicing.services.credit_invoice`, which issues the credit note."""
        self.closed_at = timezone.now()


@tracked()
class InvoiceLine(ProductLine):
    """A line of an invoice, and the contract line it bills."""

    invoice = models.ForeignKey(Invoice, on_delete=models.CASCADE, related_name="lines", verbose_name=_("invoice"))
    contract_line = models.ForeignKey(
        ContractLine, on_delete=models.PROTECT, null=True, editable=False, related_name="invoice_lines"
    )

    class Meta(ProductLine.Meta):
        verbose_name = _("invoice line")
        verbose_name_plural = _("invoice lines")
        triggers = [triggers.FrozenLines(parent="invoice", while_in=("draft",))]


class Payment(models.Model):
    """Money received on an invoice, in its currency."""

    class Method(models.TextChoices):
        TRANSFER = "transfer", _("Bank transfer")
        RIBA = "riba", _("Cash order (RiBa)")
        CARD = "card", _("Card")
        CASH = "cash", _("Cash")

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="payments", verbose_name=_("invoice"))
    amount = models.DecimalField(
        _("amount"), max_digits=14, decimal_places=2, validators=[MinValueValidator(Decimal("0.01"))]
    )
    on = models.DateField(_("date"))
    method = models.CharField(_("method"), max_length=10, choices=Method.choices, default=Method.TRANSFER)
    reference = models.CharField(_("reference"), max_length=140, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        ordering = ("-on", "-pk")
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="payment_is_positive")]
        triggers = [triggers.Undeletable(), triggers.Frozen(free=())]

    def __str__(self) -> str:
        return f"{self.on} {self.amount}"


class Reminder(models.Model):
    """A payment reminder that went out: each level at most once per invoice, whatever happens."""

    LEVELS = (1, 2, 3)
    #: Days after the due date at which each level goes out.
    AFTER_DAYS = {1: 7, 2: 21, 3: 45}

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="reminders", verbose_name=_("invoice"))
    level = models.PositiveSmallIntegerField(_("level"))
    on = models.DateField(_("date"))
    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="+", verbose_name=_("delivery"))

    class Meta:
        verbose_name = _("payment reminder")
        verbose_name_plural = _("payment reminders")
        ordering = ("-on", "-level")
        constraints = [
            models.UniqueConstraint(fields=["invoice", "level"], name="one_reminder_per_level"),
            models.CheckConstraint(condition=Q(level__in=(1, 2, 3)), name="reminder_level_is_1_to_3"),
        ]

    def __str__(self) -> str:
        return f"{self.invoice} – {self.level}"
