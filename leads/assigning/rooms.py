"""Who has time for a lead: working hours of the day, less leave, less the work that is open already."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db.models import Count, F, Value
from django.utils import timezone

from activities.models import Activity
from leads.models import Assignment, AssignmentMember, AssignmentRule, Lead
from leads.services import sellers
from people.workdays import WorkingHours, hours_of

#: Why somebody cannot take a lead, besides those of `people.workdays`: leave, holiday, off.
CANNOT, DONE, FULL, HAD = "cannot", "done", "full", "had"


@dataclass(frozen=True)
class Room:
    """What one person has time for on a day. `places` is how many new leads, `got` how many of them are taken."""

    user: int
    name: str
    minutes: int
    activities: int
    open_leads: int
    got: int
    places: int
    why_not: str

    @property
    def facts(self) -> dict[str, Any]:
        return dict(vars(self))


def places(rule: AssignmentRule, *, minutes: int, activities: int, open_leads: int) -> int:
    """How many new leads fit into so many minutes, after the work that is open."""
    left = minutes - activities * rule.minutes_per_activity - open_leads * rule.minutes_per_open_lead
    return max(0, left // rule.minutes_per_lead)


def day_that_counts(hours: Sequence[WorkingHours], now: datetime) -> date | None:
    """Today, or the next working day of any of them: what comes in on a Saturday is Monday's.

    Leave puts nothing off: what comes in while everybody is away is for another rule, or waits.
    """
    days = [day for one in hours if (day := replace(one, away=()).next_day(now))]
    return min(days, default=None)


def presence(hours: WorkingHours, now: datetime, day: date) -> str:
    """Why somebody is not there on that day, or no longer; "" where they are."""
    return hours.why_off(day) or ("" if hours.works_after(now, day) else DONE)


class Team:
    """What some people have time for at one moment: their hours and what they have on their hands, each read once."""

    def __init__(self, ids: Iterable[int], now: datetime) -> None:
        self.ids, self.now = sorted(set(ids)), now
        self.able = set(sellers().filter(pk__in=self.ids).values_list("pk", flat=True))
        self.hours = hours_of(self.ids, since=timezone.localdate(now))
        self._days: dict[tuple[int, ...], date | None] = {}
        self._work: dict[date, _Work] = {}

    def rooms(
        self, rule: AssignmentRule, members: Sequence[AssignmentMember], had: Sequence[int] = ()
    ) -> tuple[date | None, list[Room]]:
        """The day that counts, and what each member has time for on it. `had`: users who had the lead already."""
        day = self._day([member.user_id for member in members if member.user_id in self.able])
        return day, [self._room(rule, member, day, had) for member in members] if day else []

    def take(self, user: int, day: date) -> None:
        """Somebody has got one more lead for that day."""
        work = self._work[day]
        work.open[user] = work.open.get(user, 0) + 1
        work.given[user] = work.given.get(user, 0) + 1

    def _day(self, able: Sequence[int]) -> date | None:
        key = tuple(able)
        if key not in self._days:
            self._days[key] = day_that_counts([self.hours[pk] for pk in able], self.now)
        return self._days[key]

    def _room(self, rule: AssignmentRule, member: AssignmentMember, day: date, had: Sequence[int]) -> Room:
        pk = member.user_id
        work = self._work.get(day)
        if work is None:
            work = self._work[day] = _Work(self.ids, day)
        hours = self.hours[pk]
        absent = CANNOT if pk not in self.able else HAD if pk in had else presence(hours, self.now, day)
        return work.room(rule, member, hours.minutes_on(day), absent)


class _Work:
    """What these people have on their hands: one query."""

    def __init__(self, ids: Sequence[int], day: date) -> None:
        due = Activity.objects.due_by(day).filter(owner__in=ids)
        # What was given by hand takes its room too, and a lead that somebody else has by now takes none.
        given = Assignment.objects.filter(user__in=ids, counts_on=day, moved_on_at=None, lead__owner=F("user"))
        rows = _count("activities", due, "owner").union(
            _count("open", Lead.objects.open().filter(owner__in=ids), "owner"),
            _count("given", given, "user", Count("lead", distinct=True)),
            all=True,
        )
        counts: dict[str, dict[int, int]] = {"activities": {}, "open": {}, "given": {}}
        for user, what, found in rows:
            counts[what][user] = found
        self.activities, self.open, self.given = counts.values()

    def room(self, rule: AssignmentRule, member: AssignmentMember, minutes: int, absent: str) -> Room:
        """Leads given for that day count as such, and not once more as open ones."""
        pk = member.user_id
        activities, got = self.activities.get(pk, 0), self.given.get(pk, 0)
        open_leads = max(0, self.open.get(pk, 0) - got)
        most = places(rule, minutes=minutes, activities=activities, open_leads=open_leads)
        why_not = absent or (FULL if got >= most else "")
        return Room(pk, str(member.user), minutes, activities, open_leads, got, most, why_not)


def _count(what: str, rows: Any, by: str, found: Any = Count("pk")) -> Any:  # noqa: B008 - an expression, never changed
    """User, `what`, how many rows of that user."""
    return rows.order_by().values_list(by).annotate(what=Value(what), found=found)
