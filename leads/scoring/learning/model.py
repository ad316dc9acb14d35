"""The learnt model: log-odds added up field by field. Plain Python, no library of mathematics, a few tables of numbers."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Self

from leads.scoring.learning.fields import Field

_FURTHEST = 35.0


@dataclass(frozen=True)
class Part:
    """What one field, or two together, add to the log-odds of a lead."""

    names: tuple[str, ...]
    log_odds: float


@dataclass
class Pair:
    """Two fields that say more together than each for itself. `weights` by the levels of both, in coarser fields."""

    first: Field
    second: Field
    weights: dict[tuple[int, int], float] = field(default_factory=dict)

    def worth(self, one: Any, other: Any) -> float:
        return self.weights.get((self.first.codes(one)[0], self.second.codes(other)[0]), 0.0)

    def to_json(self) -> dict[str, Any]:
        cells = [[*cell, round(weight, 6)] for cell, weight in self.weights.items()]
        return {"first": self.first.to_json(), "second": self.second.to_json(), "cells": cells}


@dataclass
class Model:
    """`intercept` are the log-odds of an average lead; every field and pair is nought on average."""

    intercept: float
    fields: list[Field]
    pairs: list[Pair] = field(default_factory=list)

    def parts(self, values: Mapping[str, Any]) -> list[Part]:
        """What each field adds, for the values of a lead by their fields' names; what is not there is missing."""
        found = [Part((f.name,), f.worth(values.get(f.name))) for f in self.fields]
        return found + [
            Part((p.first.name, p.second.name), p.worth(values.get(p.first.name), values.get(p.second.name)))
            for p in self.pairs
        ]

    def log_odds(self, values: Mapping[str, Any]) -> float:
        return self.intercept + sum(part.log_odds for part in self.parts(values))

    def probability(self, values: Mapping[str, Any]) -> float:
        return probability(self.log_odds(values))

    def to_json(self) -> dict[str, Any]:
        return {
            "intercept": self.intercept,
            "fields": [f.to_json() for f in self.fields],
            "pairs": [pair.to_json() for pair in self.pairs],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        pairs = [
            Pair(Field(**p["first"]), Field(**p["second"]), {(a, b): weight for a, b, weight in p["cells"]})
            for p in data.get("pairs", ())
        ]
        return cls(data["intercept"], [Field(**f) for f in data["fields"]], pairs)


def probability(log_odds: float) -> float:
    return 1 / (1 + math.exp(-max(-_FURTHEST, min(_FURTHEST, log_odds))))


@lru_cache(maxsize=1024)
def log_odds(share: float) -> float:
    """The other way round; nothing is certain."""
    kept = min(1 - 1e-6, max(1e-6, share))
    return math.log(kept / (1 - kept))
