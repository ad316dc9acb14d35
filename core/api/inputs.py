"""JSON into forms: types are checked strictly, then the page's own form judges the values.

A form is filled as a browser would have sent it: what is not given stays as the form proposes it. Numbers and dates are
those of JSON and ISO 8601, whatever the caller's language.
"""

import json
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import Model
from django.http import QueryDict
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from core.api.problems import invalid
from core.fields import api as own_fields

_NUMBER = re.compile(r"-?\d{1,40}(\.\d{1,40})?", re.ASCII)
_MOST_LINES = 200


def unknown_field() -> str:
    return _("There is no such field here.")


# --- Kinds of fields ------------------------------------------------------------------------------------------------------


def kind(field: forms.Field) -> str:
    """What a field takes from JSON: a key of `_CHECKS`, or "json" (anything), or "file" (nothing). Fields may say it."""
    if own := getattr(field, "json_kind", ""):
        return str(own)
    table: tuple[tuple[Any, str], ...] = (
        (forms.NullBooleanField, "maybe"),
        (forms.BooleanField, "boolean"),
        (forms.ModelMultipleChoiceField, "records"),
        (forms.ModelChoiceField, "record"),
        (forms.MultipleChoiceField, "choices"),
        (forms.ChoiceField, "choice"),
        (forms.DecimalField, "decimal"),
        (forms.FloatField, "decimal"),
        (forms.IntegerField, "integer"),
        (forms.DateTimeField, "datetime"),
        (forms.DateField, "date"),
        (forms.JSONField, "json"),
        (forms.FileField, "file"),
    )
    return next((name for types, name in table if isinstance(field, types)), "text")


def choices_of(field: Any) -> list[Any]:
    """The values of a field of choices, without the empty one."""
    found: list[Any] = []
    for value, label in field.choices:
        found += [v for v, _label in label] if isinstance(label, list | tuple) else [value]
    return [value for value in found if value not in ("", None)]


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and -(2**63) <= value < 2**63


def _is_decimal(value: Any) -> bool:
    if isinstance(value, str):
        return bool(_NUMBER.fullmatch(value))
    if isinstance(value, Decimal):
        return abs(value) < 10**40 and int(value.as_tuple().exponent) > -40
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**40


def _is_date(value: Any) -> bool:
    return _is_text(value) and bool(re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII)) and _reads(parse_date, value)


def _is_datetime(value: Any) -> bool:
    return _is_text(value) and bool(re.match(r"\d{4}-\d\d-\d\d[T ]", value, re.ASCII)) and _reads(parse_datetime, value)


def _reads(parse: Callable[[str], Any], value: str) -> bool:
    try:
        return parse(value) is not None
    except ValueError:
        return False


def _list_of(is_one: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and len(value) <= _MOST_LINES and all(is_one(item) for item in value)


def _is_choice(value: Any) -> bool:
    return _is_text(value) or _is_integer(value)


def _is_link(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() == {"type", "id"}
        and _is_text(value["type"])
        and _is_integer(value["id"])
    )


def _is_file(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() == {"name", "content"} and all(map(_is_text, value.values()))


_CHECKS: dict[str, tuple[Callable[[Any], bool], Callable[[], str]]] = {
    "boolean": (lambda v: isinstance(v, bool), lambda: _("Expected true or false.")),
    "maybe": (lambda v: isinstance(v, bool), lambda: _("Expected true, false or null.")),
    "integer": (_is_integer, lambda: _("Expected a whole number.")),
    "decimal": (_is_decimal, lambda: _("Expected a number, or a text such as “1234.50”.")),
    "date": (_is_date, lambda: _("Expected a date such as “2026-12-31”.")),
    "datetime": (_is_datetime, lambda: _("Expected a time such as “2026-12-31T17:30:00+01:00”.")),
    "record": (_is_integer, lambda: _("Expected the id of a record.")),
    "records": (_list_of(_is_integer), lambda: _("Expected a list of ids.")),
    "choice": (_is_choice, lambda: _("Expected one of the choices.")),
    "choices": (_list_of(_is_choice), lambda: _("Expected a list of choices.")),
    "text": (_is_text, lambda: _("Expected a text.")),
    "texts": (_list_of(_is_text), lambda: _("Expected a list of texts.")),
    "link": (_is_link, lambda: _("Expected a record such as {“type”: “lead”, “id”: 3}.")),
    "files": (_list_of(_is_file), lambda: _("Expected a list of files, each with name and content (base64).")),
}


def sendable(form: Any) -> dict[str, forms.Field]:
    """The fields of a form that JSON can fill."""
    return {n: f for n, f in form.fields.items() if kind(f) != "file" and not f.disabled}


def complaint(field: forms.Field, value: Any) -> str:
    """What is wrong with the type of a value; empty where nothing is. Null stands for "empty"."""
    name = kind(field)
    if value is None and name != "boolean":
        return ""
    is_right, words = _CHECKS.get(name, (lambda _v: True, str))
    return "" if is_right(value) else words()


# --- Filling --------------------------------------------------------------------------------------------------------------


def merge(blank: Any, given: Mapping[str, Any]) -> QueryDict:
    """What a browser would send: the unbound form's own values, with the given ones over them. Wrong types raise 422."""
    data = QueryDict(mutable=True)
    known = sendable(blank)
    wrong = {name: unknown_field() for name in given if name not in known}
    wrong |= {name: text for name, value in given.items() if name in known and (text := complaint(known[name], value))}
    if wrong:
        raise invalid({_named(name): [text] for name, text in wrong.items()})
    for name, field in known.items():
        value = given[name] if name in given else blank.get_initial_for_field(field, name)
        put(data, blank.add_prefix(name), field, value)
    return data


def put(data: QueryDict, name: str, field: forms.Field, value: Any) -> None:
    """One value as a browser sends it."""
    form = kind(field)
    if form == "boolean":
        if value:
            data[name] = "on"
    elif form in ("records", "choices"):
        data.setlist(name, [_text(item) for item in value or ()])
    elif form in ("json", "link", "files"):
        data[name] = "" if value is None else json.dumps(value, default=str)
    elif form == "texts":
        data[name] = ", ".join(value or ())
    else:
        data[name] = _text(value)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Model):
        return str(value.pk)
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def merge_lines(data: QueryDict, lines: Any, rows: Any, document_form: Any) -> None:
    """The wanted lines into the form's data: with an `id` the line is changed, without one it is added, the others go."""
    if not isinstance(rows, list) or len(rows) > _MOST_LINES or not all(isinstance(row, dict) for row in rows):
        raise invalid({"lines": [_("Expected a list of at most %(n)d lines.") % {"n": _MOST_LINES}]})
    known = {form.instance.pk: form for form in lines.initial_forms}
    wanted = {row["id"]: (place, row) for place, row in enumerate(rows) if _is_integer(row.get("id"))}
    if strangers := wanted.keys() - known.keys():
        raise invalid({"lines": [_("No such line: %(ids)s") % {"ids": ", ".join(map(str, sorted(strangers)))}]})
    added = [(place, row) for place, row in enumerate(rows) if not _is_integer(row.get("id"))]
    if added and not lines.can_add:
        raise invalid({"lines": [_("Lines cannot be added here.")]})
    data[f"{lines.prefix}-INITIAL_FORMS"] = str(len(known))
    data[f"{lines.prefix}-TOTAL_FORMS"] = str(len(known) + len(added))
    for number, (pk, form) in enumerate(known.items()):
        place, row = wanted.get(pk, (0, None))
        _put_line(data, lines, number, place, form, {} if row is None else row, removed=row is None)
        data[f"{lines.prefix}-{number}-id"] = str(pk)
    for number, (place, row) in enumerate(added, len(known)):
        _put_line(data, lines, number, place, lines.empty_form, _completed(lines, row, document_form))


def _put_line(
    data: QueryDict, lines: Any, number: int, place: int, form: Any, row: Mapping[str, Any], *, removed: bool = False
) -> None:
    skip = {"id", "ORDER", "DELETE", lines.fk.name}
    fields = {name: field for name, field in sendable(form).items() if name not in skip}
    wrong = {n: unknown_field() for n in row if n not in fields and n != "id"}
    wrong |= {n: text for n, value in row.items() if n in fields and (text := complaint(fields[n], value))}
    if wrong:
        raise invalid({f"lines[{place}].{name}": [text] for name, text in wrong.items()})
    prefix = f"{lines.prefix}-{number}-"
    for name, field in fields.items():
        put(data, prefix + name, field, row[name] if name in row else form.get_initial_for_field(field, name))
    data[f"{prefix}ORDER"] = str(place + 1)
    if removed:
        data[f"{prefix}DELETE"] = "on"


def _completed(lines: Any, row: dict[str, Any], document_form: Any) -> dict[str, Any]:
    """A new line with a product gets what the page fills in when that product is chosen: words, price, VAT."""
    field = lines.empty_form.fields.get(lines.source_field)
    if field is None or not _is_integer(row.get(lines.source_field)):
        return row
    try:
        chosen = field.clean(row[lines.source_field])
    except ValidationError:
        return row
    known = sendable(lines.empty_form)
    return {n: _plain(v) for n, v in lines.fill(chosen, document_form).items() if n in known} | row


def _plain(value: Any) -> Any:
    return value.pk if isinstance(value, Model) else value


# --- Judging --------------------------------------------------------------------------------------------------------------


def plain(form: Any) -> Any:
    """The form reading numbers as JSON writes them, not as the reader's language does."""
    for field in form.fields.values():
        for part in (field, *getattr(field, "fields", ())):
            part.localize = False
    return form


def errors(form: Any, lines: Any = None) -> dict[str, list[str]]:
    """A form's complaints by field; those of a line as `lines[2].quantity`."""
    found = {_named(name): [str(text) for text in texts] for name, texts in form.errors.items()}
    if lines is None:
        return found
    for row in lines.forms:
        place = _place(row)
        found |= {f"lines[{place}].{_named(n)}": [str(t) for t in texts] for n, texts in row.errors.items()}
    if general := [str(text) for text in lines.non_form_errors()]:
        found["lines"] = general
    return found


def _named(name: str) -> str:
    return "non_field_errors" if name == NON_FIELD_ERRORS else own_fields.named(name)


def _place(row: Any) -> int:
    order = row.data.get(row.add_prefix("ORDER"), "")
    return int(order) - 1 if order.isdigit() else 0
