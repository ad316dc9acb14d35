"""Working time of people: their calendar's hours, without public holidays, leave, and days before or after employment."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from importlib.metadata import version
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.utils import timezone
from django.utils.translation import get_language

from core.shared import with_redis
from people.models import Employee, Leave, WorkingCalendar

#: How far somebody's next working moment is looked for.
HORIZON = 400
#: Why somebody does not work on a day.
LEAVE, HOLIDAY, OFF = "leave", "holiday", "off"
#: How long holidays are kept for all processes, in seconds; a new release of the library is asked anew.
_KEPT = 30 * 24 * 3600
_SATURDAY = 5
_LANGUAGES = {"it": "it_IT", "en": "en_US"}


@lru_cache(maxsize=64)
def public_holidays(country: str, province: str = "", language: str = "") -> Any:
    """Date -> name of the public holiday in the given language; a province has its patron saint's day besides."""
    import holidays  # 16 MB with its first country, which only those carry who look into a calendar

    language = _LANGUAGES.get(language, language)
    known = getattr(holidays, country).supported_languages
    return holidays.country_holidays(country, subdiv=province or None, language=language if language in known else None)


class ClosedDays:
    """The public holidays of a country and province as a set of days. What one process has looked up, all others know.

    So a web worker does not load the library for a page that only wants to know whether people work today.
    """

    def __init__(self, country: str, province: str) -> None:
        self.country, self.province = country, province

    def __contains__(self, day: date) -> bool:
        return day in _closed_days(self.country, self.province, day.year)


@lru_cache(maxsize=256)
def _closed_days(country: str, province: str, year: int) -> frozenset[date]:
    def look_up() -> list[date]:
        found = public_holidays(country, province)
        return [day for day in _days(date(year, 1, 1), date(year, 12, 31)) if day in found]

    place = f"holidays:{version('holidays')}:{country}:{province}:{year}"
    found = with_redis(
        lambda shared: shared.get_or_set(place, look_up, _KEPT),
        otherwise=look_up,
        then="holidays are looked up per process",
    )
    return frozenset(found or ())


def is_working_day(day: date, country: str = "IT") -> bool:
    """Monday to Friday, and no public holiday of the country."""
    return day.weekday() < _SATURDAY and day not in ClosedDays(country, "")


def holidays_of(calendar: WorkingCalendar, year: int) -> list[tuple[date, str]]:
    """The holidays of a year by day, in the reader's language."""
    found = public_holidays(calendar.country, calendar.province, (get_language() or "it")[:2])
    return sorted((day, found[day]) for day in _days(date(year, 1, 1), date(year, 12, 31)) if day in found)


def _days(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


@dataclass(frozen=True)
class WorkingHours:
    """When one person works. `week` is minutes per weekday, Monday first; `away` are first and last days of absence."""

    week: tuple[int, ...]
    starts_at: time = time(9)
    pause: tuple[time, time] | None = (time(13), time(14))
    closed: Any = field(default_factory=dict)
    away: Sequence[tuple[date, date]] = ()

    def why_off(self, day: date) -> str:
        """`leave`, `holiday` or `off` (no working day of theirs); "" where they work."""
        if any(first <= day <= last for first, last in self.away):
            return LEAVE
        if not self.week[day.weekday()]:
            return OFF
        return HOLIDAY if day in self.closed else ""

    def minutes_on(self, day: date) -> int:
        return 0 if self.why_off(day) else self.week[day.weekday()]

    def spans(self, day: date) -> list[tuple[datetime, datetime]]:
        """From when till when they work on that day, without the break, in UTC: minutes are counted across a clock change."""
        left = timedelta(minutes=self.minutes_on(day))
        begins, found = _moment(day, self.starts_at), []
        pauses = _moment(day, self.pause[0]) if self.pause else None
        if self.pause and pauses and begins < pauses < begins + left:
            found.append((begins, pauses))
            left -= pauses - begins
            begins = _moment(day, self.pause[1])
        return [*found, (begins, begins + left)] if left else found

    def after(self, moment: datetime, minutes: int) -> datetime | None:
        """The moment that many working minutes later; None where that is more than a year away."""
        left = timedelta(minutes=minutes)
        for day in self._days_from(moment):
            for begins, ends in self.spans(day):
                begins = max(begins, moment)
                if ends - begins >= left > timedelta(0) or (ends > begins and not left):
                    return begins + left
                left -= max(ends - begins, timedelta(0))
        return None

    def next_day(self, moment: datetime) -> date | None:
        """The first day on which they still work after this moment."""
        return next((day for day in self._days_from(moment) if self.works_after(moment, day)), None)

    def works_after(self, moment: datetime, day: date) -> bool:
        """Whether any of that day's working time comes after the moment."""
        return any(ends > moment for _begins, ends in self.spans(day))

    def _days_from(self, moment: datetime) -> Iterable[date]:
        first = timezone.localdate(moment)
        return _days(first, first + timedelta(days=HORIZON))


def _moment(day: date, at: time) -> datetime:
    return timezone.make_aware(datetime.combine(day, at)).astimezone(UTC)


def hours_of(users: Iterable[int], *, since: date) -> dict[int, WorkingHours]:
    """User id -> when that person works from `since` on: two queries for any number of people.

    Who is no employee works by the calendar of everybody. Part-time is the calendar's week in proportion.
    """
    leaves = Leave.objects.filter(employee=OuterRef("pk"), ends_on__gte=since).order_by("pk")
    employees = Employee.objects.filter(user__in=users).select_related("calendar")
    employees = employees.annotate(
        first_days=ArraySubquery(leaves.values("starts_on")), last_days=ArraySubquery(leaves.values("ends_on"))
    )
    found = {employee.user_id: employee for employee in employees}
    common = WorkingCalendar.objects.filter(is_default=True).first() or WorkingCalendar()
    return {user: _hours_of(found.get(user), common) for user in users}


def _hours_of(employee: Any, common: WorkingCalendar) -> WorkingHours:
    """Of an employee with `first_days` and `last_days` of leave, or of somebody who is none."""
    calendar = (employee and employee.calendar) or common
    share = 1.0
    away: list[tuple[date, date]] = []
    if employee is not None:
        share = min(1.0, float(employee.weekly_hours / calendar.weekly_hours)) if calendar.weekly_hours else 0.0
        away = list(zip(employee.first_days, employee.last_days, strict=True))
        if employee.hired_on > date.min:
            away.append((date.min, employee.hired_on - timedelta(days=1)))
        if employee.left_on and employee.left_on < date.max:
            away.append((employee.left_on + timedelta(days=1), date.max))
    begins, ends = calendar.break_starts_at, calendar.break_ends_at
    return WorkingHours(
        week=tuple(round(float(hours) * 60 * share) for hours in calendar.week),
        starts_at=calendar.starts_at,
        pause=(begins, ends) if begins and ends else None,
        closed=ClosedDays(calendar.country, calendar.province),
        away=away,
    )
