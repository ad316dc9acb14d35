"""Which learnt score counts now, in the memory of each process; and how one goes back to an earlier one."""

from dataclasses import dataclass

from django.db import DEFAULT_DB_ALIAS, transaction
from django.utils.translation import gettext as _

from core import history
from core.access import Actor
from core.lifecycle import Refused
from core.remembered import Remembered
from leads.models import ScoreVersion
from leads.scoring.blending import Blend


@dataclass(frozen=True)
class Standing:
    """How things are with the learnt score: the version in use, or the last one and why there is none."""

    active: ScoreVersion | None
    last: ScoreVersion | None


def _read() -> Blend | None:
    row = ScoreVersion.objects.using(DEFAULT_DB_ALIAS).filter(active=True).first()
    return Blend.of(row) if row else None


#: The learnt score in use, None where rules alone speak.
blend = Remembered(_read)
blend.of(ScoreVersion)


def standing() -> Standing:
    rows = ScoreVersion.objects.defer("model", "report")
    return Standing(rows.filter(active=True).first(), rows.first())


@transaction.atomic
def use(version: ScoreVersion, *, by: Actor) -> None:
    """Put this version to use, and keep it until somebody lets learning go on: one goes back for a reason."""
    if version.verdict != ScoreVersion.Verdict.USABLE:
        raise Refused(str(_("This version says nothing: there is nothing to put to use.")))
    with history.acting(by):
        _only(version, kept=True)


@transaction.atomic
def rules_only(*, by: Actor) -> None:
    """Let the rules speak alone, until the score is learnt anew."""
    with history.acting(by):
        _only(None, kept=False)


@transaction.atomic
def let_go(version: ScoreVersion, *, by: Actor) -> None:
    """The next version that is usable takes its place."""
    with history.acting(by):
        version.kept = False
        version.save()


def _only(version: ScoreVersion | None, *, kept: bool) -> None:
    for other in ScoreVersion.objects.select_for_update().filter(active=True):
        other.active, other.kept = False, False
        other.save()
    if version:
        version.active, version.kept = True, kept
        version.save()
