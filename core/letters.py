"""What a record gives to a letter about it: to whom it goes, what may be merged into its text, the document that goes along.

Each stage declares a `Letters` in `<app>/letters.py`; `zencrm/wiring.py` collects them. Only what is declared can be merged:
a template is text with placeholders like `{{ company.name }}`, never a program, and what is filled in is not read again.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from itertools import islice
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import formats, identity

PLACEHOLDER = re.compile(r"\{\{\s*([a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*)\s*\}\}")
#: What looks like a placeholder, or like a template language that this is not.
_BRACES = re.compile(r"\{\{|\}\}|\{%|%\}")
#: People of a record that are offered as recipients.
MOST_PEOPLE = 20


@dataclass(frozen=True)
class MergeField:
    """A placeholder that is computed; fields of the model need none."""

    name: str
    label: Any
    read: Callable[[Any], Any]


@dataclass(frozen=True)
class Person:
    """Somebody a letter can go to."""

    name: str
    address: str
    first_name: str = ""
    language: str = ""


@dataclass(frozen=True)
class Letters:
    """`people` are paths to whom a letter goes, the likeliest first; "" is the record itself. `fields` are paths that may be
    merged. `pdf(record)` gives the document as a `core.File`, in the states in which there is one. `known_by` is the column
    by which somebody who writes in is found.
    """

    model: type[models.Model]
    fields: Sequence[str | MergeField]
    people: Sequence[str] = ("",)
    pdf: Callable[[Any], Any] | None = None
    pdf_states: Sequence[str] = ()
    known_by: str = ""

    def __post_init__(self) -> None:
        for path in self.fields:
            if isinstance(path, str) and _names_a_cost(self.model, path):
                raise ValueError(f"{self.model.__name__}: {path} is a cost, which no letter tells")

    @cached_property
    def own(self) -> dict[str, MergeField]:
        """Its own placeholders, by name."""
        found = [f if isinstance(f, MergeField) else _of_path(self.model, f) for f in self.fields]
        return {f.name: f for f in found}

    def persons(self, record: Any) -> list[Person]:
        """Those with an address, each address once, the likeliest first."""
        found: dict[str, Person] = {}
        for path in self.people:
            for one in islice(_reached(record, path), MOST_PEOPLE):
                if address := (getattr(one, "email", "") or "").strip():
                    found.setdefault(address.lower(), _person(one, address))
        return list(found.values())[:MOST_PEOPLE]

    def language(self, record: Any) -> str:
        """The customer's: the document's own, else the likeliest person's."""
        if own := getattr(record, "language", ""):
            return str(own)
        return next((person.language for person in self.persons(record) if person.language), "it")


_letters: dict[type[models.Model], Letters] = {}


def register(*declared: Letters) -> None:
    """Tell which records letters are written about; called once, by the composition root."""
    _letters.update({one.model: one for one in declared})


def letters_of(model: Any) -> Letters | None:
    return _letters.get(model)


def all_letters() -> list[Letters]:
    return list(_letters.values())


# --- Merging --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Context:
    """What the placeholders of one letter stand for. `empty` collects those for which there was nothing to fill in."""

    record: Any
    sender: Any
    recipient: Person | None = None
    language: str = "it"
    empty: list[str] = field(default_factory=list)


def _greeting(context: Context) -> str:
    name = context.recipient.name if context.recipient else ""
    return _("Dear %(name)s,") % {"name": name} if name else _("Good morning,")


def _of_sender(name: str) -> Callable[[Context], Any]:
    return lambda context: getattr(context.sender, name, "") or ""


#: Placeholders of every letter; they read the context, not the record.
COMMON: dict[str, MergeField] = {
    f.name: f
    for f in (
        MergeField("recipient.greeting", gettext_lazy("Salutation"), _greeting),
        MergeField(
            "recipient.name", gettext_lazy("Recipient: name"), lambda c: c.recipient.name if c.recipient else ""
        ),
        MergeField(
            "recipient.first_name",
            gettext_lazy("Recipient: first name"),
            lambda c: c.recipient.first_name if c.recipient else "",
        ),
        MergeField("record.name", gettext_lazy("What it is about"), lambda c: str(c.record)),
        MergeField("sender.name", gettext_lazy("Sender: name"), lambda c: str(c.sender or "")),
        MergeField("sender.email", gettext_lazy("Sender: e-mail"), _of_sender("email")),
        MergeField("sender.phone", gettext_lazy("Sender: phone"), _of_sender("phone")),
        MergeField("us.name", gettext_lazy("Our company: name"), lambda _c: identity.own().name),
        MergeField("us.phone", gettext_lazy("Our company: phone"), lambda _c: identity.own().phone),
        MergeField("us.website", gettext_lazy("Our company: website"), lambda _c: identity.own().website),
        MergeField("today", gettext_lazy("Today's date"), lambda _c: timezone.localdate()),
    )
}


def offered(model: Any) -> dict[str, MergeField]:
    """The placeholders of a template for this kind of record; for None, those of every kind."""
    declared = letters_of(model) if model else None
    return COMMON | (declared.own if declared else {})


def unknown(text: str, model: Any) -> list[str]:
    """What stands in braces and is no placeholder of this kind of record, as it was written."""
    known = offered(model)
    wrong = [match.group(0) for match in PLACEHOLDER.finditer(text) if match.group(1) not in known]
    rest = PLACEHOLDER.sub("", text)
    wrong += [rest[max(0, found.start() - 10) : found.end() + 20].strip() for found in _BRACES.finditer(rest)]
    return list(dict.fromkeys(wrong))


def unfilled(text: str) -> list[str]:
    """Placeholders that are still in a text."""
    return list(dict.fromkeys(match.group(0) for match in PLACEHOLDER.finditer(text)))


def merge(text: str, context: Context) -> str:
    """The text with every placeholder filled in, once, in the letter's language. Those unknown stay as they are."""
    known = offered(type(context.record))

    def fill(match: re.Match[str]) -> str:
        found = known.get(match.group(1))
        if found is None:
            return match.group(0)
        value = found.read(context if found.name in COMMON else context.record)
        if (written := _written(value)) == "":
            context.empty.append(match.group(0))
        return written

    with translation.override(context.language):
        return PLACEHOLDER.sub(fill, text)


def _written(value: Any) -> str:
    """A value as the letter's reader writes it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if hasattr(value, "amount"):
        return formats.money(value)
    if isinstance(value, datetime):
        return formats.datetime(value)
    if isinstance(value, date):
        return formats.date(value)
    if isinstance(value, Decimal | int):
        return formats.number(value)
    return str(value)


# --- Paths ----------------------------------------------------------------------------------------------------------------


def _names_a_cost(model: Any, path: str) -> bool:
    for name in path.split("."):
        if name in getattr(model, "COST_FIELDS", ()):
            return True
        column = _column(model, name)
        model = getattr(column, "related_model", None)
    return False


def _column(model: Any, name: str) -> Any:
    try:
        return model._meta.get_field(name) if model else None
    except FieldDoesNotExist:
        return None


def _of_path(model: Any, path: str) -> MergeField:
    labels, at = [], model
    for name in path.split("."):
        column = _column(at, name)
        labels.append(getattr(column, "verbose_name", None) or name.replace("_", " "))
        at = getattr(column, "related_model", None)
    return MergeField(path, _Label(labels), lambda record: _read(record, path))


@dataclass(frozen=True)
class _Label:
    """Company: name, in the reader's language."""

    parts: Sequence[Any]

    def __str__(self) -> str:
        text = ": ".join(str(part) for part in self.parts)
        return text[:1].upper() + text[1:]


def _read(record: Any, path: str) -> Any:
    *way, last = path.split(".")
    for name in way:
        record = getattr(record, name, None)
    display = getattr(record, f"get_{last}_display", None)
    return display() if display else getattr(record, last, None)


def _reached(record: Any, path: str) -> Iterator[Any]:
    """The records at the end of a path: the record itself, one that it points to, or those that point to it."""
    found = record
    for name in path.split(".") if path else ():
        found = getattr(found, name, None)
        if found is None:
            return
    if hasattr(found, "get_queryset"):
        yield from found.order_by("pk")[:MOST_PEOPLE]
    else:
        yield found


def _person(one: Any, address: str) -> Person:
    """People are called by their name; a company is greeted by none."""
    first = getattr(one, "first_name", "")
    last = getattr(one, "last_name", "")
    return Person(f"{first} {last}".strip(), address, first, getattr(one, "language", "") or "")
