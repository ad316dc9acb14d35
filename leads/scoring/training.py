"""Learning the score from the house's own closed leads: weekly, and whenever somebody asks. For a worker: it takes a while."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from core import access
from core.access import Actor
from leads.models import Lead, ScoreVersion
from leads.models.scores import FEWEST_CLOSED, FEWEST_OF_EITHER
from leads.scoring import backtest, heat, inputs, rules
from leads.scoring.learning import checking, fitting
from leads.scoring.learning.fitting import Sample
from leads.scoring.learning.model import log_odds, probability

#: The latest so many closed leads are learnt from.
MOST = 50_000
#: Share of the leads closed last by which the level is set; so many of them move it half the way.
_LATEST, _LATEST_HALF = 0.2, 50


@dataclass
class Case:
    """A closed lead: its columns as they were when somebody began to work it, and what became of it."""

    columns: dict[str, Any]
    won: int
    closed_at: Any
    was_new: bool


def train(*, by: Actor, left_out: Sequence[str] | None = None) -> ScoreVersion:
    """Learn a new version. It is put to use if it says more than nothing, unless the present one is to be kept.

    `left_out` names fields that take no part; None: those of the version before, and what gives the outcome away.
    """
    cases = closed_cases()
    won = sum(case.won for case in cases)
    if len(cases) < FEWEST_CLOSED or min(won, len(cases) - won) < FEWEST_OF_EITHER:
        made = ScoreVersion(verdict=ScoreVersion.Verdict.TOO_FEW, left_out=list(left_out or []))
        made.closed, made.won = len(cases), won
        return _keep(made, by)
    rows = [inputs.values_of(case.columns) for case in cases]
    outcomes = [case.won for case in cases]
    leaks = checking.leaks(_sample(rows, outcomes, [f.name for f in inputs.fields_of(rows)]))
    out = sorted({leak.name for leak in leaks} | set(_before()) if left_out is None else set(left_out))
    tested = backtest.run(rows, outcomes, [case.columns["created_at"] for case in cases], out)
    verdict = ScoreVersion.Verdict.USABLE if tested.says_more else ScoreVersion.Verdict.NO_SIGNAL
    model = _learn(rows, cases, out)
    report = tested.report() | {"leaks": [leak.to_json() for leak in leaks], "came_in_closed": _came_in_closed(cases)}
    made = ScoreVersion(verdict=verdict, model=model, report=report, left_out=out, auc=tested.auc)
    made.closed, made.won = len(cases), won
    if tested.says_more:
        made.hot_from = heat.hot_from(made)
    return _keep(made, by)


def closed_cases() -> list[Case]:
    """Closed leads, oldest first, each with its values of the moment somebody began to work it.

    History keeps every version; the first one that is no longer new is the moment the score is there for. What was written down
    later, knowing more, is not learnt from.
    """
    closed = Lead.objects.filter(state__in=(Lead.State.CONVERTED, Lead.State.LOST)).order_by("-created_at", "-pk")
    rows = list(closed.values_list("pk", "state", "created_at", "closed_at")[:MOST])
    versions: Any = Lead.pgh_event_model  # type: ignore[attr-defined]
    begun = (
        versions.objects.filter(pgh_obj_id__in=[row[0] for row in rows])
        .exclude(state=Lead.State.NEW)
        .order_by("pgh_obj_id", "pgh_id")
        .distinct("pgh_obj_id")
    )
    then = {
        row["pgh_obj_id"]: row
        for row in begun.values("pgh_obj_id", "pgh_created_at", "state", *rules.COLUMNS[1:]).iterator()
    }
    found = []
    for pk, state, created, closed_at in reversed(rows):
        if columns := then.get(pk):
            came_in_closed = columns["state"] in (Lead.State.CONVERTED, Lead.State.LOST)
            found.append(
                Case(
                    {**columns, "created_at": created},
                    int(state == Lead.State.CONVERTED),
                    closed_at,
                    not came_in_closed,
                )
            )
    return found


def _came_in_closed(cases: Sequence[Case]) -> int:
    return sum(not case.was_new for case in cases)


def _before() -> list[str]:
    last = ScoreVersion.objects.order_by("-number").first()
    return last.left_out if last else []


def _sample(rows: Sequence[Mapping[str, Any]], outcomes: Sequence[int], names: Sequence[str]) -> Sample:
    return Sample({name: [row.get(name) for row in rows] for name in names}, outcomes)


def _learn(rows: Sequence[Mapping[str, Any]], cases: Sequence[Case], out: Sequence[str]) -> dict[str, Any]:
    """The tables of the model, with the level of the latest closed leads, and how much a point of the rules is worth."""
    made = [f for f in inputs.fields_of(rows) if f.name not in out]
    outcomes = [case.won for case in cases]
    model = fitting.fit(_sample(rows, outcomes, [f.name for f in made]), made)
    latest = sorted(range(len(cases)), key=lambda i: str(cases[i].closed_at or ""))[
        -max(1, int(_LATEST * len(cases))) :
    ]
    model.intercept += shift([model.log_odds(rows[i]) for i in latest], [outcomes[i] for i in latest])
    return model.to_json() | {"rules": _rules(cases)}


def shift(told: Sequence[float], outcomes: Sequence[int]) -> float:
    """How far all log-odds must be moved so that as many are told as were won; less far where there are few."""
    low, high = -5.0, 5.0
    for _turn in range(40):
        middle = (low + high) / 2
        too_few = sum(probability(z + middle) for z in told) < sum(outcomes)
        low, high = (middle, high) if too_few else (low, middle)
    return (low + high) / 2 * len(told) / (len(told) + _LATEST_HALF)


def _rules(cases: Sequence[Case]) -> dict[str, float]:
    """The rules as odds: what no points and what one point are worth. Rules that point the wrong way are worth nothing."""
    from sklearn.linear_model import LogisticRegression

    points = [[float(_points(case))] for case in cases]
    outcomes = [case.won for case in cases]
    learner = LogisticRegression(C=1.0).fit(points, outcomes)
    worth = float(learner.coef_[0][0])
    if worth <= 0:
        return {"at": log_odds(sum(outcomes) / len(outcomes)), "worth": 0.0, "most": 100.0}
    return {"at": float(learner.intercept_[0]), "worth": worth, "most": max(row[0] for row in points)}


def _points(case: Case) -> int:
    """As of that moment; what happened with the lead since it came in is not known of it."""
    begun = timezone.localtime(case.columns["pgh_created_at"]).date()
    return rules.judge(rules.facts(case.columns, today=begun))[0]


@transaction.atomic
def _keep(made: ScoreVersion, by: Actor) -> ScoreVersion:
    made.by = access.user_of(by)
    present = ScoreVersion.objects.select_for_update().filter(active=True).first()
    made.number = (ScoreVersion.objects.aggregate(last=Max("number"))["last"] or 0) + 1
    usable = made.verdict == ScoreVersion.Verdict.USABLE
    if present and not present.kept:
        present.active = False
        present.save()
    made.active = usable and not (present and present.kept)
    made.save()
    return made
