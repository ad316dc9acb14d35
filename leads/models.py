"""Leads: from the first contact to the day somebody may sell to them."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.access import RecordQuerySet
from core.history import tracked
from core.lifecycle import Reason, Refused, StateField, transition
from core.models import Document, Record, search_index
from core.money import MoneyField
from parties.models import Company, Contact, Language
from parties.validators import validate_vat_number


class CampaignQuerySet(RecordQuerySet):
    owner_paths = ("owner",)


@tracked()
class Campaign(Record):
    """A marketing campaign that brings leads, with what it may and did cost."""

    ICON = "speakerphone"

    name = models.CharField(_("name"), max_length=120, unique=True)
    channel = models.CharField(_("channel"), max_length=60, blank=True)
    starts_on = models.DateField(_("first day"), null=True, blank=True)
    ends_on = models.DateField(_("last day"), null=True, blank=True)
    budget = MoneyField(_("budget"), default=0, default_currency="EUR")
    cost = MoneyField(_("cost"), default=0, default_currency="EUR")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("owner"),
    )

    objects = CampaignQuerySet.as_manager()

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        ordering = ("-starts_on", "name")

    def __str__(self) -> str:
        return self.name


class LostReason(models.TextChoices):
    """Why a lead or an opportunity came to nothing."""

    PRICE = "price", _("Price too high")
    COMPETITOR = "competitor", _("Chose a competitor")
    NO_BUDGET = "no_budget", _("No budget")
    NO_NEED = "no_need", _("No need")
    TIMING = "timing", _("Not now")
    UNREACHABLE = "unreachable", _("Cannot be reached")
    DUPLICATE = "duplicate", _("Duplicate")
    OTHER = "other", _("Other")


class LeadQuerySet(RecordQuerySet):
    unowned_for_all = True


def can_be_reached(lead: "Lead") -> Reason | None:
    if lead.email or lead.phone:
        return None
    return Reason(str(_("Add an e-mail address or a phone number first.")), fix_url=f"{lead.edit_url}#id_email")


def has_a_name(lead: "Lead") -> Reason | None:
    if lead.company_name or lead.last_name:
        return None
    return Reason(
        str(_("Add the name of the company or of the person first.")), fix_url=f"{lead.edit_url}#id_last_name"
    )


@tracked(exclude=["score_reasons", "scored_at"])
class Lead(Document):
    """Somebody who may buy. `score` runs from 0 to 100; `score_reasons` are its contributions and add up to it."""

    ICON = "user-search"

    class State(models.TextChoices):
        NEW = "new", _("New")
        WORKING = "working", _("Working")
        QUALIFIED = "qualified", _("Qualified")
        CONVERTED = "converted", _("Converted")
        LOST = "lost", _("Lost")

    state = StateField(choices=State.choices, default=State.NEW)
    first_name = models.CharField(_("first name"), max_length=80, blank=True)
    last_name = models.CharField(_("last name"), max_length=80, blank=True)
    company_name = models.CharField(_("company"), max_length=200, blank=True)
    job_title = models.CharField(_("job title"), max_length=120, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    website = models.URLField(_("website"), blank=True)
    vat_number = models.CharField(_("VAT number"), max_length=20, blank=True, validators=[validate_vat_number])
    city = models.CharField(_("city"), max_length=100, blank=True)
    province = models.CharField(_("province"), max_length=60, blank=True)
    country = models.CharField(_("country"), max_length=60, blank=True, default="IT")
    language = models.CharField(_("language"), max_length=5, choices=Language.choices, default=Language.ITALIAN)
    source = models.CharField(_("source"), max_length=80, blank=True)
    campaign = models.ForeignKey(
        Campaign, on_delete=models.PROTECT, null=True, blank=True, related_name="leads", verbose_name=_("campaign")
    )
    interest = models.CharField(_("interested in"), max_length=200, blank=True)
    budget = MoneyField(_("budget"), null=True, blank=True, default_currency="EUR")
    need = models.TextField(_("need"), blank=True, max_length=2000)
    authority = models.CharField(_("who decides"), max_length=200, blank=True)
    decision_by = models.DateField(_("decision by"), null=True, blank=True)
    message = models.TextField(_("message"), blank=True, max_length=5000)
    attributes = models.JSONField(_("further data"), default=dict, blank=True)
    score = models.PositiveSmallIntegerField(_("score"), null=True, editable=False, validators=[MaxValueValidator(100)])
    score_reasons = models.JSONField(default=list, editable=False)
    scored_at = models.DateTimeField(null=True, editable=False)
    lost_reason = models.CharField(
        _("lost because"), max_length=20, choices=LostReason.choices, blank=True, editable=False
    )
    closed_at = models.DateTimeField(_("closed"), null=True, editable=False)
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
    search = search_index("first_name", "last_name", "company_name", "email", "phone", "city")

    objects = LeadQuerySet.as_manager()

    class Meta:
        verbose_name = _("lead")
        verbose_name_plural = _("leads")
        ordering = ("-created_at", "-pk")
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="lead_list_newest"),
            models.Index(fields=["state", "-created_at", "-id"], name="lead_list_by_state"),
            models.Index(fields=["owner", "-created_at", "-id"], name="lead_list_of_owner"),
            models.Index(fields=["-score", "-id"], name="lead_list_by_score"),
            models.Index(fields=["thread"], name="lead_of_thread_stage"),
            models.Index(fields=["id"], condition=Q(scored_at=None), name="lead_to_score"),
            GinIndex(fields=["search"], name="lead_search"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["external_key"], condition=~Q(external_key=""), name="lead_external_key_is_unique"
            ),
            models.CheckConstraint(condition=Q(score=None) | Q(score__lte=100), name="lead_score_is_0_to_100"),
        ]

    #: What the score depends on: a change of any of these asks for a new score.
    SCORED_FIELDS: ClassVar[tuple[str, ...]] = (
        "company_name", "job_title", "email", "phone", "vat_number", "country", "source", "interest", "budget", "need",
        "authority", "decision_by", "attributes",
    )  # fmt: skip

    def __str__(self) -> str:
        return self.company_name or self.full_name or self.email or f"{_('Lead')} {self.pk}"

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @transition(
        source=State.NEW,
        target=State.WORKING,
        label=_("Take"),
        event="taken",
        past=_("took the lead"),
        tone="primary",
    )
    def take(self, *, by: Any) -> None:
        self.owner = by

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
        self.owner = to

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
    def qualify(self, *, by: Any, **answers: Any) -> None:
        """Record what was learnt: need, budget, who decides, by when, interest."""
        for name, value in answers.items():
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
        source=(State.NEW, State.WORKING, State.QUALIFIED),
        target=State.LOST,
        label=_("Lose"),
        event="lost",
        past=_("marked the lead as lost"),
        form="leads.forms.LoseForm",
        tone="danger",
    )
    def lose(self, *, by: Any, reason: str, note: str = "") -> None:
        if reason not in LostReason.values:
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
