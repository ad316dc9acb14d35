"""Invoices and credit notes, in life order."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any, ClassVar, Self

import pgtrigger
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core import formats, triggers
from core.access import RecordQuerySet
from core.fulltext import search_index, word_index
from core.history import tracked
from core.lifecycle import RETURN_VALUE, Refused, StateField, transition
from core.models import Document, File, Priced
from core.money import Money, MoneyField
from core.numbering import lock_series, next_number
from invoicing.models import conditions
from invoicing.models.guards import PaidAsRegistered
from orders.models import Contract
from parties.models import Company, Contact, CustomerSnapshot

#: What may still change on an issued invoice: its state and what became of it. Everything else is what the customer got.
FREE = ("state", "owner", "updated_at", "paid", "pdf", "closed_at", "disputed_on")


class InvoiceQuerySet(RecordQuerySet):
    #: The salesperson of the deal, and the manager of the project it is billed for.
    owner_paths = ("owner", "contract__project__owner")

    def invoices(self) -> Self:
        return self.filter(kind=Invoice.Kind.INVOICE)

    def billing(self) -> Self:
        """What counts as invoiced or about to be: drafts too, credited ones no more."""
        return self.invoices().exclude(state=Invoice.State.CREDITED)

    def billed(self) -> Self:
        """What the customer has been sent and not been given back."""
        return self.billing().exclude(state=Invoice.State.DRAFT)

    def unpaid(self) -> Self:
        """Invoices with something still to be collected."""
        open_states = (Invoice.State.ISSUED, Invoice.State.PARTLY_PAID)
        return self.invoices().filter(state__in=open_states, gross__gt=F("paid"))

    def overdue(self, *, on: date) -> Self:
        return self.unpaid().filter(due_on__lt=on)


@tracked()
class Invoice(CustomerSnapshot, Priced, Document):
    """An invoice or credit note. It takes its number, without gaps, when it is issued; a draft has none."""

    ICON = "file-invoice"
    SIDE_STATES: ClassVar[tuple[str, ...]] = ("partly_paid", "credited")

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        ISSUED = "issued", _("Issued")
        PARTLY_PAID = "partly_paid", _("Partly paid")
        PAID = "paid", pgettext_lazy("invoices", "Paid")
        CREDITED = "credited", _("Credited")

    class Kind(models.TextChoices):
        INVOICE = "invoice", _("Invoice")
        CREDIT_NOTE = "credit_note", _("Credit note")

    #: Number series by kind: fattura, nota di credito.
    SERIES: ClassVar[dict[str, str]] = {"invoice": "FT", "credit_note": "NC"}

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
    payment_days = models.PositiveSmallIntegerField(
        _("payment terms in days"), default=30, validators=[MaxValueValidator(365)]
    )
    notes = models.TextField(_("notes"), blank=True, max_length=5000)
    paid = MoneyField(_("collected"), default=0, default_currency="EUR", editable=False)
    disputed_on = models.DateField(_("disputed since"), null=True, editable=False)
    closed_at = models.DateTimeField(_("settled"), null=True, editable=False)
    pdf = models.ForeignKey(
        File, on_delete=models.PROTECT, null=True, editable=False, related_name="+", verbose_name="PDF"
    )
    search = search_index("number", "customer_name", text=("title",))

    objects = InvoiceQuerySet.as_manager()

    class Meta:
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        ordering = ("-created_at", "-pk")
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="invoice_list_newest"),
            models.Index(fields=["state", "due_on"], name="invoice_due"),
            models.Index(fields=["created_at"], condition=Q(state="draft"), name="invoice_to_issue"),
            models.Index(fields=["owner", "state"], name="invoice_of_owner"),
            models.Index(
                fields=["due_on", "id"],
                include=["currency", "gross", "paid", "owner", "contract"],
                condition=Q(kind="invoice", state__in=["issued", "partly_paid"]),
                name="invoice_unpaid",
            ),
            models.Index(fields=["kind", "-issued_on"], name="invoice_last_of_series"),
            word_index(name="invoice_search"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="draft") ^ Q(number__isnull=False, issued_on__isnull=False, due_on__isnull=False),
                name="invoice_has_number_and_dates_once_issued",
            ),
            models.CheckConstraint(
                condition=Q(paid__gte=0) & (Q(paid=0) | Q(paid__lte=F("gross"))), name="invoice_paid_at_most_gross"
            ),
            models.CheckConstraint(
                condition=Q(kind="invoice") ^ Q(credits__isnull=False), name="credit_note_credits_an_invoice"
            ),
        ]
        triggers = [
            triggers.Frozen(while_in=("draft",), free=FREE),
            triggers.Undeletable(condition=~pgtrigger.Q(old__state="draft")),
            PaidAsRegistered(),
        ]

    def __str__(self) -> str:
        return self.number or _("Draft") + f" {self.pk}"

    @property
    def is_credit_note(self) -> bool:
        return self.kind == self.Kind.CREDIT_NOTE

    @property
    def open_amount(self) -> Money:
        """What is still to be collected; nothing on a draft, a credit note or what was credited."""
        is_open = self.state in (self.State.ISSUED, self.State.PARTLY_PAID) and not self.is_credit_note
        return self.gross - self.paid if is_open else self.gross - self.gross

    def overdue_days(self, *, on: date) -> int:
        """Days since the due date while something is open, else 0."""
        return max(0, (on - self.due_on).days) if self.due_on and self.open_amount.amount > 0 else 0

    def take_customer(self) -> None:
        """Write the customer's present data on the draft; the caller saves."""
        for name, value in self.snapshot_of(self.company).items():
            setattr(self, name, value)

    @classmethod
    def last_date(cls, kind: str, *, year: int) -> date | None:
        """The date of the last number given in a series."""
        known = cls._base_manager.filter(kind=kind, issued_on__year=year)
        return known.aggregate(last=models.Max("issued_on"))["last"]

    @transition(
        source=State.DRAFT,
        target=State.ISSUED,
        label=_("Issue"),
        event="issued",
        past=_("issued the invoice"),
        conditions=[
            conditions.has_lines,
            conditions.customer_is_complete,
            conditions.we_are_complete,
            conditions.total_is_not_negative,
        ],
        form="invoicing.forms.IssueForm",
        tone="primary",
    )
    def issue(self, *, by: Any, on: date | None = None) -> None:
        """Date and number the invoice. Dates never run backwards within a series (DPR 633/1972, art. 21).

        The series is locked before its last date is read, so that nobody can slip in between; the number is taken last.
        """
        day = on or timezone.localdate()
        if day > timezone.localdate():
            raise Refused(str(_("An invoice cannot be dated in the future.")))
        if not self.is_credit_note:
            self.take_customer()
        self.set_totals()
        self.issued_on, self.due_on = day, day + timedelta(days=0 if self.is_credit_note else self.payment_days)
        series = self.SERIES[self.kind]
        lock_series(series, day.year)
        if (last := self.last_date(self.kind, year=day.year)) and last > day:
            raise Refused(
                str(_("The last number of this series is dated %(date)s: choose that day or a later one."))
                % {"date": formats.date(last)}
            )
        self.number = next_number(series, day.year)

    @transition(
        source=(State.ISSUED, State.PARTLY_PAID),
        target=RETURN_VALUE(State.PARTLY_PAID, State.PAID),
        label=_("Register payment"),
        event="payment_registered",
        past=_("registered a payment"),
        conditions=[conditions.has_something_open],
        fits=conditions.is_an_invoice,
        form="invoicing.forms.PaymentForm",
        tone="primary",
    )
    def register_payment(
        self, *, by: Any, amount: Decimal, on: date, method: str = "transfer", reference: str = ""
    ) -> str:
        """Book money received, at most what is open, in the invoice's currency."""
        if amount <= 0 or amount > self.open_amount.amount:
            open_amount = formats.money(self.open_amount)
            raise Refused(str(_("The payment must be more than zero and at most %(open)s.")) % {"open": open_amount})
        if on > timezone.localdate():
            raise Refused(str(_("A payment cannot be dated in the future.")))
        if self.issued_on and on < self.issued_on - timedelta(days=365):
            raise Refused(str(_("The payment is dated long before the invoice.")))
        self.payments.create(amount=amount, on=on, method=method, reference=reference[:140])
        self.paid = self.paid.amount + amount
        if self.open_amount.amount > 0:
            return self.State.PARTLY_PAID
        self.closed_at = timezone.now()
        return self.State.PAID

    @transition(
        source=(State.ISSUED, State.PARTLY_PAID, State.PAID, State.CREDITED),
        target=None,
        label=_("Send by e-mail"),
        event="sent",
        past=_("sent it to the customer by e-mail"),
        by_hand=False,
    )
    def send(self, *, by: Any, to: str, message: str = "") -> None:
        """Performed by `invoicing.services.send_invoice`, which puts the e-mail in the post."""

    @transition(
        source=(State.ISSUED, State.PARTLY_PAID),
        target=None,
        label=_("Mark as disputed"),
        event="disputed",
        past=_("noted that the customer disputes it"),
        fits=conditions.is_undisputed,
        form="core.forms.ReasonForm",
    )
    def dispute(self, *, by: Any, reason: str) -> None:
        """No reminder goes out while the customer disputes the invoice."""
        if not reason.strip():
            raise Refused(str(_("Say what the customer disputes.")))
        self.disputed_on = timezone.localdate()

    @transition(
        source=(State.ISSUED, State.PARTLY_PAID),
        target=None,
        label=_("End the dispute"),
        event="dispute_ended",
        past=_("ended the dispute"),
        fits=conditions.is_disputed,
        form="core.forms.NoteForm",
    )
    def end_dispute(self, *, by: Any, note: str = "") -> None:
        self.disputed_on = None

    @transition(
        source=(State.ISSUED, State.PARTLY_PAID, State.PAID),
        target=State.CREDITED,
        label=_("Credit"),
        event="credited",
        past=_("credited the invoice"),
        fits=conditions.is_an_invoice,
        tone="danger",
        by_hand=False,
    )
    def credit(self, *, by: Any, reason: str) -> None:
        """Performed by `invoicing.services.credit_invoice`, which issues the credit note."""
        if not reason.strip():
            raise Refused(str(_("Say why the invoice is credited.")))
        self.closed_at = timezone.now()
