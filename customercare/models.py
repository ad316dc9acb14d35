"""Customer care: cases customers bring, from question to answer."""

from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.access import RecordQuerySet, user_of
from core.fulltext import search_index, word_index
from core.history import tracked
from core.lifecycle import Refused, StateField, transition
from core.models import Document
from invoicing.models import Invoice
from orders.models import Contract
from parties.models import Company, Contact
from projects.models import Project


class CaseQuerySet(RecordQuerySet):
    unowned_for_all = True

    def open(self) -> Any:
        """Cases somebody still has to answer."""
        return self.filter(state__in=Case.OPEN_STATES)

    def unassigned(self) -> Any:
        return self.open().filter(owner=None)


@tracked()
class Case(Document):
    """A question or complaint of a customer, about a contract or project where there is one."""

    ICON = "lifebuoy"

    class State(models.TextChoices):
        NEW = "new", _("New")
        OPEN = "open", _("Open")
        WAITING = "waiting", _("Waiting for the customer")
        RESOLVED = "resolved", _("Resolved")
        CLOSED = "closed", _("Closed")

    OPEN_STATES = (State.NEW, State.OPEN, State.WAITING)

    class Priority(models.IntegerChoices):
        LOW = 1, _("Low")
        NORMAL = 2, _("Normal")
        HIGH = 3, _("High")
        URGENT = 4, _("Urgent")

    class Channel(models.TextChoices):
        EMAIL = "email", _("E-mail")
        PHONE = "phone", _("Phone")
        PORTAL = "portal", _("Portal")

    number = models.CharField(_("number"), max_length=20, unique=True, editable=False)
    state = StateField(choices=State.choices, default=State.NEW)
    title = models.CharField(_("subject"), max_length=200)
    description = models.TextField(_("description"), blank=True, max_length=10000)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="cases", verbose_name=_("company"))
    contact = models.ForeignKey(
        Contact, on_delete=models.PROTECT, null=True, blank=True, related_name="cases", verbose_name=_("contact")
    )
    contract = models.ForeignKey(
        Contract, on_delete=models.PROTECT, null=True, blank=True, related_name="cases", verbose_name=_("contract")
    )
    project = models.ForeignKey(
        Project, on_delete=models.PROTECT, null=True, blank=True, related_name="cases", verbose_name=_("project")
    )
    invoice = models.ForeignKey(
        Invoice, on_delete=models.PROTECT, null=True, blank=True, related_name="cases", verbose_name=_("invoice")
    )
    priority = models.PositiveSmallIntegerField(_("priority"), choices=Priority.choices, default=Priority.NORMAL)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel.choices, default=Channel.EMAIL)
    solution = models.TextField(_("solution"), blank=True, max_length=10000, editable=False)
    resolved_at = models.DateTimeField(_("resolved"), null=True, editable=False)
    closed_at = models.DateTimeField(_("closed"), null=True, editable=False)
    satisfaction = models.PositiveSmallIntegerField(
        _("satisfaction (1–5)"), null=True, editable=False, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    search = search_index("number", text=("title",))

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        ordering = ("-created_at", "-pk")
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="case_list_newest"),
            models.Index(fields=["state", "-priority", "created_at"], name="case_queue"),
            models.Index(fields=["owner", "state"], name="case_of_owner"),
            models.Index(
                fields=["owner", "-priority", "created_at"],
                condition=Q(state__in=["new", "open", "waiting"]),
                name="case_queue_of_owner",
            ),
            word_index(name="case_search"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(satisfaction=None) | Q(satisfaction__gte=1, satisfaction__lte=5),
                name="case_satisfaction_is_1_to_5",
            )
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @transition(
        source=State.NEW, target=State.OPEN, label=_("Take"), event="taken", past=_("took the case"), tone="primary"
    )
    def take(self, *, by: Any) -> None:
        self.owner = user_of(by)

    @transition(
        source=State.OPEN,
        target=State.WAITING,
        label=_("Wait for the customer"),
        event="waited",
        past=_("asked the customer and waits"),
        form="core.forms.NoteForm",
    )
    def wait(self, *, by: Any, note: str = "") -> None:
        """The note says what was asked."""

    @transition(
        source=(State.OPEN, State.WAITING),
        target=State.RESOLVED,
        label=_("Resolve"),
        event="resolved",
        past=_("resolved the case"),
        form="customercare.forms.ResolveForm",
        tone="primary",
    )
    def resolve(self, *, by: Any, solution: str) -> None:
        if not solution.strip():
            raise Refused(str(_("Say what solved it.")))
        self.solution, self.resolved_at = solution.strip(), timezone.now()

    @transition(
        source=State.RESOLVED,
        target=State.CLOSED,
        label=_("Close"),
        event="closed",
        past=_("closed the case"),
        form="customercare.forms.CloseForm",
        tone="primary",
    )
    def close(self, *, by: Any, satisfaction: int | None = None) -> None:
        """`satisfaction`: what the customer said, from 1 (bad) to 5 (very good), None if nobody knows."""
        self.satisfaction, self.closed_at = satisfaction, timezone.now()

    @transition(
        source=(State.WAITING, State.RESOLVED, State.CLOSED),
        target=State.OPEN,
        label=_("Reopen"),
        event="reopened",
        past=_("reopened the case"),
        form="core.forms.NoteForm",
    )
    def reopen(self, *, by: Any, note: str = "") -> None:
        """The first answer did not hold; what it was stays in the history."""
        self.resolved_at = self.closed_at = self.satisfaction = None
