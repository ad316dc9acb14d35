"""How likely a deal is in each stage: rows that managers keep."""

from django.core.validators import MaxValueValidator
from django.db import DEFAULT_DB_ALIAS, models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.access import UnownedQuerySet
from core.history import tracked
from core.models import Record
from core.remembered import Remembered, changed


class State(models.TextChoices):
    """The stages of a deal, and its two ends."""

    IDENTIFIED = "identified", _("Identified")
    QUALIFIED = "qualified", pgettext_lazy("opportunity", "Qualified")
    PROPOSAL = "proposal", _("Proposal")
    NEGOTIATION = "negotiation", _("Negotiation")
    WON = "won", pgettext_lazy("opportunity", "Won")
    LOST = "lost", pgettext_lazy("opportunity", "Lost")


#: Probability in percent that each stage starts with in a new house. What is won or lost is certain.
FIRST = {"identified": 10, "qualified": 25, "proposal": 50, "negotiation": 75}
_CERTAIN = {"won": 100, "lost": 0}


@tracked()
class StageProbability(Record):
    """The probability in percent that a deal gets when it enters a stage; whoever knows better changes the deal's own."""

    ICON = "percentage"
    OWN_FIELDS = False

    stage = models.CharField(_("stage"), max_length=20, unique=True, choices=State.choices[:4], editable=False)
    probability = models.PositiveSmallIntegerField(_("probability %"), validators=[MaxValueValidator(100)])
    position = models.PositiveSmallIntegerField(_("position"), default=0, editable=False)

    objects = UnownedQuerySet.as_manager()

    class Meta:
        verbose_name = _("probability of a stage")
        verbose_name_plural = _("probabilities of the stages")
        ordering = ("position",)
        default_permissions = ("change", "view")
        constraints = [
            models.CheckConstraint(condition=models.Q(probability__lte=100), name="stage_probability_is_percent")
        ]

    def __str__(self) -> str:
        return self.get_stage_display()


def _read() -> dict[str, int]:
    return dict(StageProbability.objects.using(DEFAULT_DB_ALIAS).values_list("stage", "probability"))


_known = Remembered(_read)
_known.of(StageProbability)


def probability_of(state: str) -> int:
    """What a deal starts with in this state, in percent."""
    return {**FIRST, **_known(), **_CERTAIN}[state]


def first_probability() -> int:
    """What a new deal starts with, in percent."""
    return probability_of("identified")


def make_first(using: str = DEFAULT_DB_ALIAS, **_signal: object) -> None:
    """After a migration: each stage that has no row gets ours."""
    known = set(StageProbability.objects.using(using).values_list("stage", flat=True))
    missing = [stage for stage in FIRST if stage not in known]
    if missing:
        places = list(FIRST)
        rows = [StageProbability(stage=s, probability=FIRST[s], position=places.index(s)) for s in missing]
        StageProbability.objects.using(using).bulk_create(rows)
        changed()
