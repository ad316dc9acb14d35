"""One score of what the rules say and what was learnt: log-odds are added up, and shared out again in points.

A lead's log-odds are a sum over rules and fields. The score is the chance to win, in percent; the points of each part are its
share of the way from where every lead starts to the score, rounded so that they add up to it exactly.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from leads.models import ScoreVersion
from leads.scoring.inputs import values_of
from leads.scoring.learning import Model, values
from leads.scoring.learning.fields import DOMAIN, FILLED, MISSING, NUMBER, Field
from leads.scoring.learning.model import probability

#: The contribution every lead begins with, and what marks those that were learnt.
START, LEARNT, AND = "start", "learnt:", "+"
_REMEMBERED = 20_000
_NAMES = ("key", "points", "value")
#: Below this many log-odds the way is a straight line.
_TINY = 1e-6


@dataclass
class Blend:
    """A learnt model, and the rules as it has learnt to read them: log-odds = `rules_at` + `rules_worth` per point.

    More than `rules_most` points, the most any closed lead had, are worth no more: nobody knows what they would be worth.
    """

    version: int
    stamp: str
    closed: int
    model: Model
    weight: float
    rules_at: float
    rules_worth: float
    rules_most: float = 100
    #: What values are worth and how they are shown, per field: most occur in many leads.
    _seen: dict[str, dict[Any, tuple[float, str]]] = field(default_factory=lambda: defaultdict(dict))

    @classmethod
    def of(cls, row: ScoreVersion) -> "Blend":
        rules = row.model["rules"]
        model = Model.from_json(row.model)
        stamp = f"{row.pk}-{row.created_at.isoformat()}"
        return cls(row.number, stamp, row.closed, model, row.weight, rules["at"], rules["worth"], rules["most"])

    @property
    def percent(self) -> int:
        """How much of the score is learnt."""
        return round(100 * self.weight)

    def judge(self, lead: Mapping[str, Any], rules: Sequence[Mapping[str, Any]]) -> tuple[int, list[dict[str, Any]]]:
        """The score of a lead and its contributions, given those of the rules."""
        found = values_of(lead)
        points = sum(r["points"] for r in rules)
        worth = (1 - self.weight) * self.rules_worth * (min(1.0, self.rules_most / points) if points > 0 else 1.0)
        parts = [(r["key"], worth * r["points"], r["value"]) for r in rules]
        parts += [(LEARNT + f.name, *self._worth(f, found.get(f.name))) for f in self.model.fields]
        for pair in self.model.pairs:
            one, other = found.get(pair.first.name), found.get(pair.second.name)
            parts.append((_key(pair.first.name, pair.second.name), self.weight * pair.worth(one, other), ""))
        start = self.weight * self.model.intercept + (1 - self.weight) * self.rules_at
        return share_out(start, parts)

    def _worth(self, made: Field, value: Any) -> tuple[float, str]:
        seen = self._seen[made.name]
        try:
            return seen[value]
        except KeyError:
            found = (self.weight * made.worth(value), _told(made, value))
            if len(seen) < _REMEMBERED:
                seen[value] = found
            return found
        except TypeError:  # a list or an object, as JSON has them
            return self.weight * made.worth(value), _told(made, value)


def share_out(start: float, parts: Sequence[tuple[str, float, str]]) -> tuple[int, list[dict[str, Any]]]:
    """Points for log-odds: whole numbers that add up to the score, the largest first after the start."""
    way = sum(log_odds for _key, log_odds, _value in parts)
    begin, end = 100 * probability(start), 100 * probability(start + way)
    per = (end - begin) / way if abs(way) > _TINY else begin * (1 - begin / 100)
    exact = [begin, *(per * log_odds for _key, log_odds, _value in parts)]
    score = round(end)
    points = _whole(exact, score)
    told = [(key, p, value) for (key, _way, value), p in zip(parts, points[1:], strict=True) if p]
    told.sort(key=lambda part: -abs(part[1]))
    return score, [
        {"key": START, "points": points[0], "value": ""},
        *(dict(zip(_NAMES, part, strict=True)) for part in told),
    ]


def _whole(exact: Sequence[float], total: int) -> list[int]:
    """Rounded to whole numbers that add up to `total`: those nearest to the next one give way."""
    found = [round(value) for value in exact]
    left = total - sum(found)
    if left:
        step = 1 if left > 0 else -1
        nearest = sorted(range(len(exact)), key=lambda i: step * (found[i] - exact[i]))
        for turn in range(abs(left)):
            found[nearest[turn % len(nearest)]] += step
    return found


@lru_cache(maxsize=256)
def _key(one: str, other: str) -> str:
    return f"{LEARNT}{one}{AND}{other}"


def _told(made: Field, value: Any) -> str:
    """The value as it is shown; a text by those of its words that count, and nothing of what merely is there."""
    code = made.codes(value)
    if code[0] == MISSING or made.kind == FILLED:
        return ""
    if made.kind == DOMAIN:
        return values.domain(value).replace(values.FREE, "")
    if made.words:
        return _words(made, code)
    return f"{value:g}"[:80] if made.kind == NUMBER and isinstance(value, int | float) else str(value)[:80]


def _words(made: Field, codes: Sequence[int]) -> str:
    of = {place: word for word, place in made.words.items()}
    return " ".join([of[place] for place in codes if place in of])[:80]
