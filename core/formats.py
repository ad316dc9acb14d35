"""Numbers, money and dates as the reader writes them: plain Python, because a table has many cells."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language, gettext, ngettext

_SWAP = str.maketrans({",": ".", ".": ","})
_SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "CHF": "CHF"}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
NBSP = "\u00a0"


def language() -> str:
    return (get_language() or "en")[:2]


def number_formatter(lang: str, places: int | None = None) -> Callable[[Any], str]:
    """A function that writes a number with thousands separators; ``places`` None keeps the digits a value has."""

    def write(value: Any) -> str:
        if value is None or value == "":
            return ""
        if places is None:
            value = value.normalize() if isinstance(value, Decimal) else value
            text = f"{value:,f}" if isinstance(value, Decimal) else f"{value:,}"
        else:
            text = f"{value:,.{places}f}"
        return text.translate(_SWAP) if lang == "it" else text

    return write


def money_formatter(lang: str, places: int = 2) -> Callable[[Any, str], str]:
    """A function (amount, currency) -> "1.234,56 €" in Italian, "€1,234.56" in English."""

    def write(amount: Any, currency: str = "EUR") -> str:
        if amount is None:
            return ""
        symbol = _SYMBOLS.get(currency, currency)
        text = f"{amount:,.{places}f}"
        if lang == "it":
            return f"{text.translate(_SWAP)}{NBSP}{symbol}"
        sign, text = ("-", text[1:]) if text.startswith("-") else ("", text)
        return f"{sign}{symbol}{NBSP if len(symbol) > 1 else ''}{text}"

    return write


def date_formatter(lang: str) -> Callable[[Any], str]:
    """A function that writes a date: 31/12/2026 in Italian, 31 Dec 2026 in English."""

    def write(value: dt.date | None) -> str:
        if value is None:
            return ""
        if isinstance(value, dt.datetime):
            value = timezone.localtime(value) if value.tzinfo else value
        if lang == "it":
            return f"{value.day:02}/{value.month:02}/{value.year:04}"
        return f"{value.day}{NBSP}{_MONTHS[value.month - 1]}{NBSP}{value.year}"

    return write


def day(text: Any) -> Any:
    """The date that a text such as "2026-12-31" means, or None."""
    try:
        return dt.date.fromisoformat(text)
    except (TypeError, ValueError):
        return None


def datetime_formatter(lang: str) -> Callable[[Any], str]:
    write_date = date_formatter(lang)

    def write(value: dt.datetime | None) -> str:
        if value is None:
            return ""
        local = timezone.localtime(value) if value.tzinfo else value
        return f"{write_date(local)} {local.hour:02}:{local.minute:02}"

    return write


def number(value: Any, places: int | None = None) -> str:
    return number_formatter(language(), places)(value)


def up_to(found: int, most: int) -> str:
    """A count that was not taken to its end: "1.000+" where there are more than `most`."""
    return f"{number(most)}+" if found > most else number(found)


def money(value: Any, currency: str = "EUR", places: int = 2) -> str:
    """Writes a Money, or an amount in ``currency``."""
    if hasattr(value, "amount"):
        value, currency = value.amount, str(value.currency)
    return money_formatter(language(), places)(value, currency)


def date(value: Any) -> str:
    return date_formatter(language())(value)


def datetime(value: Any) -> str:
    return datetime_formatter(language())(value)


def percent(value: Any, places: int | None = 0) -> str:
    """Writes 12.5 as "12,5 %"; the value is in per cent already."""
    return "" if value is None else f"{number(value, places)}{NBSP}%"


def relative(value: Any) -> str:
    """How far a day is from today, in words: "today", "in 3 days", "2 weeks ago"."""
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        value = timezone.localtime(value).date() if value.tzinfo else value.date()
    days = (value - timezone.localdate()).days
    if days in (-1, 0, 1):
        return {-1: gettext("yesterday"), 0: gettext("today"), 1: gettext("tomorrow")}[days]
    span = _span(abs(days))
    return gettext("in %(span)s") % {"span": span} if days > 0 else gettext("%(span)s ago") % {"span": span}


def _span(days: int) -> str:
    if days < 14:
        return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}
    if days < 60:
        weeks = days // 7
        return ngettext("%(n)d week", "%(n)d weeks", weeks) % {"n": weeks}
    if days < 730:
        months = days // 30
        return ngettext("%(n)d month", "%(n)d months", months) % {"n": months}
    years = days // 365
    return ngettext("%(n)d year", "%(n)d years", years) % {"n": years}
