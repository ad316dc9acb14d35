"""Points that fade: once a day, the leads whose points are others today are scored anew, and no others."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.utils import timezone

from leads.models import Lead
from leads.scoring import happenings, many, rules
from leads.scoring.looking import Facts
from leads.scoring.rules import COLUMNS, Ruling

_AT_ONCE = 2000


def let_fade(today: date | None = None) -> int:
    """Ask for a new score of the open leads whose fading points are no longer those they were scored with, and give it.

    What rules look at in other tables may have changed since without anybody asking for a new score: this is found as well.
    Returns how many leads were asked for. Closed leads keep the score of their last day.
    """
    ruling, day = rules.current(), today or timezone.localdate()
    found = 0
    if ruling.fading or ruling.happens:
        for rows in _open_leads():
            found += many.ask_again(_others(ruling, rows, day))
    many.score_waiting()
    return found


def _open_leads() -> Iterable[list[tuple[Any, ...]]]:
    last = 0
    open_ones = Lead.objects.filter(state__in=Lead.OPEN_STATES, scoring__scored_at__isnull=False).order_by("pk")
    while rows := list(open_ones.filter(pk__gt=last).values_list(*COLUMNS, "scoring__scored_at")[:_AT_ONCE]):
        yield rows
        last = rows[-1][0]


def _others(ruling: Ruling, rows: list[tuple[Any, ...]], today: date) -> list[int]:
    happened = happenings.of([row[0] for row in rows], ruling.happens)
    found = []
    for row in rows:
        columns, scored_on = dict(zip(COLUMNS, row[:-1], strict=True)), timezone.localtime(row[-1]).date()
        facts = rules.facts(columns, today=today, happened=happened.get(row[0]))
        is_new = any(day is not None and day > scored_on for _fact, day in facts["happened"].values())
        if is_new or _points(ruling, facts) != _points(ruling, {**facts, "today": scored_on}):
            found.append(row[0])
    return found


def _points(ruling: Ruling, facts: Facts) -> list[int]:
    return [judge(facts)[0] for judge in ruling.fading]
