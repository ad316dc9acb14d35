"""Leads: from the first contact to the day somebody may sell to them."""

from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core import access, fulltext
from core.fulltext import phone_index, search_index, word_index
from core.history import tracked
from core.joins import Counterpart
from core.lifecycle import Refused, StateField, transition
from core.models import Document
from core.money import MoneyField
from core.statistics import Together
from leads.models import reasons
from leads.models.campaigns import Campaign, tally_triggers
from leads.models.conditions import can_be_reached, can_still_be_undone, has_a_name
from leads.models.handing import logged
from leads.models.identity import Identity, name_column
from leads.models.reasons import Losable, LostReasonField
from leads.models.scores import score_triggers
from leads.querysets import OPEN, LeadQuerySet, hot_from
from parties.models import Company, Contact, Language


@tracked(exclude=["name"])
class Lead(Losable, Identity, Document):
    """Somebody who may buy. Its score is in `LeadScore`: `scoring` of a lead in hand, `scored` in queries."""

    ICON = "user-search"
    MERGEABLE = True
    FAR_COLUMNS: ClassVar = {"score": "scored__score", "score_reasons": "scored__score_reasons"}

    class State(models.TextChoices):
        NEW = "new", _("New")
        WORKING = "working", _("Working")
        QUALIFIED = "qualified", pgettext_lazy("lead", "Qualified")
        CONVERTED = "converted", _("Converted")
        LOST = "lost", _("Lost")

    OPEN_STATES = tuple(OPEN)

    class Fit(models.TextChoices):
        GOOD = "good", _("Good: just what we are made for")
        PARTIAL = "partial", _("Partial: it can be done")
        POOR = "poor", _("Poor: not really for us")

    state = StateField(choices=State.choices, default=State.NEW)
    first_name = models.CharField(_("first name"), max_length=80, blank=True)
    last_name = models.CharField(_("last name"), max_length=80, blank=True)
    company_name = models.CharField(_("company"), max_length=200, blank=True)
    job_title = models.CharField(_("job title"), max_length=120, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    language = models.CharField(_("language"), max_length=5, choices=Language.choices, default=Language.ITALIAN)
    source = models.CharField(_("source"), max_length=80, blank=True)
    campaign = models.ForeignKey(
        Campaign,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="leads",
        verbose_name=_("campaign"),
        db_index=False,  # `lead_of_campaign` begins with it
    )
    interest = models.CharField(_("interested in"), max_length=200, blank=True)
    budget = MoneyField(_("budget"), null=True, blank=True, default_currency="EUR")
    need = models.TextField(_("need"), blank=True, max_length=2000)
    authority = models.CharField(_("who decides"), max_length=200, blank=True)
    decision_by = models.DateField(_("decision by"), null=True, blank=True)
    fit = models.CharField(_("fit"), max_length=10, choices=Fit.choices, blank=True)
    message = models.TextField(_("message"), blank=True, max_length=5000)
    attributes = models.JSONField(_("further data"), default=dict, blank=True)
    scored = Counterpart("leads.LeadScore", {"id": "lead", "state": "state"})
    lost_reason = LostReasonField(_("lost because"))
    closed_at = models.DateTimeField(_("closed at"), null=True, editable=False)
    company = models.ForeignKey(
        Company,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="leads",
        verbose_name=_("company record"),
    )
    contact = models.ForeignKey(
        Contact,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="leads",
        verbose_name=_("contact record"),
    )
    external_key = models.CharField(_("key in another system"), max_length=120, blank=True)
    name = name_column()
    search = search_index("first_name", "last_name", "company_name", "email", "phone", "vat_number", "city")

    objects = LeadQuerySet.as_manager()

    class Meta:
        verbose_name = _("lead")
        verbose_name_plural = _("leads")
        ordering = ("-created_at", "-pk")
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="lead_list_newest"),
            models.Index(fields=["state", "-created_at", "-id"], name="lead_list_by_state"),
            models.Index(fields=["owner", "-created_at", "-id"], name="lead_list_of_owner"),
            models.Index(
                fields=["owner", "-created_at", "-id"],
                condition=Q(state__in=OPEN),
                name="lead_list_of_owner_open",
            ),
            models.Index(
                fields=["-created_at", "-id"],
                condition=Q(owner=None, state__in=OPEN),
                name="lead_list_unassigned",
            ),
            Together(fields=["owner", "state"], name="lead_owner_and_state"),
            models.Index(fields=["name", "id"], name="lead_list_by_name"),
            models.Index(fields=["campaign", "-created_at", "-id"], name="lead_of_campaign"),
            word_index(name="lead_search"),
            phone_index("phone", name="lead_by_phone"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["external_key"], condition=~Q(external_key=""), name="lead_external_key_is_unique"
            ),
        ]
        triggers = [
            *score_triggers(),
            *tally_triggers(),
        ]

    def __str__(self) -> str:
        return self.company_name or self.full_name or self.email or _("Lead") + f" {self.pk}"

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN_STATES

    @property
    def is_editable(self) -> bool:
        """What is converted or lost stays as it was; a lost one is reopened first."""
        return self.is_open

    def others_like_it(self) -> LeadQuerySet:
        """Other leads of the same person or company, newest first; the caller narrows them to what a user may see."""
        same = Q()
        for name in ("email", "vat_number", "company_name"):
            if value := getattr(self, name):
                # The words find the candidates by the index, the comparison decides.
                same |= Q(search=fulltext.exactly(value), **{f"{name}__iexact": value})
        rows, of_phone = fulltext.same_phone(Lead.objects.exclude(pk=self.pk), ("phone",), self.phone)
        same = same if of_phone is None else same | of_phone
        others: LeadQuerySet = rows.filter(same) if same else Lead.objects.none()
        return others.order_by("-created_at", "-pk")

    @property
    def score(self) -> int | None:
        """From 0 to 100; None while it is being worked out. Who reads many selects `scoring` along."""
        return self.scoring.score if self._has_score else None

    @property
    def score_reasons(self) -> list[dict[str, Any]]:
        """The contributions ({key, points, value}) that add up to the score."""
        return self.scoring.score_reasons if self._has_score else []

    @property
    def _has_score(self) -> bool:
        """A lead that is not saved yet, or no more, has none."""
        return hasattr(self, "scoring")

    @property
    def is_hot(self) -> bool:
        return self.is_open and (self.score or 0) >= hot_from()

    @transition(
        source=State.NEW,
        target=State.WORKING,
        label=_("Take"),
        event="taken",
        past=_("took the lead"),
        tone="primary",
    )
    def take(self, *, by: Any) -> None:
        self.owner = logged(self, access.user_of(by), by) or self.owner

    @transition(
        source=(State.NEW, State.WORKING, State.QUALIFIED),
        target=None,
        label=_("Assign"),
        event="assigned",
        past=_("assigned the lead"),
        form="leads.forms.AssignForm",
    )
    def assign(self, *, by: Any, to: Any, reason: str = "") -> None:
        """Give the lead to `to`, a user who may sell."""
        if not to.is_active or not to.has_perm("leads.take_lead"):
            raise Refused(str(_("%(user)s cannot work leads.") % {"user": to}))
        self.owner = logged(self, to, by, reason)

    @transition(
        source=State.WORKING,
        target=State.QUALIFIED,
        label=_("Qualify"),
        event="qualified",
        past=_("qualified the lead"),
        conditions=[can_be_reached, has_a_name],
        form="leads.forms.QualifyForm",
        tone="primary",
    )
    def qualify(
        self,
        *,
        by: Any,
        need: str | None = None,
        budget: Decimal | None = None,
        authority: str | None = None,
        decision_by: date | None = None,
        fit: str | None = None,
    ) -> None:
        """Record the five answers: need, budget (in the lead's currency), who decides, by when, fit. None keeps what is."""
        if fit not in (None, "", *self.Fit.values):
            raise Refused(str(_("Choose one of the answers about the fit.")))
        if budget is not None and budget < 0:
            raise Refused(str(_("A budget is not negative.")))
        answers = {"need": need, "budget": budget, "authority": authority, "decision_by": decision_by, "fit": fit}
        for name, value in answers.items():
            if value is not None:
                setattr(self, name, value)

    @transition(
        source=State.QUALIFIED,
        target=State.CONVERTED,
        label=_("Convert"),
        event="converted",
        past=_("converted the lead"),
        conditions=[can_be_reached, has_a_name],
        tone="primary",
        by_hand=False,
    )
    def convert(self, *, by: Any, company: Any = None, contact: Any = None) -> None:
        """Performed by `opportunities.services.open_opportunity`, which gives the records it found or made."""
        self.company, self.contact, self.closed_at = company, contact, timezone.now()

    @transition(
        source=State.CONVERTED,
        target=State.QUALIFIED,
        label=_("Undo the conversion"),
        event="unconverted",
        past=_("undid the conversion"),
        fits=can_still_be_undone,
        tone="danger",
        by_hand=False,
    )
    def unconvert(self, *, by: Any) -> None:
        """Performed by `opportunities.undoing.undo_conversion`, which takes away what the conversion made."""
        self.company = self.contact = self.closed_at = None

    @transition(
        source=(State.NEW, State.WORKING, State.QUALIFIED),
        target=None,
        label=_("Invite to a campaign"),
        event="invited",
        past=_("put the lead on the list of a campaign"),
        form="leads.forms.InviteForm",
    )
    def invite(self, *, by: Any, campaign: Campaign) -> None:
        """Nobody stands on the list of a campaign twice."""
        if self.campaign_memberships.filter(campaign=campaign).exists():
            raise Refused(str(_("On the list of “%(campaign)s” already.") % {"campaign": campaign}))
        self.campaign_memberships.create(campaign=campaign, invited_at=timezone.now())

    @transition(
        source=(State.NEW, State.WORKING, State.QUALIFIED),
        target=State.LOST,
        label=_("Lose"),
        event="lost",
        past=_("marked the lead as lost"),
        form="leads.forms.LoseForm",
        tone="danger",
    )
    def lose(self, *, by: Any, reason: str, note: str = "") -> None:
        if reason not in dict(reasons.offered()):
            raise Refused(str(_("Choose one of the reasons.")))
        self.lost_reason, self.closed_at = reason, timezone.now()

    @transition(
        source=State.LOST,
        target=State.WORKING,
        label=_("Reopen"),
        event="reopened",
        past=_("reopened the lead"),
    )
    def reopen(self, *, by: Any) -> None:
        self.lost_reason, self.closed_at = "", None
