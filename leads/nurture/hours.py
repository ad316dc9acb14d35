"""When a sequence may write: on the days and between the hours it says, in our time zone."""

from datetime import datetime, time, timedelta
from typing import Any

from django.utils import timezone

from people.workdays import public_holidays

#: Longer than any run of holidays.
_DAYS = 31


def opening(sequence: Any, at: datetime) -> datetime:
    """`at` itself where the sequence may write then, else the next moment when it may."""
    local = timezone.localtime(at)
    calendar = public_holidays("IT")
    for days in range(_DAYS):
        day = local.date() + timedelta(days=days)
        if sequence.working_days and not calendar.is_working_day(day):
            continue
        begins = timezone.make_aware(datetime.combine(day, time(sequence.from_hour)))
        ends = timezone.make_aware(datetime.combine(day, time())) + timedelta(hours=sequence.to_hour)
        if max(local, begins) < ends:
            return max(local, begins)
    return local
