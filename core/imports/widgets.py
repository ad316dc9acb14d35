"""What a cell may hold, kind by kind: numbers, days, moments, yes and no, one of a list. Errors name the value."""

import re
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

import rapidfuzz
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from import_export import widgets

from core.lifecycle import StateField

_YES = {"1", "true", "yes", "y", "si", "sì", "s", "vero", "x"}
_NO = {"0", "false", "no", "n", "falso"}
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_DATES = ("%Y-%m-%d", "%d/%m/%Y")


def suggestion(text: str, known: Any, *, cutoff: int = 80) -> str:
    """The known word most like this one, or ""."""
    found = rapidfuzz.process.extractOne(
        text,
        list(known),
        scorer=rapidfuzz.fuzz.WRatio,
        processor=rapidfuzz.utils.default_process,
        score_cutoff=cutoff,
    )
    return found[0] if found else ""


def unknown(text: str, known: Any) -> str:
    """The sentence for a word that is not among the known ones."""
    like = suggestion(text, known)
    if like:
        return _("“%(value)s” is not known; did you mean “%(like)s”?") % {"value": text, "like": like}
    return _("“%(value)s” is not known.") % {"value": text}


class TextWidget(widgets.CharWidget):
    """Text; white space around and repeated inside is not kept."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        return " ".join(str(value or "").split())


class AmountWidget(widgets.Widget):
    """A number, in the way the map says decimals are written. `least` refuses smaller ones; `whole` asks for an integer."""

    def __init__(self, *, least: int | None = None, whole: bool = False) -> None:
        super().__init__()
        self.least, self.whole = least, whole
        self.decimal = "."
        #: Whether groups of thousands may be written, as in 1,234.50: only where the column's way of writing is known.
        self.grouped = False

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        if value in (None, ""):
            return None
        number = value if isinstance(value, Decimal) else self.number(str(value))
        if self.least is not None and number < self.least:
            raise ValueError(_("“%(value)s” is less than %(least)d.") % {"value": value, "least": self.least})
        if not self.whole:
            return number
        if number != int(number):
            raise ValueError(_("“%(value)s” is not a whole number.") % {"value": value})
        return int(number)

    def number(self, text: str) -> Decimal:
        plain = text.replace(" ", "").replace("\u00a0", "").replace("€", "").replace("$", "")
        if self.decimal == ",":
            plain = plain.replace(".", "").replace(",", ".")
        elif self.grouped and _GROUPED.fullmatch(plain):
            plain = plain.replace(",", "")
        try:
            number = Decimal(plain)
        except InvalidOperation as error:
            raise ValueError(_("“%(value)s” is not a number.") % {"value": text}) from error
        if not number.is_finite() or abs(number) >= Decimal("1e15"):
            raise ValueError(_("“%(value)s” is not a number.") % {"value": text})
        return number

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        return getattr(value, "amount", value)


class DayWidget(widgets.Widget):
    """A day. `formats` are the map's, tried in order for the whole column."""

    def __init__(self) -> None:
        super().__init__()
        self.formats: tuple[str, ...] = _DATES

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> date | None:
        if value in (None, ""):
            return None
        if isinstance(value, date):
            return value.date() if isinstance(value, datetime) else value
        for form in self.formats:
            try:
                return datetime.strptime(str(value), form).date()
            except ValueError:
                continue
        raise ValueError(_("“%(value)s” is not a date.") % {"value": value})

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return value.isoformat() if value else ""


class MomentWidget(DayWidget):
    """A moment; a mere day counts as its noon in the house's time zone."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> datetime | None:
        try:
            moment = datetime.fromisoformat(str(value)) if len(str(value)) > 10 else None
        except ValueError:
            moment = None
        if moment is None:
            day = super().clean(value, row, **kwargs)
            moment = datetime.combine(day, time(12)) if day else None
        if moment is not None and moment.tzinfo is None:
            return timezone.make_aware(moment)
        return moment

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return value.astimezone(UTC).isoformat() if value else ""


class TruthWidget(widgets.Widget):
    """Yes or no, in English or Italian."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> bool | None:
        text = str(value).strip().lower()
        if text in _YES | _NO:
            return text in _YES
        if text in ("", "none"):
            return None
        raise ValueError(_("“%(value)s” is neither yes nor no.") % {"value": value})

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return "" if value is None else "1" if value else "0"


class AttributesWidget(widgets.JSONWidget):
    """Further data: the columns a map leaves over, or JSON text."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        return value if isinstance(value, dict) else super().clean(value, row, **kwargs)


class ChoiceWidget(widgets.Widget):
    """One of a model field's choices, by value or by its label in any language the house speaks."""

    def __init__(self, column: Any) -> None:
        super().__init__()
        self.column = column
        self.is_state = isinstance(column, StateField)
        self._words: dict[str, str] = {}

    @property
    def words(self) -> dict[str, str]:
        """What a cell may say -> the value. Read when the first cell is: some choices are rows that people keep."""
        if not self._words:
            for language in ("en", "it"):
                with override(language):
                    choices = [(str(value), str(label)) for value, label in self.column.flatchoices]
                self._words |= {label.casefold(): value for value, label in choices}
            self._words |= {value.casefold(): value for value, _label in choices}
        return self._words

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        text = str(value or "").strip()
        if not text:
            return ""
        if (found := self.words.get(text.casefold())) is not None:
            return found
        raise ValueError(unknown(text, dict.fromkeys(self.words.values())))

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return str(value or "")
