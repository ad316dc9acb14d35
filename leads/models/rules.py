"""The rules of the score: rows in versions, of which one is in use. What has once been in use is never changed again."""

from typing import Any

import pgtrigger
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from core import triggers
from core.access import UnownedQuerySet
from core.history import tracked
from core.models import Record
from leads.models.rule_words import label_of

#: The most points a rule may give or take.
MOST_POINTS = 100
_UP_TO_A_HUNDRED = [MinValueValidator(1), MaxValueValidator(MOST_POINTS)]


@tracked()
class RuleSet(Record):
    """A version of the rules: written as a draft, put in use, followed by another one; it may be put in use again."""

    ICON = "adjustments"
    OWN_FIELDS = False

    class State(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("rules", "Draft")
        IN_USE = "in_use", _("in use")
        RETIRED = "retired", pgettext_lazy("rules", "Retired")

    number = models.PositiveIntegerField(_("version"), unique=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT, editable=False)
    fit_most = models.PositiveSmallIntegerField(
        _("most points for who they are"), null=True, blank=True, validators=_UP_TO_A_HUNDRED
    )
    engagement_most = models.PositiveSmallIntegerField(
        _("most points for what they do"), null=True, blank=True, validators=_UP_TO_A_HUNDRED
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+",
        verbose_name=_("put in use by"),
    )  # fmt: skip
    used_at = models.DateTimeField(_("put in use"), null=True, editable=False)

    objects = UnownedQuerySet.as_manager()

    class Meta:
        verbose_name = _("rules of the score")
        verbose_name_plural = _("rules of the score")
        ordering = ("-number",)
        default_permissions = ("view", "change")
        constraints = [
            models.UniqueConstraint(fields=["state"], condition=Q(state="in_use"), name="one_set_of_rules_in_use"),
            models.UniqueConstraint(fields=["state"], condition=Q(state="draft"), name="one_draft_of_rules"),
        ]
        triggers = [
            triggers.Undeletable(condition=~pgtrigger.Q(old__state="draft")),
            triggers.Frozen(free=("state", "by", "used_at", "updated_at"), while_in=("draft",)),
        ]

    def __str__(self) -> str:
        return gettext("Rules %(n)s") % {"n": self.number}

    @property
    def is_editable(self) -> bool:
        return self.state == self.State.DRAFT


@tracked()
class ScoreRule(models.Model):
    """One rule: it looks at one thing of a lead, and gives points or takes them.

    `key` stands in the reasons of scores; it stays the same from version to version, and means the same in all of them.
    Without a `label` the rule is one of ours, and called so in each language (`rule_words`). `grades` are
    [value, points], the first that fits counts; `points` is for conditions without a value. See `leads.scoring.rules`.
    """

    class Part(models.TextChoices):
        FIT = "fit", _("Who they are")
        ENGAGEMENT = "engagement", _("What they do")

    class Condition(models.TextChoices):
        FILLED = "filled", _("says something")
        EMPTY = "empty", _("says nothing")
        ONE_OF = "one_of", _("is one of")
        WORDS = "words", _("contains one of the words")
        NUMBER = "number", _("is at least")
        COMPANY = "company", _("is an address of a company")

    ruleset = models.ForeignKey(RuleSet, on_delete=models.CASCADE, related_name="rules", verbose_name=_("version"))
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    part = models.CharField(_("part"), max_length=10, choices=Part.choices, default=Part.FIT)
    key = models.CharField(max_length=40, editable=False)
    label = models.CharField(_("label"), max_length=80, blank=True)
    ask = models.CharField(_("what to find out"), max_length=120, blank=True)
    field = models.CharField(_("looks at"), max_length=120)
    condition = models.CharField(_("condition"), max_length=10, choices=Condition.choices, default=Condition.FILLED)
    points = models.SmallIntegerField(
        _("points"), null=True, blank=True, validators=[MinValueValidator(-MOST_POINTS), MaxValueValidator(MOST_POINTS)]
    )
    grades = models.JSONField(_("values"), default=list, blank=True, encoder=DjangoJSONEncoder)
    half_life = models.PositiveSmallIntegerField(
        _("half-life in days"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(3650)]
    )

    class Meta:
        verbose_name = _("rule of the score")
        verbose_name_plural = _("rules of the score")
        ordering = ("position", "pk")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["ruleset", "key"], name="a_rule_once_in_a_version"),
            models.CheckConstraint(
                condition=Q(half_life=None) | Q(half_life__gte=1, part="engagement"), name="only_engagement_fades"
            ),
        ]
        triggers = [triggers.FrozenLines(parent="ruleset", while_in=("draft",))]

    def __str__(self) -> str:
        return str(label_of(self.key, self.label))

    #: Conditions that need values, each with points of its own.
    GRADED = (Condition.ONE_OF, Condition.WORDS, Condition.NUMBER)

    @property
    def is_graded(self) -> bool:
        return self.condition in self.GRADED

    @property
    def most(self) -> int:
        """The highest number of points it can give."""
        given: list[Any] = [points for _value, points in self.grades] if self.is_graded else [self.points or 0]
        return max([0, *given])
