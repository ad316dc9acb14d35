"""The back-test: each lead told by what had been learnt from those before it, as it would have been then."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from leads.scoring import inputs
from leads.scoring.learning import checking, fitting
from leads.scoring.learning.fitting import Sample
from leads.scoring.learning.model import probability

#: The leads in order of time, in so many parts; each but the first is told from those before it.
PARTS = 5
#: How many standard errors better than the mere rate it must be, on average, to say anything.
_SURE = 1.64
_TINY = 1e-6


@dataclass
class Tested:
    """What was told of leads not yet learnt from, in order of time, beside the rate of those before them, and what happened."""

    told: list[float]
    rate: list[float]
    outcomes: list[int]
    parts: list[dict[str, Any]]

    @property
    def auc(self) -> float | None:
        return checking.auc(self.told, self.outcomes) if self.told else None

    @property
    def says_more(self) -> bool:
        """Whether it beats the mere rate by more than chance."""
        gains = [_loss(r, y) - _loss(p, y) for p, r, y in zip(self.told, self.rate, self.outcomes, strict=True)]
        if len(gains) < 2:
            return False
        mean = sum(gains) / len(gains)
        spread = math.sqrt(sum((gain - mean) ** 2 for gain in gains) / (len(gains) - 1) / len(gains))
        return mean > _SURE * spread

    def report(self) -> dict[str, Any]:
        if not self.told or not {0, 1} <= set(self.outcomes):
            return {"figures": {}, "calibration": [], "lift": [], "over_time": self.parts}
        figures = {
            "auc": self.auc,
            "log_loss": checking.log_loss(self.told, self.outcomes),
            "rate_log_loss": checking.log_loss(self.rate, self.outcomes),
            "tested": len(self.told),
        }
        lift = checking.lift(self.told, self.outcomes)
        return {
            "figures": figures,
            "calibration": checking.calibration(self.told, self.outcomes),
            "lift": lift,
            "over_time": self.parts,
        }


def run(
    rows: Sequence[Mapping[str, Any]], outcomes: Sequence[int], at: Sequence[datetime], left_out: Sequence[str]
) -> Tested:
    """`rows` are inputs, oldest first."""
    found = Tested([], [], [], [])
    cuts = [round(i * len(rows) / PARTS) for i in range(PARTS + 1)]
    for start, end in zip(cuts[1:], cuts[2:], strict=False):
        before, after = outcomes[:start], list(outcomes[start:end])
        if not {0, 1} <= set(before) or not after:
            continue
        told = _told(rows[:start], before, rows[start:end], left_out)
        found.told += told
        found.rate += [sum(before) / len(before)] * len(after)
        found.outcomes += after
        part = {"from": at[start].date().isoformat(), "to": at[end - 1].date().isoformat(), "n": len(after)}
        found.parts.append(part | {"won": sum(after), "auc": checking.auc(told, after), "learnt_from": start})
    return found


def _told(
    known: Sequence[Mapping[str, Any]],
    outcomes: Sequence[int],
    asked: Sequence[Mapping[str, Any]],
    left_out: Sequence[str],
) -> list[float]:
    made = [f for f in inputs.fields_of(known) if f.name not in left_out]
    sample = Sample({f.name: [row.get(f.name) for row in known] for f in made}, outcomes)
    model = fitting.fit(sample, made)
    return [probability(model.log_odds(row)) for row in asked]


def _loss(told: float, outcome: int) -> float:
    kept = min(1 - _TINY, max(_TINY, told))
    return -math.log(kept if outcome else 1 - kept)
