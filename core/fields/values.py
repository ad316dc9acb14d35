"""Values of custom fields: as JSON keeps them, as Python has them, as people read them."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from core import formats
from core.fields.definitions import Definition
from core.models.fields import LONGEST_TEXT, MOST_DIGITS


def kept(definition: Definition, value: Any) -> Any:
    """A cleaned value as JSON keeps it; None for no value. Raises ValidationError."""
    if value is None or value == "":
        return None
    return _KEPT[definition.kind](definition, value)


def _text(_definition: Definition, value: Any) -> str | None:
    text = str(value).strip()
    if len(text) > LONGEST_TEXT:
        raise ValidationError(_("This is too long: at most %(n)d characters.") % {"n": LONGEST_TEXT})
    if "\0" in text:
        raise ValidationError(_("Null characters are not allowed."))
    return text or None


def _number(_definition: Definition, value: Any) -> int | float:
    number = Decimal(str(value))
    if not number.is_finite() or len(number.normalize().as_tuple().digits) > MOST_DIGITS or abs(number) >= 10**15:
        raise ValidationError(_("At most %(n)d digits.") % {"n": MOST_DIGITS})
    return int(number) if number == number.to_integral_value() else float(number)


def _date(_definition: Definition, value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()[:10]
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError as error:
        raise ValidationError(_("This is no date.")) from error


def _choice(definition: Definition, value: Any) -> str:
    """One of the choices, however it is capitalised."""
    found = {choice.casefold(): choice for choice in definition.choices}.get(str(value).strip().casefold())
    if found is None:
        raise ValidationError(_("Choose one of: %(names)s.") % {"names": ", ".join(definition.choices)})
    return found


def _bool(_definition: Definition, value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValidationError(_("Yes or no is expected."))
    return value


_KEPT = {"text": _text, "number": _number, "date": _date, "choice": _choice, "bool": _bool}


def python(kind: str, value: Any) -> Any:
    """A kept value as Python has it: numbers exact, days as dates; what does not fit the kind is given as it is."""
    if kind == "number" and isinstance(value, int | float) and not isinstance(value, bool):
        return Decimal(str(value))
    if kind == "date" and isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return value
    return value


def shown(kind: str, value: Any) -> str:
    """A kept value in the reader's language; "" for none."""
    found = python(kind, value)
    if found is None or found == "":
        return ""
    if isinstance(found, bool):
        return _("yes") if found else _("no")
    if isinstance(found, Decimal):
        return formats.number(found)
    return formats.date(found) if isinstance(found, date) else str(found)


def put(record: Any, values: dict[str, Any]) -> bool:
    """Set kept values on a record (None takes one away); returns whether anything changed. The caller saves."""
    now = {**record.custom, **values}
    now = {name: value for name, value in now.items() if value is not None}
    if now == record.custom:
        return False
    record.custom = now
    return True
