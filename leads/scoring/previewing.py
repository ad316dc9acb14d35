"""What other rules would do with the leads there are: nothing is written."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from core import charts, formats
from leads.models import Lead, RuleSet, hot_from
from leads.scoring import happenings, rules, versions
from leads.scoring.rules import COLUMNS, Ruling
from leads.scoring.wording import Contribution, told

#: Open leads that are judged while somebody waits, the newest; and how many of them are named.
MOST, NAMED = 5000, 10
_BAND = 10


@dataclass(frozen=True)
class Change:
    """A lead, its score before and after, and what makes the difference: (label, points before, points after)."""

    lead: int
    name: str
    before: int
    after: int
    reasons: list[tuple[Any, int, int]]

    @property
    def by(self) -> int:
        return self.after - self.before


@dataclass
class Preview:
    seen: int = 0
    changed: int = 0
    hot_before: int = 0
    hot_after: int = 0
    up: list[Change] = field(default_factory=list)
    down: list[Change] = field(default_factory=list)
    before: Counter[int] = field(default_factory=Counter)
    after: Counter[int] = field(default_factory=Counter)

    def chart(self) -> charts.Chart:
        bands = [f"{n} – {n + _BAND - 1}" for n in range(0, 90, _BAND)] + ["90 – 100"]
        series = {_("Now"): self.before, _("With the draft"): self.after}
        values = {label: [count[band] for band in range(len(bands))] for label, count in series.items()}
        return charts.bars(_("Leads by score"), bands, values, written=formats.number)


Reasons = list[dict[str, Any]]


def preview(ruleset: RuleSet, leads: Any) -> Preview:
    """How the newest open ones of these leads would be scored by this version, beside how they are by the rules in use."""
    now, then = rules.current(), Ruling.of(ruleset)
    open_ones = leads.filter(state__in=Lead.OPEN_STATES).order_by("-created_at", "-pk")
    rows = list(open_ones.values_list(*COLUMNS)[:MOST])
    happened = happenings.of([row[0] for row in rows], now.happens | then.happens)
    found, moved, hot = Preview(seen=len(rows)), [], hot_from()
    for row in rows:
        columns = dict(zip(COLUMNS, row, strict=True))
        facts = rules.facts(columns, happened=happened.get(row[0]))
        before, old = _score(now, columns, facts)
        after, new = _score(then, columns, facts)
        found.before[min(before // _BAND, 9)] += 1
        found.after[min(after // _BAND, 9)] += 1
        found.hot_before += before >= hot
        found.hot_after += after >= hot
        if before != after:
            moved.append((after - before, row[0], before, after, old, new))
    found.changed = len(moved)
    moved.sort(key=lambda one: (one[0], one[1]))
    found.down = _named([one for one in moved[:NAMED] if one[0] < 0], ruleset)
    found.up = _named([one for one in moved[: -NAMED - 1 : -1] if one[0] > 0], ruleset)
    return found


def _score(ruling: Ruling, columns: dict[str, Any], facts: Any) -> tuple[int, Reasons]:
    score, reasons = ruling.judge(facts)
    learnt = versions.blend()
    return learnt.judge(columns, reasons) if learnt else (score, reasons)


def _named(moved: Sequence[tuple[int, int, int, int, Reasons, Reasons]], ruleset: RuleSet) -> list[Change]:
    leads = Lead.objects.in_bulk([one[1] for one in moved])
    labels = {rule.key: str(rule) for rule in ruleset.rules.all()}
    return [
        Change(pk, str(leads[pk]), before, after, _differences(leads[pk], old, new, labels))
        for _by, pk, before, after, old, new in moved
        if pk in leads
    ]


def _differences(lead: Lead, old: Reasons, new: Reasons, labels: dict[str, str]) -> list[tuple[Any, int, int]]:
    """The parts whose points are others, those that differ most first."""
    parts: dict[str, list[Any]] = {}
    for place, reasons in enumerate((old, new)):
        for reason in reasons:
            part: Contribution = told(lead, reason)
            label = labels.get(reason["key"]) or part.label
            parts.setdefault(reason["key"], [label, 0, 0])[place + 1] = reason["points"]
    found = [(label, before, after) for label, before, after in parts.values() if before != after]
    return sorted(found, key=lambda part: -abs(part[2] - part[1]))[:6]
