"""How a column writes its days and numbers: decided by the whole column, never by one cell."""

import re
from dataclasses import dataclass
from datetime import datetime

_DAYS = (
    "%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%d.%m.%Y", "%Y/%m/%d", "%Y%m%d", "%d/%m/%y", "%m/%d/%y",
)  # fmt: skip
_TIMES = ("", " %H:%M", " %H:%M:%S")
#: Every way of writing a day that may be chosen.
DAY_FORMS = tuple(day + time for day in _DAYS for time in _TIMES if day != "%Y%m%d" or not time)
_DAY_LIKE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}( \d{1,2}:\d{2}(:\d{2})?)?")
_NUMBER_LIKE = re.compile(r"[-+]?\s?[€$]?\s?\d[\d.,\s\u00a0]*\s?[€$]?")
_MOST_WORDS = 20_000
#: Share of the cells that must look alike before a column is taken for days or numbers.
_ENOUGH = 0.6


@dataclass(frozen=True)
class Format:
    """`code` is "d:" and a way of writing days, "n:" and a decimal mark, or "": text. `is_sure`: no other would fit too."""

    code: str = ""
    is_sure: bool = True


def format_of(cells: list[str], *, blanks: frozenset[str] = frozenset()) -> Format:
    """How these cells are written."""
    words = list(dict.fromkeys(cell for cell in cells if cell and cell.casefold() not in blanks))[:_MOST_WORDS]
    if not words:
        return Format()
    days = [word for word in words if _DAY_LIKE.fullmatch(word)]
    if len(days) >= _ENOUGH * len(words):
        return _day_form(days)
    numbers = [word for word in words if _NUMBER_LIKE.fullmatch(word)]
    return _mark(numbers) if len(numbers) >= _ENOUGH * len(words) else Format()


def _day_form(words: list[str]) -> Format:
    """The form that fits most cells; of those that fit as many, the first: day before month."""
    fits = {form: sum(_is(word, form) for word in words) for form in DAY_FORMS}
    best = max(fits.values())
    alike = [form for form, count in fits.items() if count == best]
    return Format(f"d:{alike[0]}", is_sure=len(alike) == 1) if best else Format()


def _is(word: str, form: str) -> bool:
    try:
        datetime.strptime(word, form)
    except ValueError:
        return False
    return True


def _mark(words: list[str]) -> Format:
    """The decimal mark. A lone group of three after it may be thousands: not sure unless another cell tells."""
    comma = point = unsure = 0
    for word in words:
        marks = [sign for sign in word if sign in ".,"]
        if not marks:
            continue
        last = marks[-1]
        is_group = len(re.sub(r"\D", "", word.rpartition(last)[2])) == 3
        if len(set(marks)) == 1 and (len(marks) > 1 or is_group):
            unsure += 1 if last == "," else -1
            if len(marks) > 1:  # 1.234.567: groups, so the other sign is the mark
                comma, point = (comma, point + 1) if last == "," else (comma + 1, point)
            continue
        comma, point = (comma + 1, point) if last == "," else (comma, point + 1)
    if comma or point:
        return Format("n:," if comma > point else "n:.", is_sure=not (comma and point))
    return Format("n:," if unsure > 0 else "n:.", is_sure=not unsure)
