"""Who gets a lead: rules that managers keep, their people with weights, and the log of what was given to whom, and why."""

from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import triggers
from core.access import UnownedQuerySet
from core.history import tracked
from core.models import Record
from leads.models.campaigns import Campaign
from leads.models.leads import Lead


def _words(label: Any, length: int = 80) -> Any:
    return ArrayField(models.CharField(max_length=length), verbose_name=label, default=list, blank=True)


@tracked()
class AssignmentRule(Record):
    """Leads that fit are given to its members in turn, by weight. What is left empty fits every lead.

    Countries, regions and provinces are one territory: a lead is in it if any of them fits. `regions` and `provinces` are
    codes of `leads.assigning.territory`. Rules are asked by `position`; the first that has somebody for the lead gives it.
    """

    ICON = "arrows-split"
    OWN_FIELDS = False
    INTERNAL_FIELDS = ("countries", "regions", "provinces", "sources", "interests", "languages", "asks")

    name = models.CharField(_("name"), max_length=80, unique=True)
    position = models.PositiveSmallIntegerField(_("position"), default=1, validators=[MinValueValidator(1)])
    active = models.BooleanField(_("active"), default=False)
    #: Leads that came in before the rule was made active are left to be taken by hand.
    active_since = models.DateTimeField(_("for leads since"), default=timezone.now, editable=False)
    countries = _words(_("countries"), 2)
    regions = _words(_("regions of Italy"), 30)
    provinces = _words(_("provinces"), 2)
    sources = _words(_("sources"))
    interests = _words(_("interested in"))
    languages = _words(_("languages"), 5)
    campaigns = models.ManyToManyField(Campaign, blank=True, related_name="+", verbose_name=_("campaigns"))
    #: Of custom fields, by name: {"is": [...]} of choices and texts, {"yes": bool}, {"from": n, "to": n} of numbers.
    asks = models.JSONField(_("custom fields"), default=dict, blank=True, editable=False)
    score_from = models.PositiveSmallIntegerField(
        _("score from"), null=True, blank=True, validators=[MaxValueValidator(100)]
    )
    score_to = models.PositiveSmallIntegerField(
        _("score up to"), null=True, blank=True, validators=[MaxValueValidator(100)]
    )
    sla_minutes = models.PositiveIntegerField(
        _("first contact within (working minutes)"),
        null=True,
        blank=True,
        default=240,
        validators=[MinValueValidator(1), MaxValueValidator(60_000)],
    )
    minutes_per_lead = models.PositiveSmallIntegerField(
        _("minutes for a new lead"), default=30, validators=[MinValueValidator(1), MaxValueValidator(1440)]
    )
    minutes_per_open_lead = models.PositiveSmallIntegerField(
        _("minutes a day for each open lead"), default=5, validators=[MaxValueValidator(1440)]
    )
    minutes_per_activity = models.PositiveSmallIntegerField(
        _("minutes for each activity due"), default=15, validators=[MaxValueValidator(1440)]
    )
    give_when_full = models.BooleanField(_("give leads also when nobody has time left"), default=True)

    objects = UnownedQuerySet.as_manager()

    class Meta:
        verbose_name = _("assignment rule")
        verbose_name_plural = _("assignment rules")
        ordering = ("position", "pk")
        default_permissions = ("view", "add", "change")
        constraints = [
            models.CheckConstraint(
                condition=Q(score_from=None) | Q(score_to=None) | Q(score_to__gte=F("score_from")),
                name="rule_score_range_is_a_range",
            ),
        ]

    def __str__(self) -> str:
        return self.name


@tracked(exclude=["credit"])
class AssignmentMember(models.Model):
    """Somebody a rule gives leads to. `credit` is what is owed to them in leads: what fell to them less what they got."""

    rule = models.ForeignKey(
        AssignmentRule, on_delete=models.CASCADE, related_name="members", verbose_name=_("assignment rule")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("user")
    )
    weight = models.PositiveSmallIntegerField(
        _("weight"), default=1, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    credit = models.FloatField(default=0, editable=False)

    class Meta:
        verbose_name = _("member of a rule")
        verbose_name_plural = _("members of rules")
        ordering = ("pk",)
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["rule", "user"], name="a_member_once_per_rule")]

    def __str__(self) -> str:
        return f"{self.user} ({self.weight})"


class Assignment(models.Model):
    """A lead was given to somebody, by a rule or by hand. Append-only: later only what became of it is stamped, once.

    Without a rule it was somebody's own doing, see `handing`, and nothing was promised.

    `reason` is in the language of the house; `facts` are what it is made of, for readers of other languages and for the page
    "why not me" (see `leads.assigning.wording`). `counts_on` is the working day whose room it takes.
    """

    lead = models.ForeignKey(Lead, on_delete=models.PROTECT, related_name="assignments", verbose_name=_("lead"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("user")
    )
    rule = models.ForeignKey(
        AssignmentRule,
        on_delete=models.PROTECT,
        null=True,
        related_name="assignments",
        verbose_name=_("assignment rule"),
    )
    reason = models.TextField(_("reason"))
    facts = models.JSONField(_("facts"), default=dict)
    at = models.DateTimeField(_("given at"), default=timezone.now)
    counts_on = models.DateField(_("counts on"))
    due_by = models.DateTimeField(_("first contact by"), null=True)
    first_contact_at = models.DateTimeField(_("first contact"), null=True)
    moved_on_at = models.DateTimeField(_("moved on"), null=True)
    #: Not contacted in time, and nobody else to give it to: managers were told.
    escalated_at = models.DateTimeField(_("escalated"), null=True)

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        ordering = ("-at", "-pk")
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["-at", "-id"], name="assignment_newest"),
            models.Index(fields=["user", "counts_on"], name="assignment_of_a_day"),
            models.Index(
                fields=["due_by"],
                condition=Q(first_contact_at=None, moved_on_at=None, escalated_at=None) & ~Q(due_by=None),
                name="assignment_awaits_contact",
            ),
        ]
        triggers = [
            triggers.Undeletable(),
            triggers.Frozen(free=("first_contact_at", "moved_on_at", "escalated_at")),
        ]

    def __str__(self) -> str:
        return f"{self.lead} → {self.user}"

    @property
    def is_late(self) -> bool:
        """Whether the promise of a first contact was broken, or is being broken now."""
        if self.due_by is None or self.moved_on_at:
            return self.moved_on_at is not None
        return (self.first_contact_at or timezone.now()) > self.due_by
