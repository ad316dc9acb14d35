"""Time counted in months, as laws and policies count it."""

import calendar
from datetime import date
from typing import TypeVar

Day = TypeVar("Day", bound=date)


def add_months(day: Day, months: int) -> Day:
    """The same day so many months later (earlier for a negative number), or the last one of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return day.replace(year=year, month=month + 1, day=min(day.day, last))
