"""Working time: hours per weekday, breaks, public holidays with the patron saint's, leave, part-time, employment."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone, translation

from core import shared
from people import workdays
from people.models import Leave, WorkingCalendar
from people.workdays import ClosedDays, WorkingHours, holidays_of, hours_of
from tests.factories import EmployeeFactory, UserFactory, WorkingCalendarFactory

pytestmark = pytest.mark.django_db
FRIDAY, SATURDAY, MONDAY = date(2026, 11, 20), date(2026, 11, 21), date(2026, 11, 23)
FULL = WorkingHours((480,) * 5 + (0, 0))


def at(day, hour, minute=0):
    return timezone.make_aware(datetime.combine(day, time(hour, minute)))


def hours(user, since=FRIDAY):
    return hours_of([user.pk], since=since)[user.pk]


@pytest.mark.parametrize(
    ("start", "minutes", "end"),
    [
        (at(FRIDAY, 9), 60, at(FRIDAY, 10)),
        (at(FRIDAY, 12, 30), 60, at(FRIDAY, 14, 30)),
        (at(FRIDAY, 7), 240, at(FRIDAY, 13)),
        (at(FRIDAY, 13, 20), 30, at(FRIDAY, 14, 30)),
        (at(FRIDAY, 17), 120, at(MONDAY, 10)),
        (at(FRIDAY, 22), 1, at(MONDAY, 9, 1)),
        (at(SATURDAY, 11), 480, at(MONDAY, 18)),
        (at(FRIDAY, 9), 480 * 6, at(date(2026, 11, 27), 18)),
    ],
)
def test_working_minutes_later(start, minutes, end):
    assert FULL.after(start, minutes) == end


def test_spans_leave_the_break_out():
    assert FULL.spans(FRIDAY) == [(at(FRIDAY, 9), at(FRIDAY, 13)), (at(FRIDAY, 14), at(FRIDAY, 18))]
    assert FULL.spans(SATURDAY) == []
    morning = WorkingHours((240,) * 5 + (0, 0))
    assert morning.spans(FRIDAY) == [(at(FRIDAY, 9), at(FRIDAY, 13))]
    assert morning.next_day(at(FRIDAY, 13)) == MONDAY


def test_the_night_the_clocks_change_has_an_hour_more():
    night = WorkingHours((1440,) * 7, starts_at=time(0), pause=None)
    sunday = date(2026, 10, 25)
    assert night.after(at(sunday, 0), 240) == datetime(2026, 10, 25, 2, tzinfo=UTC)


def test_nobody_works_for_ever_or_never():
    assert WorkingHours((0,) * 7).after(at(FRIDAY, 9), 10) is None
    assert WorkingHours((0,) * 7).next_day(at(FRIDAY, 9)) is None
    assert FULL.after(at(FRIDAY, 9), 480 * 1000) is None


def test_leave_holidays_and_free_days_each_have_their_name():
    calendar = WorkingCalendarFactory(province="MI")
    employee = EmployeeFactory(user=UserFactory(), calendar=calendar)
    Leave.objects.create(employee=employee, starts_on=FRIDAY, ends_on=FRIDAY, kind="sick")
    mine = hours(employee.user)
    assert [mine.why_off(day) for day in (FRIDAY, SATURDAY, MONDAY)] == ["leave", "off", ""]
    assert mine.why_off(date(2026, 12, 7)) == "holiday"  # Sant'Ambrogio, in Milan only
    assert hours(UserFactory()).why_off(date(2026, 12, 7)) == ""
    assert hours(UserFactory()).why_off(date(2026, 12, 8)) == "holiday"


def test_holidays_are_looked_up_once_for_all_processes(monkeypatch, caplog):
    asked, nowhere = [], uuid4().hex

    def look_up(country, province="", language=""):
        asked.append(country)
        return {date(2031, 1, 2)}

    monkeypatch.setattr(workdays, "public_holidays", look_up)
    for _process in range(2):
        workdays._closed_days.cache_clear()
        closed = ClosedDays(nowhere, "")
        assert date(2031, 1, 2) in closed and date(2031, 1, 3) not in closed
    assert asked == [nowhere]
    monkeypatch.setattr(shared, "caches", {"shared": Away()})
    workdays._closed_days.cache_clear()
    assert date(2031, 1, 2) in ClosedDays(nowhere, "")
    assert asked == [nowhere] * 2 and "Redis is away" in caplog.text
    workdays._closed_days.cache_clear()


class Away:
    def get_or_set(self, *_arguments):
        raise ConnectionError


def test_names_of_holidays_are_in_the_readers_language():
    calendar = WorkingCalendarFactory(province="MI")
    with translation.override("it"):
        assert "Sant'Ambrogio" in dict(holidays_of(calendar, 2026))[date(2026, 12, 7)]
    with translation.override("en"):
        assert "Ambrose" in dict(holidays_of(calendar, 2026))[date(2026, 12, 7)]


def test_part_time_is_the_week_in_proportion():
    employee = EmployeeFactory(user=UserFactory(), weekly_hours=Decimal(20))
    assert hours(employee.user).minutes_on(FRIDAY) == 240
    assert hours(EmployeeFactory(user=UserFactory(), weekly_hours=Decimal(50)).user).minutes_on(FRIDAY) == 480


def test_before_and_after_employment_nobody_works():
    employee = EmployeeFactory(user=UserFactory(), hired_on=FRIDAY, left_on=MONDAY)
    mine = hours(employee.user)
    assert [mine.why_off(day) for day in (date(2026, 11, 19), FRIDAY, MONDAY, date(2026, 11, 24))] == [
        "leave",
        "",
        "",
        "leave",
    ]
    EmployeeFactory(user=UserFactory(), hired_on=date.min, left_on=date.max)


def test_who_has_no_calendar_works_by_that_of_everybody():
    WorkingCalendarFactory(is_default=True, saturday=4, monday=0)
    mine = hours(EmployeeFactory(user=UserFactory()).user)
    assert (mine.minutes_on(SATURDAY), mine.minutes_on(MONDAY)) == (240, 0)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"country": "XX"}, "country"),
        ({"province": "ZZ"}, "province"),
        ({"break_starts_at": time(13), "break_ends_at": None}, "break_ends_at"),
        ({"break_starts_at": time(13), "break_ends_at": time(12)}, "break_ends_at"),
        ({"break_starts_at": time(8), "break_ends_at": time(9, 30)}, "break_ends_at"),
        ({"starts_at": time(20), "break_starts_at": None, "break_ends_at": None}, "starts_at"),
        ({"monday": Decimal("24.5")}, "monday"),
        ({"monday": Decimal(-1)}, "monday"),
    ],
)
def test_what_is_no_calendar(wrong, field):
    calendar = WorkingCalendar(name="x", **wrong)
    with pytest.raises(ValidationError) as refused:
        calendar.full_clean()
    assert set(refused.value.error_dict) == {field}
