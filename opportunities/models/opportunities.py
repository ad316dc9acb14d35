"""Opportunities: deals on their way to a won order."""

from datetime import date
from typing import Any, Self

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from djmoney.money import Money

from catalog.models import Product
from core.access import RecordQuerySet
from core.fulltext import search_index, word_index
from core.history import tracked
from core.lifecycle import Reason, Refused, StateField, transition
from core.models import Document
from core.money import MoneyField, cents
from leads.models import Lead, LostReasonField, reasons
from leads.models.reasons import Losable
from opportunities.models.stages import State, first_probability, probability_of
from parties.models import Company, Contact


class OpportunityQuerySet(RecordQuerySet):
    def open(self) -> Self:
        return self.filter(state__in=Opportunity.OPEN_STATES)

    def overdue(self) -> Self:
        """Open, though they should have been decided by now."""
        return self.open().filter(expected_close__lt=timezone.localdate())

    def won_elsewhere(self) -> Any:
        """Open here, won in the system they were imported from: the verbs still have to walk them there."""
        return self.open().filter(source_outcome=Opportunity.Outcome.WON)


def has_value(opportunity: "Opportunity") -> Reason | None:
    if opportunity.value and opportunity.value.amount > 0:
        return None
    return Reason(str(_("Give the opportunity a value first.")), fix_url=f"{opportunity.edit_url}#id_value")


@tracked()
class Opportunity(Losable, Document):
    """A deal: what it may bring, how likely and when. `probability` in percent, `value` net of VAT."""

    ICON = "target-arrow"
    INTERNAL_FIELDS = ("source_outcome",)

    State = State
    OPEN_STATES = (State.IDENTIFIED, State.QUALIFIED, State.PROPOSAL, State.NEGOTIATION)

    class Kind(models.TextChoices):
        NEW = "new", _("New business")
        RENEWAL = "renewal", _("Renewal")
        EXPANSION = "expansion", _("Expansion")

    class Outcome(models.TextChoices):
        WON = "won", pgettext_lazy("opportunity", "Won")
        LOST = "lost", pgettext_lazy("opportunity", "Lost")

    number = models.CharField(_("number"), max_length=20, unique=True, editable=False)
    state = StateField(choices=State.choices, default=State.IDENTIFIED)
    name = models.CharField(_("name"), max_length=200)
    company = models.ForeignKey(
        Company, on_delete=models.PROTECT, related_name="opportunities", verbose_name=_("company")
    )
    contact = models.ForeignKey(
        Contact,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="opportunities",
        verbose_name=_("contact"),
    )
    lead = models.OneToOneField(
        Lead, on_delete=models.PROTECT, null=True, editable=False, related_name="opportunity", verbose_name=_("lead")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.NEW)
    source = models.CharField(_("source"), max_length=80, blank=True)
    product = models.ForeignKey(
        Product,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="opportunities",
        verbose_name=_("interested in"),
    )
    value = MoneyField(_("value"), default=0, default_currency="EUR")
    probability = models.PositiveSmallIntegerField(
        _("probability %"), default=first_probability, validators=[MaxValueValidator(100)]
    )
    expected_close = models.DateField(_("expected close"), null=True, blank=True)
    next_step = models.CharField(_("next step"), max_length=200, blank=True)
    competitors = models.CharField(_("competitors"), max_length=200, blank=True)
    description = models.TextField(_("description"), blank=True, max_length=5000)
    lost_reason = LostReasonField(_("lost because"))
    closed_on = models.DateField(_("closed on"), null=True, editable=False)
    external_key = models.CharField(_("key in another system"), max_length=120, blank=True)
    source_outcome = models.CharField(
        _("outcome in the other system"), max_length=4, choices=Outcome.choices, blank=True, editable=False
    )
    search = search_index("number", text=("name", "next_step"))

    objects = OpportunityQuerySet.as_manager()

    class Meta:
        verbose_name = _("opportunity")
        verbose_name_plural = _("opportunities")
        ordering = ("-created_at", "-pk")
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="opportunity_list_newest"),
            models.Index(
                fields=["state", "expected_close"],
                include=["value", "probability", "currency"],
                name="opportunity_by_close",
            ),
            models.Index(
                fields=["state", "-value", "-id"], include=["probability", "currency"], name="opportunity_board"
            ),
            models.Index(fields=["owner", "state"], name="opportunity_of_owner"),
            models.Index(
                fields=["owner", "expected_close"],
                condition=Q(state__in=["identified", "qualified", "proposal", "negotiation"]),
                name="opportunity_closing",
            ),
            word_index(name="opportunity_search"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["external_key"], condition=~Q(external_key=""), name="opportunity_external_key_is_unique"
            ),
            models.CheckConstraint(condition=Q(value__gte=0), name="opportunity_value_is_not_negative"),
            models.CheckConstraint(condition=Q(probability__lte=100), name="opportunity_probability_is_percent"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN_STATES

    @property
    def is_editable(self) -> bool:
        """What is won or lost stays as it was."""
        return self.is_open

    @property
    def weighted(self) -> Any:
        """Value times probability: what the deal counts for in a forecast."""
        return Money(cents(self.value.amount * self.probability / 100), self.value.currency)

    @property
    def is_overdue(self) -> bool:
        """Still open though it should have been decided by now."""
        return self.is_open and self.expected_close is not None and self.expected_close < timezone.localdate()

    def _enter(self, state: str) -> None:
        self.probability = probability_of(state)

    @transition(
        source=State.IDENTIFIED,
        target=State.QUALIFIED,
        label=_("Qualify"),
        event="qualified",
        past=_("qualified the opportunity"),
        conditions=[has_value],
        tone="primary",
    )
    def qualify(self, *, by: Any) -> None:
        self._enter("qualified")

    @transition(
        source=State.QUALIFIED,
        target=State.PROPOSAL,
        label=_("Propose"),
        event="proposed",
        past=_("moved to proposal"),
    )
    def propose(self, *, by: Any) -> None:
        self._enter("proposal")

    @transition(
        source=State.PROPOSAL,
        target=State.NEGOTIATION,
        label=_("Negotiate"),
        event="negotiated",
        past=_("moved to negotiation"),
    )
    def negotiate(self, *, by: Any) -> None:
        self._enter("negotiation")

    @transition(
        source=(State.PROPOSAL, State.NEGOTIATION),
        target=State.WON,
        label=_("Win"),
        event="won",
        past=_("won the opportunity"),
        conditions=[has_value],
    )
    def win(self, *, by: Any, on: date | None = None) -> None:
        """Also performed by `orders.services.place_order`. `on` defaults to today."""
        self._enter("won")
        self.closed_on = on or timezone.localdate()

    @transition(
        source=(State.IDENTIFIED, State.QUALIFIED, State.PROPOSAL, State.NEGOTIATION),
        target=None,
        label=_("Assign"),
        event="assigned",
        past=_("assigned the opportunity"),
        form="opportunities.forms.AssignForm",
    )
    def assign(self, *, by: Any, to: Any, reason: str = "") -> None:
        """Give the deal to `to`, a user who may sell."""
        if not to.is_active or not to.has_perm("opportunities.propose_opportunity"):
            raise Refused(str(_("%(user)s cannot work opportunities.") % {"user": to}))
        self.owner = to

    @transition(
        source=(State.IDENTIFIED, State.QUALIFIED, State.PROPOSAL, State.NEGOTIATION),
        target=State.LOST,
        label=pgettext_lazy("opportunity", "Lose"),
        event="lost",
        past=_("marked the opportunity as lost"),
        form="opportunities.forms.LoseForm",
        tone="danger",
    )
    def lose(self, *, by: Any, reason: str, note: str = "") -> None:
        if reason not in dict(reasons.offered()):
            raise Refused(str(_("Choose one of the reasons.")))
        self._enter("lost")
        self.lost_reason, self.closed_on = reason, timezone.localdate()

    @transition(
        source=State.LOST,
        target=State.QUALIFIED,
        label=_("Reopen"),
        event="reopened",
        past=_("reopened the opportunity"),
    )
    def reopen(self, *, by: Any) -> None:
        self._enter("qualified")
        self.lost_reason, self.closed_on = "", None
