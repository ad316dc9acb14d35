"""Who has time for a lead: working hours of the day, less leave, less the work that is open already."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db.models import Count
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


def rooms(
    rule: AssignmentRule, members: Sequence[AssignmentMember], now: datetime, had: Sequence[int] = ()
) -> tuple[date | None, list[Room], dict[int, WorkingHours]]:
    """The day that counts, what each member has time for on it, and their hours. `had`: users who had the lead already."""
    ids = [member.user_id for member in members]
    able = set(sellers().filter(pk__in=ids).values_list("pk", flat=True))
    hours = hours_of(ids, since=timezone.localdate(now))
    day = day_that_counts([hours[pk] for pk in ids if pk in able], now)
    if day is None:
        return None, [], hours
    work = _Work(ids, day)
    found = []
    for member in members:
        pk = member.user_id
        absent = CANNOT if pk not in able else HAD if pk in had else presence(hours[pk], now, day)
        found.append(work.room(rule, member, hours[pk].minutes_on(day), absent))
    return day, found, hours


class _Work:
    """What these people have on their hands: three queries."""

    def __init__(self, ids: Sequence[int], day: date) -> None:
        due = Activity.objects.due_by(day).filter(owner__in=ids)
        given = Assignment.objects.filter(user__in=ids, counts_on=day, moved_on_at=None)
        self.activities = _count(due, "owner")
        self.open = _count(Lead.objects.open().filter(owner__in=ids), "owner")
        self.given = _count(given, "user")

    def room(self, rule: AssignmentRule, member: AssignmentMember, minutes: int, absent: str) -> Room:
        """Leads given for that day count as such, and not once more as open ones."""
        pk = member.user_id
        activities, got = self.activities.get(pk, 0), self.given.get(pk, 0)
        open_leads = max(0, self.open.get(pk, 0) - got)
        most = places(rule, minutes=minutes, activities=activities, open_leads=open_leads)
        why_not = absent or (FULL if got >= most else "")
        return Room(pk, str(member.user), minutes, activities, open_leads, got, most, why_not)


def _count(rows: Any, by: str) -> dict[int, int]:
    return dict(rows.order_by().values_list(by).annotate(Count("pk")))
