"""One search over records of every kind: one query, rights by `visible_to`, words may be cut short, phones by their digits."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import CharField, F, Value
from django.db.models.functions import Cast, Coalesce, Concat, Trim

from core import fulltext
from core.pages.base import model_url

_NOT_DIGITS = re.compile(r"\D")
_PHONE = re.compile(r"^[+\d][\d\s./()-]{5,24}$")


@dataclass(frozen=True)
class Searchable:
    """A kind of record in the search box and in pickers.

    `title` are the columns a hit is called by, `hint` a path shown beside it; `phones` are phone columns with a
    `fulltext.phone_index`; `filters` are the columns a picker may narrow by in its address, `scopes`
    methods of the rows that it may ask for there; `untitled` is what a hit without a title is called.
    """

    model: type[models.Model]
    title: tuple[str, ...]
    hint: str = ""
    phones: tuple[str, ...] = ()
    filters: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    untitled: Any = ""


@dataclass(frozen=True)
class Hit:
    """One found record."""

    kind: str
    icon: str
    title: str
    hint: str
    url: str
    pk: int


#: The most columns that a title is made of.
_WORDS = 3

_entries: dict[type[models.Model], Searchable] = {}


def register(*entries: Searchable) -> None:
    """Tell the search box of these kinds of record; called once, by the composition root."""
    _entries.update({entry.model: entry for entry in entries})


def entry_of(model: type[models.Model]) -> Searchable | None:
    return _entries.get(model)


def find(text: str, user: Any, *, per_kind: int = 5, only: Iterable[Searchable] | None = None) -> list[Hit]:
    """The newest matching records of every kind this user may see."""
    entries = list(only if only is not None else _entries.values())
    queries = [q for i, entry in enumerate(entries) if (q := _query(i, entry, text, user, per_kind)) is not None]
    if not queries:
        return []
    rows = queries[0].union(*queries[1:], all=True) if len(queries) > 1 else queries[0]
    return [_hit(entries[row[0]], row) for row in rows]


def _query(number: int, entry: Searchable, text: str, user: Any, limit: int) -> Any:
    if not user.has_perm(f"{entry.model._meta.app_label}.view_{entry.model._meta.model_name}"):
        return None
    rows = matching(entry, entry.model.objects.visible_to(user), text)  # type: ignore[attr-defined]
    if rows.query.is_empty():
        return None
    # Plain columns, put together in Python: making one statement of expressions for every kind took longer than its answer.
    empty = {f"hit_{n}": Value("", output_field=CharField()) for n in range(len(entry.title), _WORDS)}
    if not entry.hint:
        empty["hit_hint"] = Value("", output_field=CharField())
    rows = rows.order_by("-pk").annotate(hit_kind=Value(number, output_field=models.IntegerField()), **empty)
    words = [*entry.title, *(f"hit_{n}" for n in range(len(entry.title), _WORDS))]
    return rows.values_list("hit_kind", "pk", *words, entry.hint or "hit_hint")[:limit]


def matching(entry: Searchable, rows: Any, text: str) -> Any:
    """The rows of one kind that match."""
    if entry.phones and _PHONE.match(text.strip()):
        return fulltext.by_phone(rows, entry.phones, _NOT_DIGITS.sub("", text).lstrip("0"))
    return fulltext.search(rows, text, entry.fields or entry.title)


def title_of(entry: Searchable) -> Any:
    parts: list[Any] = []
    for path in entry.title:
        parts += [Coalesce(Cast(F(path), CharField()), Value("")), Value(" ")]
    return Trim(Concat(*parts, output_field=CharField()))


def _hit(entry: Searchable, row: tuple[Any, ...]) -> Hit:
    _number, pk, *words, hint = row
    title = " ".join(word for word in words if word)
    model = entry.model
    icon = getattr(model, "ICON", "file")
    kind = str(model._meta.verbose_name).capitalize()
    return Hit(kind, icon, title or str(entry.untitled) or f"#{pk}", hint or "", model_url(model, "detail", pk), pk)
