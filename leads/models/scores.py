"""Versions of the score that is learnt: what each rests on, how far it is to be believed, and which one counts."""

from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.access import UnownedQuerySet
from core.history import tracked
from core.models import Record

#: How many closed leads weigh as much as the rules do.
PRIOR = 150
#: Below so many closed leads, or so many of either outcome, rules alone speak.
FEWEST_CLOSED, FEWEST_OF_EITHER = 50, 15


@tracked(exclude=["model", "report"])
class ScoreVersion(Record):
    """What was learnt on one day. `model` are the tables of log-odds, `report` what became of it in the back-test."""

    ICON = "chart-dots"
    OWN_FIELDS = False

    class Verdict(models.TextChoices):
        USABLE = "usable", _("Usable")
        NO_SIGNAL = "no_signal", _("No signal yet")
        TOO_FEW = "too_few", _("Too few closed leads")

    number = models.PositiveIntegerField(_("version"), unique=True)
    verdict = models.CharField(_("verdict"), max_length=10, choices=Verdict.choices)
    closed = models.PositiveIntegerField(_("closed leads"))
    won = models.PositiveIntegerField(_("won leads"))
    auc = models.FloatField(_("AUC"), null=True)
    model = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    report = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    #: Names of fields that took no part because somebody said so, or because they gave the outcome away.
    left_out = models.JSONField(default=list, encoder=DjangoJSONEncoder)
    active = models.BooleanField(_("in use"), default=False)
    kept = models.BooleanField(_("kept"), default=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("learnt for")
    )

    INTERNAL_FIELDS = ("model", "report", "left_out")

    objects = UnownedQuerySet.as_manager()

    class Meta:
        verbose_name = _("learnt score")
        verbose_name_plural = _("learnt scores")
        ordering = ("-number",)
        default_permissions = ("view", "change")
        constraints = [
            models.UniqueConstraint(fields=["active"], condition=Q(active=True), name="one_learnt_score_in_use"),
            models.CheckConstraint(
                condition=Q(active=False) | Q(verdict="usable"), name="only_a_usable_score_is_in_use"
            ),
        ]

    def __str__(self) -> str:
        return f"{_('Version')} {self.number}"

    @property
    def weight(self) -> float:
        """How much of the score is learnt; the rest are the rules."""
        return self.closed / (self.closed + PRIOR)

    @property
    def figures(self) -> dict[str, Any]:
        return self.report.get("figures", {})
