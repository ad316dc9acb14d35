"""When a sequence may write: on the days and between the hours it says, in our time zone."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.utils import dateformat, timezone

from core import formats
from people.workdays import is_working_day

#: Longer than any run of holidays.
_DAYS = 31


@dataclass(frozen=True)
class Hours:
    """What a sequence says of itself, for what has no hours of its own."""

    from_hour: int
    to_hour: int
    working_days: bool


#: When an office reads its mail.
OFFICE = Hours(9, 18, working_days=True)


def in_words(at: datetime) -> str:
    """With the day of the week: nobody writes on a Sunday by mistake."""
    text = dateformat.format(at, "l j F Y, H:i")
    return text.lower() if formats.language() == "it" else text


def opening(sequence: Any, at: datetime) -> datetime:
    """`at` itself where the sequence may write then, else the next moment when it may."""
    local = timezone.localtime(at)
    for days in range(_DAYS):
        day = local.date() + timedelta(days=days)
        if sequence.working_days and not is_working_day(day):
            continue
        begins = timezone.make_aware(datetime.combine(day, time(sequence.from_hour)))
        ends = timezone.make_aware(datetime.combine(day, time())) + timedelta(hours=sequence.to_hour)
        if max(local, begins) < ends:
            return max(local, begins)
    return local
