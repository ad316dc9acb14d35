"""The project itself: its life, and the door to its ledger."""

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.core.validators import MaxValueValidator
from django.db import models, transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core import formats, triggers
from core.access import RecordQuerySet
from core.fulltext import search_index, word_index
from core.history import tracked
from core.lifecycle import Reason, Refused, StateField, transition
from core.models import Document
from core.money import MoneyField, cents
from orders.models import Contract
from parties.models import Company

if TYPE_CHECKING:
    from projects.models.bookings import Entry

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
    COST_FIELDS: tuple[str, ...] = ("budget",)

    class State(models.TextChoices):
        PLANNED = "planned", _("Planned")
        IN_PROGRESS = "in_progress", _("In progress")
        ON_HOLD = "on_hold", _("On hold")
        COMPLETED = "completed", _("Completed")
        CLOSED = "closed", pgettext_lazy("project", "Closed")

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
    closed_at = models.DateTimeField(pgettext_lazy("project", "closed"), null=True, editable=False)
    search = search_index("number", text=("name",))

    objects = ProjectQuerySet.as_manager()

    class Meta:
        verbose_name = _("project")
        verbose_name_plural = _("projects")
        ordering = ("-created_at", "-pk")
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="project_list_newest"),
            models.Index(fields=["owner", "state"], name="project_of_owner"),
            models.Index(
                fields=["owner", "ends_on"],
                condition=models.Q(state__in=["planned", "in_progress", "on_hold"]),
                name="project_ending",
            ),
            models.Index(fields=["state", "-created_at"], include=["revenue", "currency"], name="project_board"),
            word_index(name="project_search"),
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
        return {kind: Decimal(0) for kind in self.entries.model.Kind.values} | dict(rows)

    def book(self, *, kind: str, on: date, description: str, amount: Decimal, source: models.Model) -> "Entry":
        """Post to the ledger; the document that causes it is its `source`. A closed project takes nothing more.

        The project is locked first: whoever closes it at the same time comes before or after, never in between.
        """
        with transaction.atomic():
            state = Project.objects.select_for_update().values_list("state", flat=True).get(pk=self.pk)
            if state not in self.BOOKABLE:
                raise Refused(str(_("Nothing can be booked on a closed project.")))
            return self.entries.create(
                kind=kind, on=on, description=description[:200], amount=cents(amount), source=source
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
