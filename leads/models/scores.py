"""The score of each lead; and the versions of the score that is learnt: what each rests on, and which one counts."""

from typing import Any

import pgtrigger
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.access import UnownedQuerySet
from core.history import tracked
from core.models import Record
from leads.querysets import HOT, OPEN, hot_from

#: How many closed leads weigh as much as the rules do.
PRIOR = 150
#: Below so many closed leads, or so many of either outcome, rules alone speak.
FEWEST_CLOSED, FEWEST_OF_EITHER = 50, 15

#: What the score depends on: a change of any of these asks for a new score.
SCORED_FIELDS = (
    "company_name", "job_title", "email", "phone", "vat_number", "source", "interest", "budget", "need", "authority",
    "decision_by", "fit", "attributes", "province", "country", "language", "website", "message", "campaign", "custom",
)  # fmt: skip


class LeadScore(models.Model):
    """The score of one lead, from 0 to 100, and its contributions (`score_reasons`), which add up to it.

    It stands beside the lead: a new score by the hundred thousand writes a short row with few indexes, not the lead with its
    twenty. Triggers of the lead's table make it, empty `scored_at`, keep `state`, and take it away; nobody else does.
    """

    lead = models.OneToOneField(
        "leads.Lead", on_delete=models.DO_NOTHING, primary_key=True, related_name="scoring", db_constraint=False
    )
    score = models.PositiveSmallIntegerField(_("score"), null=True, editable=False, validators=[MaxValueValidator(100)])
    score_reasons = models.JSONField(_("what the score is made of"), default=list, editable=False)
    scored_at = models.DateTimeField(null=True, editable=False)
    scored_with = models.CharField(max_length=16, blank=True, editable=False)  # the rules, see `scoring.edition`
    #: The lead's, always: a list of one state by score walks an index of both.
    state = models.CharField(max_length=20, editable=False)
    #: A condition of its own: Django drops one on `state`, which is part of the join.
    is_open = models.GeneratedField(
        expression=Q(state__in=OPEN),  # type: ignore[arg-type]
        output_field=models.BooleanField(),
        db_persist=True,
    )

    class Meta:
        verbose_name = _("score")
        verbose_name_plural = _("scores")
        default_permissions = ()
        indexes = [
            models.Index(F("score").desc(nulls_last=True), F("lead").desc(), name="lead_list_by_score"),
            models.Index(
                F("state"), F("score").desc(nulls_last=True), F("lead").desc(), name="lead_list_by_state_score"
            ),
            models.Index(
                F("score").desc(nulls_last=True),
                F("lead").desc(),
                condition=Q(is_open=True),
                include=["state"],
                name="lead_list_hot",
            ),
            models.Index(fields=["lead"], condition=Q(scored_at=None), name="lead_to_score"),
            models.Index(fields=["scored_with"], name="lead_scored_by_rules"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(score=None) | Q(score__lte=100), name="lead_score_is_0_to_100")
        ]

    def __str__(self) -> str:
        return "" if self.score is None else str(self.score)


def score_triggers() -> list[pgtrigger.Trigger]:
    """What keeps scores, on the table of leads: no code path can forget it, also no import and no raw SQL."""
    return [
        # For all rows of a statement at once: leads come in by the hundred thousand, too.
        pgtrigger.Trigger(
            name="score_new",
            level=pgtrigger.Statement,
            when=pgtrigger.After,
            operation=pgtrigger.Insert,
            referencing=pgtrigger.Referencing(new="new_leads"),
            func="""
                INSERT INTO leads_leadscore (lead_id, score_reasons, scored_with, state)
                SELECT id, '[]', '', state FROM new_leads ON CONFLICT DO NOTHING;
                RETURN NULL;
            """,
        ),
        pgtrigger.Trigger(
            name="score_gone",
            level=pgtrigger.Statement,
            when=pgtrigger.After,
            operation=pgtrigger.Delete,
            referencing=pgtrigger.Referencing(old="old_leads"),
            func="DELETE FROM leads_leadscore WHERE lead_id IN (SELECT id FROM old_leads); RETURN NULL;",
        ),
        # Also where it is empty already: who is scoring the lead just now holds the row, and knows nothing of this edit.
        pgtrigger.Trigger(
            name="ask_for_score",
            when=pgtrigger.After,
            operation=pgtrigger.Update,
            condition=pgtrigger.AnyChange(*SCORED_FIELDS),
            func="UPDATE leads_leadscore SET scored_at = NULL WHERE lead_id = NEW.id; RETURN NULL;",
        ),
        pgtrigger.Trigger(
            name="score_state",
            when=pgtrigger.After,
            operation=pgtrigger.Update,
            condition=pgtrigger.AnyChange("state"),
            func="UPDATE leads_leadscore SET state = NEW.state WHERE lead_id = NEW.id; RETURN NULL;",
        ),
    ]


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
    #: The score from which a lead was among the best fifth of the open ones when this was learnt.
    hot_from = models.PositiveSmallIntegerField(_("hot from"), default=HOT, validators=[MaxValueValidator(100)])
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
        return _("Version") + f" {self.number}"

    @property
    def weight(self) -> float:
        """How much of the score is learnt; the rest are the rules."""
        return self.closed / (self.closed + PRIOR)

    @property
    def figures(self) -> dict[str, Any]:
        return self.report.get("figures", {})


hot_from.of(ScoreVersion)
