"""One search over records of every kind: one query, rights by `visible_to`, words may be cut short, phones by their digits."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.db import models
from django.db.models import CharField, F, Value
from django.db.models.functions import Cast, Coalesce, Concat, Trim
from django.utils.text import capfirst

from core import fulltext
from core.pages.columns import link_parts
from core.written import Statement

_NOT_DIGITS = re.compile(r"\D")
_PHONE = re.compile(r"^[+\d][\d\s./()-]{5,24}$")


@dataclass(frozen=True)
class Searchable:
    """A kind of record in the search box and in pickers.

    `title` are the columns a hit is called by, `hint` a path shown beside it; `phones` are phone columns with a
    `fulltext.phone_index`; `filters` are the columns a picker may narrow by in its address, `scopes`
    methods of the rows that it may ask for there; `untitled` is what a hit without a title is called; rows in one of the
    `replaced` states are left out of the search box, which finds what took their place.
    """

    model: type[models.Model]
    title: tuple[str, ...]
    hint: str = ""
    phones: tuple[str, ...] = ()
    filters: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    untitled: Any = field(default="", compare=False)  # as a word in no language yet it has no hash to be kept by


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
    asked = [q for number, entry in enumerate(entries) if (q := _question(number, entry, text, user, per_kind))]
    if not asked:
        return []
    sql = " UNION ALL ".join(f"({statement.sql})" for statement in asked)
    whole = Statement(sql, tuple(value for statement in asked for value in statement.params))
    rows = whole.rows({Statement.WORDS: fulltext.words_query(text)})
    pages = [link_parts(entry.model) for entry in entries]
    return [_hit(entries[row[0]], pages[row[0]], row) for row in rows]


def _question(number: int, entry: Searchable, text: str, user: Any, limit: int) -> Statement | None:
    """What is asked of one kind; None where the user sees none of it, or the text has no word."""
    if not user.has_perm(f"{entry.model._meta.app_label}.view_{entry.model._meta.model_name}"):
        return None
    if _is_phone(entry, text) or not fulltext.has_index(entry.model):
        return _written(number, entry, matching(entry, _visible(entry, user), text), limit)
    if not fulltext.words_query(text):
        return None
    rights = frozenset(user.get_all_permissions())
    return _kept(number, entry, limit, fulltext.are_common(entry.model, text), user, user.team_id, rights)


@lru_cache(maxsize=2048)
def _kept(
    number: int, entry: Searchable, limit: int, common: bool, user: Any, _team: Any, _rights: frozenset[str]
) -> Statement | None:
    """The question about any words, for one reader while their rights are these: to write it takes longer than to answer it."""
    rows = fulltext.in_index(_visible(entry, user), Statement.WORDS, common=common)
    return _written(number, entry, rows, limit)


def _visible(entry: Searchable, user: Any) -> Any:
    rows = entry.model.objects.visible_to(user)  # type: ignore[attr-defined]
    return rows.exclude(state__in=entry.replaced) if entry.replaced else rows


def _written(number: int, entry: Searchable, rows: Any, limit: int) -> Statement | None:
    if rows.query.is_empty():
        return None
    # Plain columns, put together in Python: making one statement of expressions for every kind took longer than its answer.
    empty = {f"hit_{n}": Value("", output_field=CharField()) for n in range(len(entry.title), _WORDS)}
    if not entry.hint:
        empty["hit_hint"] = Value("", output_field=CharField())
    rows = rows.order_by("-pk").annotate(hit_kind=Value(number, output_field=models.IntegerField()), **empty)
    words = [*entry.title, *(f"hit_{n}" for n in range(len(entry.title), _WORDS))]
    return Statement.of(rows.values_list("hit_kind", "pk", *words, entry.hint or "hit_hint")[:limit])


def _is_phone(entry: Searchable, text: str) -> bool:
    return bool(entry.phones and _PHONE.match(text.strip()))


def matching(entry: Searchable, rows: Any, text: str) -> Any:
    """The rows of one kind that match."""
    if _is_phone(entry, text):
        return fulltext.by_phone(rows, entry.phones, _NOT_DIGITS.sub("", text).lstrip("0"))
    return fulltext.search(rows, text, entry.fields or entry.title)


def title_of(entry: Searchable) -> Any:
    parts: list[Any] = []
    for path in entry.title:
        parts += [Coalesce(Cast(F(path), CharField()), Value("")), Value(" ")]
    return Trim(Concat(*parts, output_field=CharField()))


def _hit(entry: Searchable, page: tuple[str, str], row: tuple[Any, ...]) -> Hit:
    _number, pk, *words, hint = row
    title = " ".join(word for word in words if word)
    icon = getattr(entry.model, "ICON", "file")
    kind = str(capfirst(entry.model._meta.verbose_name))
    url = f"{page[0]}{pk}{page[1]}" if page[0] else ""
    return Hit(kind, icon, title or str(entry.untitled) or f"#{pk}", hint or "", url, pk)
