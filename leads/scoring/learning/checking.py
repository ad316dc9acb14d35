"""Whether a model is worth believing: figures of what it told against what became of it, and fields that tell too much."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from leads.scoring.learning import values

if TYPE_CHECKING:
    from leads.scoring.learning.fitting import Sample

#: AUC of a field's mere presence from which on it looks as if it was filled in because of the outcome.
PRESENCE = 0.70
#: AUC of a single field from which on it looks like the outcome itself.
ALONE = 0.95
PARTS = 10


@dataclass(frozen=True)
class Leak:
    """A field that tells the outcome too well to be known beforehand; the shares are of won and of lost ones."""

    name: str
    kind: str
    auc: float
    filled_won: float
    filled_lost: float

    def sentence(self, label: Any) -> str:
        facts = {
            "name": label, "won": round(100 * self.filled_won), "lost": round(100 * self.filled_lost), "auc": f"{self.auc:.2f}",
        }  # fmt: skip
        if self.kind == "presence":
            return (
                _("“%(name)s” is filled in for %(won)d %% of the won and %(lost)d %% of the lost: was it known before?")
                % facts
            )
        return _("“%(name)s” alone tells the outcome (AUC %(auc)s): was it known before?") % facts

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def leaks(sample: "Sample") -> list[Leak]:
    """Fields that look as if they were filled in after the outcome was known."""
    found = []
    for name, column in sample.columns.items():
        there = [values.says_something(value) for value in column]
        shares = _shares(there, sample.outcomes)
        presence = 0.5 + abs(shares[1] - shares[0]) / 2
        if presence >= PRESENCE:
            found.append(Leak(name, "presence", presence, shares[1], shares[0]))
        elif (alone := _alone(column, sample.outcomes)) >= ALONE:
            found.append(Leak(name, "alone", alone, shares[1], shares[0]))
    return found


def _shares(there: Sequence[bool], outcomes: Sequence[int]) -> tuple[float, float]:
    """The share of filled ones among the lost, and among the won."""
    found = []
    for outcome in (0, 1):
        own = [is_there for is_there, told in zip(there, outcomes, strict=True) if told == outcome]
        found.append(sum(own) / len(own) if own else 0.0)
    return found[0], found[1]


def _alone(column: Sequence[Any], outcomes: Sequence[int]) -> float:
    """AUC of a field's frequent levels by their own rates; rare ones would tell each row by itself."""
    rates: dict[str, list[int]] = {}
    levels = [values.level(value) for value in column]
    for level, outcome in zip(levels, outcomes, strict=True):
        rates.setdefault(level, []).append(outcome)
    average = sum(outcomes) / len(outcomes)
    told = {level: sum(own) / len(own) if len(own) >= 10 else average for level, own in rates.items()}
    return auc([told[level] for level in levels], outcomes)


def auc(told: Sequence[float], outcomes: Sequence[int]) -> float:
    """The chance that a won one was told a higher figure than a lost one; 0.5 where there is only one kind."""
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(outcomes, told)) if {0, 1} <= set(outcomes) else 0.5


def log_loss(told: Sequence[float], outcomes: Sequence[int]) -> float:
    from sklearn.metrics import log_loss as loss

    return float(loss(outcomes, told, labels=[0, 1]))


def calibration(told: Sequence[float], outcomes: Sequence[int], parts: int = PARTS) -> list[dict[str, float]]:
    """Rows in parts of equal size by what they were told: told on average, and how many were won."""
    return [
        {"n": len(own), "told": _mean(own, 0), "won": _mean(own, 1)}
        for own in _parts(told, outcomes, parts, lambda pair: pair[0])
    ]


def lift(told: Sequence[float], outcomes: Sequence[int], parts: int = PARTS) -> list[dict[str, float]]:
    """The best part first: how many times as many were won in it as on average, and which share of all won it holds."""
    average, all_won = sum(outcomes) / len(outcomes), sum(outcomes)
    found, so_far = [], 0.0
    for own in _parts(told, outcomes, parts, lambda pair: -pair[0]):
        so_far += sum(outcome for _told, outcome in own)
        found.append({"n": len(own), "lift": _mean(own, 1) / average, "won_so_far": so_far / all_won})
    return found


def _parts(
    told: Sequence[float], outcomes: Sequence[int], parts: int, key: Callable[[tuple[float, int]], float]
) -> list[list[tuple[float, int]]]:
    rows = sorted(zip(told, outcomes, strict=True), key=key)
    cuts = [round(i * len(rows) / parts) for i in range(parts + 1)]
    return [rows[a:b] for a, b in zip(cuts, cuts[1:], strict=False) if b > a]


def _mean(rows: Sequence[tuple[float, int]], at: int) -> float:
    return sum(row[at] for row in rows) / len(rows)
