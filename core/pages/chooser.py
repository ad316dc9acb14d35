"""Columns chosen in the address (`columns=name,number,state`): which there are, and the dialogue that picks and orders them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.contrib.auth import get_user_model
from django.db import models
from django.http import HttpResponse, HttpResponseRedirect

from core import access, formats
from core.fields import columns as own_columns
from core.pages.columns import BoundColumn, Column, bind

_PLAIN = (
    models.CharField,
    models.IntegerField,
    models.DecimalField,
    models.FloatField,
    models.DateField,
    models.BooleanField,
)


@dataclass(frozen=True)
class Choice:
    """One line of the dialogue."""

    name: str
    label: str
    shown: bool


def offered(page: Any) -> dict[str, Column]:
    """Every column this reader may choose: those of the declaration, then the model's other plain fields."""
    found = {c.name: c for c in map(_column, declared(page))}
    for field in page.model._meta.concrete_fields:
        if field.name not in found and _is_plain(field):
            found[field.name] = Column(field.name)
    for name, column in own_columns.of(page.model).items():
        found.setdefault(name, column)
    hidden = () if access.can_see_costs(page.request.user) else getattr(page.model, "COST_FIELDS", ())
    return {name: column for name, column in found.items() if name not in hidden}


def declared(page: Any) -> list[Column | str]:
    """The columns of the declaration, and the added fields that administrators want to see in lists."""
    return [*page.columns, *own_columns.shown(page.model)]


def _column(column: Column | str) -> Column:
    return Column(column) if isinstance(column, str) else column


def _is_plain(field: Any) -> bool:
    """Something people call by a name, and that fits into a cell. What was never given a name is an internal."""
    if not field._verbose_name or field.primary_key or field.name in getattr(field.model, "INTERNAL_FIELDS", ()):
        return False
    return isinstance(field, _PLAIN) or (field.is_relation and issubclass(field.related_model, get_user_model()))


def wanted(params: Any) -> list[str]:
    """The names in the address, each once."""
    return list(dict.fromkeys(name for name in ",".join(params.getlist("columns"))[:2000].split(",") if name))


def chosen(page: Any) -> list[Column | str]:
    """The columns to show: those of the address that there are, else those of the declaration."""
    names = wanted(page.params)
    known = offered(page) if names else {}
    found = [replace(known[name], hide_on_phone=False) for name in names if name in known]
    return _opening(found, page.columns) if found else declared(page)


def _opening(columns: list[Column], declared: Iterable[Column | str]) -> list[Column | str]:
    """The columns, one of which leads to the record's page, if the list leads there at all."""
    if any(c.link is True for c in columns) or not any(_column(c).link is True for c in declared):
        return list(columns)
    first = next((i for i, c in enumerate(columns) if not c.link and not c.url and c.kind not in ("email", "phone")), 0)
    return [replace(c, link=True) if i == first else c for i, c in enumerate(columns)]


def bound(page: Any, names: list[str]) -> list[BoundColumn]:
    """These columns ready to be sorted by; unknown and forbidden names are left out."""
    known = offered(page)
    return bind([known[n] for n in names if n in known], page.model, formats.language(), costs=True)


def choices(page: Any) -> list[Choice]:
    """The lines of the dialogue: as they were sent, else what is shown and then the rest."""
    sent = page.request.GET.getlist("order")
    shown = page.request.GET.getlist("column") if sent else [c.name for c in page.bound]
    known = offered(page)
    order = [name for name in dict.fromkeys([*sent, *shown, *known]) if name in known]
    _move(order, page.request.GET)
    labels = {c.name: c.label for c in bind([known[n] for n in order], page.model, formats.language(), costs=True)}
    return [Choice(name, labels[name], name in shown) for name in order]


def _move(order: list[str], params: Any) -> None:
    """Without a script the arrows send the dialogue back: one step up or down."""
    for key, step in (("up", -1), ("down", 1)):
        if (name := params.get(key)) in order:
            place = order.index(name)
            to = min(max(place + step, 0), len(order) - 1)
            order[place], order[to] = order[to], order[place]


def is_done(params: Any) -> bool:
    """Whether the dialogue was sent to show the list, not only to move a line."""
    return "order" in params and "up" not in params and "down" not in params


def show(page: Any) -> HttpResponse:
    """The list under the columns that the dialogue was sent with; none, or those of the declaration: the plain list."""
    names = [choice.name for choice in choices(page) if choice.shown]
    plain = [c.name for c in bind(declared(page), page.model, formats.language(), costs=True)]
    return HttpResponseRedirect(page.address(columns=None if names in (plain, []) else ",".join(names)))
