"""What comes in on an invoice, and what goes out when it does not."""

from datetime import date
from decimal import Decimal

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core import triggers
from core.models import Delivery


class Payment(models.Model):
    """Money received on an invoice, in its currency."""

    class Method(models.TextChoices):
        TRANSFER = "transfer", _("Bank transfer")
        RIBA = "riba", _("Cash order (RiBa)")
        CARD = "card", _("Card")
        CASH = "cash", pgettext_lazy("payment", "Cash")

    invoice = models.ForeignKey(
        "invoicing.Invoice", on_delete=models.PROTECT, related_name="payments", verbose_name=_("invoice")
    )
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
        indexes = [models.Index(fields=["-on", "-id"], name="payment_newest")]
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="payment_is_positive")]
        triggers = [
            triggers.Undeletable(),
            triggers.Frozen(free=()),
            triggers.FrozenLines(parent="invoice", while_in=("issued", "partly_paid"), name="only_on_open_invoices"),
        ]

    def __str__(self) -> str:
        return f"{self.on} {self.amount}"


class Reminder(models.Model):
    """A payment reminder that went out: each level at most once per invoice, whatever happens."""

    #: Days after the due date at which each level goes out.
    AFTER_DAYS = {1: 7, 2: 21, 3: 45}
    LEVELS = tuple(AFTER_DAYS)
    #: A customer hears from us at most once in these many days, also when the job stood still for a while.
    PAUSE_DAYS = 7

    invoice = models.ForeignKey(
        "invoicing.Invoice", on_delete=models.PROTECT, related_name="reminders", verbose_name=_("invoice")
    )
    level = models.PositiveSmallIntegerField(_("level"))
    on = models.DateField(_("date"))
    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="+", verbose_name=_("delivery"))

    class Meta:
        verbose_name = _("payment reminder")
        verbose_name_plural = _("payment reminders")
        ordering = ("-on", "-level", "-pk")
        indexes = [models.Index(fields=["-on", "-level", "-id"], name="reminder_newest")]
        constraints = [
            models.UniqueConstraint(fields=["invoice", "level"], name="one_reminder_per_level"),
            models.CheckConstraint(condition=Q(level__in=(1, 2, 3)), name="reminder_level_is_1_to_3"),
        ]
        triggers = [triggers.Undeletable(), triggers.Frozen(free=())]

    def __str__(self) -> str:
        return f"{self.invoice} – {self.level}"

    @classmethod
    def level_due(cls, overdue_days: int) -> int:
        """The highest level due after so many days, 0 if none is."""
        return max((level for level, days in cls.AFTER_DAYS.items() if overdue_days >= days), default=0)


def first_due_date_for(level: int, *, on: date) -> date:
    """Invoices due on this day or before have reached the level on the day given."""
    return date.fromordinal(on.toordinal() - Reminder.AFTER_DAYS[level])
