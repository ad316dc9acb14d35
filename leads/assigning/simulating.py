"""What a rule would have done with the leads of the last month: the same turns, the same calendars, nothing written."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.utils import timezone

from leads.assigning import choosing, rooms, turns, wording
from leads.assigning.matching import COLUMNS, Conditions, Traits, active_rules
from leads.assigning.rooms import CANNOT, FULL, Room
from leads.models import AssignmentMember, AssignmentRule, Lead
from leads.services import sellers
from people.workdays import WorkingHours, hours_of

#: Leads that are played through, the latest; and how many are shown.
MOST, SHOWN = 5000, 20


@dataclass
class Tally:
    """What one person would have got, against what fell to them by weight on the days they were there."""

    name: str
    weight: int
    share: float = 0.0
    got: int = 0
    days_away: int = 0

    @property
    def off(self) -> float:
        return self.got - self.share


@dataclass(frozen=True)
class Given:
    lead: int
    name: str
    at: datetime
    user: str
    reason: str


@dataclass
class Simulation:
    """`seen` leads came in; `fitting` fit the rule, of which `earlier` go to rules before it and `nobody` had time for."""

    days: int
    seen: int = 0
    fitting: int = 0
    earlier: int = 0
    nobody: int = 0
    tallies: dict[int, Tally] = field(default_factory=dict)
    given: list[Given] = field(default_factory=list)

    @property
    def shared_out(self) -> int:
        return sum(tally.got for tally in self.tallies.values())

    @property
    def widest(self) -> float:
        """How far anybody is off their share, in leads."""
        return max((abs(tally.off) for tally in self.tallies.values()), default=0.0)


def simulate(rule: AssignmentRule, *, days: int = 30, now: datetime | None = None) -> Simulation:
    """Play the rule over the leads of so many days. Room is working time only: what was open then is not known any more."""
    now = now or timezone.now()
    since = now - timedelta(days=days)
    game = _Game(rule, since, now)
    rows = Lead.objects.filter(created_at__gte=since, created_at__lte=now).order_by("-created_at", "-pk")
    for pk, name, at, *columns in reversed(rows.values_list("pk", "name", "created_at", *COLUMNS)[:MOST]):
        game.play(pk, name, at, Traits.read(*columns))
    game.found.days = days
    game.found.given = game.found.given[-SHOWN:][::-1]
    return game.found


class _Game:
    """The state of one simulation."""

    def __init__(self, rule: AssignmentRule, since: datetime, now: datetime) -> None:
        self.rule, self.asks = rule, Conditions(rule)
        self.before = [one for one in active_rules() if _stands_before(one.rule, rule)]
        self.members = list(rule.members.select_related("user").order_by("pk"))
        for member in self.members:
            member.credit = 0
        ids = [member.user_id for member in self.members]
        self.able = set(sellers().filter(pk__in=ids).values_list("pk", flat=True))
        first = timezone.localdate(since)
        self.hours = hours_of(ids, since=first)
        self.taken: Counter[tuple[int, date]] = Counter()
        self.found = Simulation(0)
        length = (timezone.localdate(now) - first).days + 1
        for m in self.members:
            away = _days_away(self.hours[m.user_id], first, length)
            self.found.tallies[m.user_id] = Tally(str(m.user), m.weight, days_away=away)

    def play(self, pk: int, name: str, at: datetime, lead: Traits) -> None:
        found = self.found
        found.seen += 1
        if self.asks.unmet(lead):
            return
        found.fitting += 1
        if any(not one.unmet(lead) for one in self.before):
            found.earlier += 1
            return
        day = rooms.day_that_counts([self.hours[pk] for pk in self.able], at)
        here = [self._room(member, at, day) for member in self.members] if day else []
        chosen, seats = choosing.choose(self.rule, self.members, here)
        if chosen is None or day is None:
            found.nobody += 1
            return
        self._count(chosen, seats, day)
        facts = choosing.told(self.rule, chosen, here)
        facts |= {"matched": self.asks.met(lead), "day": day.isoformat(), "today": day == timezone.localdate(at)}
        found.given.append(Given(pk, name, at, chosen.name, wording.reason(facts)))

    def _count(self, chosen: Room, seats: Sequence[turns.Seat], day: date) -> None:
        self.taken[chosen.user, day] += 1
        self.found.tallies[chosen.user].got += 1
        for seat in seats:
            self.found.tallies[seat.key].share += turns.share(seat, seats)

    def _room(self, member: AssignmentMember, at: datetime, day: date) -> Room:
        pk = member.user_id
        minutes = self.hours[pk].minutes_on(day)
        most, got = rooms.places(self.rule, minutes=minutes, activities=0, open_leads=0), self.taken[pk, day]
        absent = rooms.presence(self.hours[pk], at, day) if pk in self.able else CANNOT
        return Room(pk, str(member.user), minutes, 0, 0, got, most, absent or (FULL if got >= most else ""))


def _stands_before(other: AssignmentRule, rule: AssignmentRule) -> bool:
    return other.pk != rule.pk and (other.position, other.pk) < (rule.position, rule.pk)


def _days_away(hours: WorkingHours, first: date, length: int) -> int:
    """Days of leave on which they would have worked."""
    days = [first + timedelta(days=n) for n in range(length)]
    return sum(hours.why_off(day) == "leave" and bool(hours.week[day.weekday()]) for day in days)
