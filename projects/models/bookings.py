"""What is booked on a project: the ledger, hours, expenses."""

from decimal import Decimal
from typing import Any, Self

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import formats, triggers
from core.access import Job, RecordQuerySet, can_see_costs, sees_all
from core.history import tracked
from core.models import Record
from core.money import MoneyField, cents
from people.models import Employee
from projects.models.project import BOOKABLE, Project


class EntryQuerySet(RecordQuerySet):
    def visible_to(self, user: Any) -> Self:
        """The ledgers of the projects one sees; what is no revenue only for those who may see costs."""
        rows = self
        if not sees_all(user, Project):
            rows = self.filter(project__in=Project.objects.visible_to(user).order_by())
        return rows if isinstance(user, Job) or can_see_costs(user) else rows.filter(kind=Entry.Kind.REVENUE)


#: The database's own word on closed projects, for whatever is booked on them.
def refused_by_closed_projects() -> triggers.FrozenLines:
    return triggers.FrozenLines(parent="project", while_in=BOOKABLE, name="closed_takes_nothing")


class Entry(models.Model):
    """One posting of a project's ledger, in EUR net of VAT; costs and commitments are positive numbers."""

    class Kind(models.TextChoices):
        BUDGET = "budget", _("Budget")
        COMMITMENT = "commitment", _("Commitment")
        COST = "cost", _("Cost")
        REVENUE = "revenue", _("Revenue")

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="entries", verbose_name=_("project"))
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    on = models.DateField(_("date"))
    description = models.CharField(_("description"), max_length=200)
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    source_type = models.ForeignKey(ContentType, on_delete=models.PROTECT, related_name="+")
    source_id = models.BigIntegerField()
    source = GenericForeignKey("source_type", "source_id")
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger entries")
        ordering = ("-on", "-pk")
        indexes = [
            models.Index(fields=["project", "kind"], name="entry_of_project"),
            models.Index(fields=["-on", "-id"], name="entry_newest"),
            models.Index(fields=["source_type", "source_id"], name="entry_of_source"),
        ]
        triggers = [triggers.Undeletable(), triggers.Frozen(free=()), refused_by_closed_projects()]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.amount}"


class TimeEntryQuerySet(RecordQuerySet):
    owner_paths = ("employee__user", "project__owner")


@tracked()
class TimeEntry(Record):
    """Hours of one employee on one project on one day; keeps the cost rate of that day, in EUR per hour.

    What it cost stands in the ledger. A correction changes the hours and posts the difference; zero hours withdraw the row.
    """

    ICON = "clock"
    COST_FIELDS: tuple[str, ...] = ("cost_rate",)

    project = models.ForeignKey(
        Project, on_delete=models.PROTECT, related_name="time_entries", verbose_name=_("project")
    )
    employee = models.ForeignKey(
        Employee, on_delete=models.PROTECT, related_name="time_entries", verbose_name=_("employee")
    )
    on = models.DateField(_("date"), default=timezone.localdate)
    hours = models.DecimalField(
        _("hours"),
        max_digits=4,
        decimal_places=2,
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(24))],
    )
    activity = models.CharField(_("what was done"), max_length=200, blank=True)
    cost_rate = models.DecimalField(_("cost rate"), max_digits=8, decimal_places=2, editable=False)

    objects = TimeEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("timesheet row")
        verbose_name_plural = _("timesheet rows")
        ordering = ("-on", "-pk")
        indexes = [
            models.Index(fields=["employee", "-on"], name="time_of_employee"),
            models.Index(fields=["-on", "-id"], name="time_newest"),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(hours__gte=0) & models.Q(hours__lte=24), name="hours_of_one_day")
        ]
        triggers = [
            triggers.Undeletable(),
            triggers.Frozen(free=("hours", "activity", "updated_at")),
            refused_by_closed_projects(),
        ]

    def __str__(self) -> str:
        return f"{formats.date(self.on)}: {formats.number(self.hours)} h"

    @property
    def cost(self) -> Decimal:
        """EUR, rounded to cents."""
        return cents(self.hours * self.cost_rate)

    @property
    def is_editable(self) -> bool:
        return self.project.is_editable


class ExpenseQuerySet(RecordQuerySet):
    owner_paths = ("booked_by", "project__owner")


@tracked()
class Expense(Record):
    """A cost booked on a project that comes from no purchase order. Amount net of VAT, in EUR.

    A wrong one is reversed by a contra-posting and booked anew.
    """

    ICON = "receipt"
    COST_FIELDS: tuple[str, ...] = ("amount",)

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="expenses", verbose_name=_("project"))
    on = models.DateField(_("date"), default=timezone.localdate)
    description = models.CharField(_("description"), max_length=200)
    amount = MoneyField(_("amount"), default_currency="EUR", validators=[])
    booked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
        verbose_name=_("booked by"),
    )
    reversed_on = models.DateField(_("reversed on"), null=True, editable=False)

    objects = ExpenseQuerySet.as_manager()

    class Meta:
        verbose_name = _("expense")
        verbose_name_plural = _("expenses")
        ordering = ("-on", "-pk")
        indexes = [models.Index(fields=["-on", "-id"], name="expense_newest")]
        constraints = [models.CheckConstraint(condition=models.Q(amount__gt=0), name="expense_is_positive")]
        triggers = [
            triggers.Undeletable(),
            triggers.Frozen(free=("reversed_on", "updated_at")),
            refused_by_closed_projects(),
        ]

    def __str__(self) -> str:
        return self.description
