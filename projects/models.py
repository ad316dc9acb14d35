"""Projects (job orders): the work a contract asks for, and the ledger of what it was meant to cost and does."""

from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import formats, triggers
from core.access import Job, RecordQuerySet, can_see_costs
from core.history import tracked
from core.lifecycle import Reason, Refused, StateField, transition
from core.models import Document, Record, search_index
from core.money import MoneyField, cents
from orders.models import Contract
from parties.models import Company
from people.models import Employee

#: States in which hours, costs and orders may be booked.
BOOKABLE = ("planned", "in_progress", "on_hold", "completed")


class ProjectQuerySet(RecordQuerySet):
    #: Whoever sold the job may look at it.
    owner_paths = ("owner", "contract__owner")

    def open_for_booking(self) -> Any:
        return self.filter(state__in=Project.BOOKABLE)


def contract_is_active(project: "Project") -> Reason | None:
    if project.contract.state == Contract.State.ACTIVE:
        return None
    return Reason(str(_("The contract is not signed yet.")), fix_url=project.contract.get_absolute_url())


@tracked()
class Project(Document):
    """A job order. Its owner is the project manager. `budget` is the cost expected when it was sold, net of VAT."""

    ICON = "hammer"
    COST_FIELDS: ClassVar[tuple[str, ...]] = ("budget",)

    class State(models.TextChoices):
        PLANNED = "planned", _("Planned")
        IN_PROGRESS = "in_progress", _("In progress")
        ON_HOLD = "on_hold", _("On hold")
        COMPLETED = "completed", _("Completed")
        CLOSED = "closed", _("Closed")

    BOOKABLE = BOOKABLE

    number = models.CharField(_("number"), max_length=20, unique=True, editable=False)
    state = StateField(choices=State.choices, default=State.PLANNED)
    contract = models.OneToOneField(
        Contract, on_delete=models.PROTECT, editable=False, related_name="project", verbose_name=_("contract")
    )
    company = models.ForeignKey(
        Company, on_delete=models.PROTECT, editable=False, related_name="projects", verbose_name=_("company")
    )
    name = models.CharField(_("name"), max_length=200)
    starts_on = models.DateField(_("starts on"), default=timezone.localdate)
    ends_on = models.DateField(_("ends on"), null=True, blank=True)
    revenue = MoneyField(_("agreed revenue"), default=0, default_currency="EUR", editable=False)
    budget = MoneyField(_("cost budget"), default=0, default_currency="EUR", editable=False)
    progress = models.PositiveSmallIntegerField(_("progress %"), default=0, validators=[MaxValueValidator(100)])
    description = models.TextField(_("description"), blank=True, max_length=5000)
    closed_at = models.DateTimeField(_("closed"), null=True, editable=False)
    search = search_index("number", "name")

    objects = ProjectQuerySet.as_manager()

    class Meta:
        verbose_name = _("project")
        verbose_name_plural = _("projects")
        ordering = ("-created_at", "-pk")
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="project_list_newest"),
            models.Index(fields=["owner", "state"], name="project_of_owner"),
            GinIndex(fields=["search"], name="project_search"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_on=None) | models.Q(ends_on__gte=models.F("starts_on")),
                name="project_ends_after_it_starts",
            ),
            models.CheckConstraint(condition=models.Q(progress__lte=100), name="project_progress_is_a_percentage"),
        ]
        triggers = [triggers.Frozen(while_in=BOOKABLE, free=("state", "owner", "updated_at"))]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"

    @property
    def is_editable(self) -> bool:
        return self.state in self.BOOKABLE

    @property
    def progress_text(self) -> str:
        return formats.percent(self.progress)

    def worked(self) -> Any:
        """Timesheet rows that were not withdrawn."""
        return self.time_entries.filter(hours__gt=0)

    def totals_by_kind(self) -> dict[str, Decimal]:
        """Sums of the ledger by kind: one read for the whole P&L."""
        rows = self.entries.order_by().values_list("kind").annotate(total=Sum("amount"))
        return {kind: Decimal(0) for kind in Entry.Kind.values} | dict(rows)

    def book(self, *, kind: str, on: date, description: str, amount: Decimal, source: models.Model) -> "Entry":
        """Post to the ledger; the document that causes it is its `source`. A closed project takes nothing more.

        The project is locked first: whoever closes it at the same time comes before or after, never in between.
        """
        with transaction.atomic():
            state = Project.objects.select_for_update().values_list("state", flat=True).get(pk=self.pk)
            if state not in self.BOOKABLE:
                raise Refused(str(_("Nothing can be booked on a closed project.")))
            return Entry.objects.create(
                project=self, kind=kind, on=on, description=description[:200], amount=cents(amount), source=source
            )

    @transition(
        source=State.PLANNED,
        target=State.IN_PROGRESS,
        label=_("Start work"),
        event="started",
        past=_("started the work"),
        conditions=[contract_is_active],
        tone="primary",
    )
    def start(self, *, by: Any) -> None:
        self.starts_on = min(self.starts_on, timezone.localdate())

    @transition(
        source=State.IN_PROGRESS,
        target=State.ON_HOLD,
        label=_("Put on hold"),
        event="held",
        past=_("put the project on hold"),
        form="core.forms.ReasonForm",
    )
    def hold(self, *, by: Any, reason: str) -> None:
        if not reason.strip():
            raise Refused(str(_("Say why the work stops.")))

    @transition(
        source=State.ON_HOLD,
        target=State.IN_PROGRESS,
        label=_("Resume"),
        event="resumed",
        past=_("resumed the work"),
        tone="primary",
    )
    def resume(self, *, by: Any) -> None:
        """The work goes on."""

    @transition(
        source=State.IN_PROGRESS,
        target=State.COMPLETED,
        label=_("Complete"),
        event="completed",
        past=_("completed the work"),
        tone="primary",
    )
    def complete(self, *, by: Any) -> None:
        self.progress, self.ends_on = 100, timezone.localdate()

    @transition(
        source=State.COMPLETED,
        target=State.CLOSED,
        label=_("Close"),
        event="closed",
        past=_("closed the project"),
    )
    def close(self, *, by: Any) -> None:
        """Rooms above add their gates: nothing uninvoiced, no open purchase order."""
        self.closed_at = timezone.now()


class EntryQuerySet(RecordQuerySet):
    def visible_to(self, user: Any) -> Self:
        """The ledgers of the projects one sees; what is no revenue only for those who may see costs."""
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
    COST_FIELDS: ClassVar[tuple[str, ...]] = ("cost_rate",)

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
    COST_FIELDS: ClassVar[tuple[str, ...]] = ("amount",)

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
