"""The board: a column per state with count and sum, the first cards of each, moved by drag and drop or by each card's menu."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import Count, Q, Sum
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.safestring import mark_safe

from core import access, formats, ui
from core.lifecycle import verbs
from core.pages.columns import BoundColumn, Column, Row, bind, paths, writers
from core.pages.lists import ListPage


@dataclass
class Total:
    """A column's number of cards, and its sums: name -> currency -> amount. Amounts of two currencies are never added up."""

    count: int = 0
    sums: dict[str, dict[str, Any]] = field(default_factory=dict)

    def written(self, name: str) -> str:
        """The sums of each currency side by side, the house's own first."""
        sums = sorted(self.sums.get(name, {}).items(), key=lambda each: (each[0] != settings.DEFAULT_CURRENCY, each[0]))
        return " + ".join(formats.money(amount, currency) for currency, amount in sums)


class BoardPage(ListPage):
    """A board of a model's documents by state. Its tabs, filters and search are those of the model's list."""

    template_name = "pages/board.html"
    sum_field: str | None = None
    card_title = ""
    card_fields: Sequence[Column | str] = ()
    #: States shown as columns; empty: all that are no failure.
    states: Sequence[str] = ()
    #: What a column is sorted by, and the date a card's age is counted from.
    order: Sequence[Any] = ("-created_at",)
    age_field = "updated_at"
    #: Days after which a card fades, and after which it is rotten.
    rots_after = (14, 30)
    cards = 30
    kept_at = "board"
    has_columns = False
    shown_apart = ("state",)
    panels = ("filters", "or")
    #: The list that stands beside this board, given by `pages()`.
    list_page: Any = None

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if self.list_page is not None:
            self.filterset = self.filterset or self.list_page.filterset
            self.search_fields = self.search_fields or self.list_page.search_fields
            self.views = self.views or [view for view in self.list_page.views if "state" not in QueryDict(view[1])]

    def alike(self) -> Any:
        other = super().alike()
        other.filterset, other.search_fields = self.filterset, self.search_fields
        return other

    def context(self) -> dict[str, Any]:
        rows = self.narrowed()
        if problems := self.problems:
            messages.warning(self.request, " ".join(problems))
        self.say_what_is_wrong()
        return {
            "title": self.heading,
            "columns": self.columns_of(rows),
            "list_url": self.url("list") + self.address().removesuffix("?"),
            "create_url": self.url("create") if self.may("add") else "",
            "keep": self.kept("q"),
            "chips": self.chips(),
            "tabs": self.tabs(),
        }

    def behind_tab(self) -> Any:
        """What the columns show, no more: the number on a tab is that of its cards."""
        return self.narrowed().filter(state__in=self.shown)

    @cached_property
    def bound(self) -> list[BoundColumn]:
        title = [Column(self.card_title)] if self.card_title else []
        costs = access.can_see_costs(self.request.user)
        return bind([*title, *self.card_fields], self.model, formats.language(), costs=costs)

    def columns_of(self, rows: Any) -> list[dict[str, Any]]:
        totals = self.totals(rows)
        cards = self.cards_of(rows)
        found = []
        for value, label in self._states():
            if value not in self.shown:
                continue
            total = totals.get(value, Total())
            found.append(
                {
                    "state": value,
                    "label": label,
                    "colour": ui.STATE_COLOURS.get(value, "secondary"),
                    "count": formats.number(total.count),
                    "amount": total.written("amount"),
                    "note": self.note(value, total),
                    "cards": cards.get(value, []),
                    "more_url": f"{self.url('list')}{self.address(state=value)}" if total.count > self.cards else "",
                }
            )
        return found

    def note(self, state: str, total: Total) -> str:
        """What else the head of a column says."""
        return ""

    @cached_property
    def shown(self) -> list[str]:
        """The states that are columns: the board's own, or those the address asks for."""
        known = [state for state, _label in self._states()]
        own = list(self.states) or [state for state in known if ui.STATE_COLOURS.get(state) != "red"]
        asked = [bound.form.data.getlist("state") for bound in self.bound_filters]
        if not any(asked):
            return own
        wanted = {state for states in asked for state in states} | (set() if all(asked) else set(own))
        return [state for state in known if state in wanted] or own

    def _states(self) -> list[tuple[str, Any]]:
        return list(self.model._meta.get_field("state").flatchoices)

    def measures(self) -> dict[str, Any]:
        """What is added up over a column, by name; `amount` is its sum."""
        return {"amount": Sum(self.sum_field)} if self.sum_field else {}

    def totals(self, rows: Any) -> dict[str, Total]:
        """Count and sums per state, in one query; in a second one where other currencies than the house's occur.

        `Count("*")`, not of ids: an index of state, sum and currency answers it alone. To look at each row's currency takes a
        third of the time that grouping by it takes, and most houses have one.
        """
        rows, measures = rows.filter(state__in=self.shown).order_by(), self.measures()
        others = {"others": Count("currency", filter=~Q(currency=settings.DEFAULT_CURRENCY))} if measures else {}
        found = list(rows.values("state").annotate(n=Count("*"), **measures, **others))
        totals = {row["state"]: Total(row["n"]) for row in found}
        if any(row.get("others") for row in found):
            found = list(rows.values("state", "currency").annotate(**measures))
        for row in found:
            for name in measures:
                if row[name] is not None:
                    sums = totals[row["state"]].sums.setdefault(name, {})
                    sums[row.get("currency", settings.DEFAULT_CURRENCY)] = row[name]
        return totals

    def cards_of(self, rows: Any) -> dict[str, list[dict[str, Any]]]:
        """The first cards of every column, in one query: each column walks its own index and stops after a few rows."""
        rows = self.annotated(rows).order_by(*self.order)
        names = (*paths(self.bound), "state", self.age_field)
        columns = [rows.filter(state=state).values_list(*names)[: self.cards] for state in self.shown]
        found: dict[str, list[dict[str, Any]]] = {}
        writes = writers(self.bound)
        for row in columns[0].union(*columns[1:], all=True) if len(columns) > 1 else columns[0]:
            found.setdefault(row[-2], []).append(self.card(row, writes))
        return found

    def card(self, row: Row, writes: list[Any]) -> dict[str, Any]:
        texts = [mark_safe(text) for write in writes if (text := write(row))]  # noqa: S308 - cells are escaped
        days = (timezone.now() - row[-1]) // timedelta(days=1) if row[-1] else 0
        fades, rots = self.rots_after if row[-2] in self.restless else (days + 1, days + 1)
        return {
            "pk": row[0],
            "url": self.url("detail", row[0]),
            "name": texts[0] if texts else f"#{row[0]}",
            "texts": texts[1:],
            "days": days,
            "rot": 2 if days >= rots else 1 if days >= fades else 0,
            "moves": json.dumps(self._moves(row[-2], row[0])),
            "acts": self._acts(row[-2], row[0]),
        }

    @cached_property
    def restless(self) -> set[str]:
        """States that something is still to come after: what is won, or paid, does not rot."""
        return {str(source) for verb in verbs(self.model).values() for source in verb.sources}

    @cached_property
    def targets(self) -> dict[str, dict[str, tuple[str, bool]]]:
        return {state: _targets(self.model, self.request.user, state) for state, _label in self._states()}

    def _moves(self, state: str, pk: int) -> dict[str, Any]:
        found = self.targets.get(state, {})
        return {target: {"url": self.url("act", pk, verb), "form": form} for target, (verb, form) in found.items()}

    def _acts(self, state: str, pk: int) -> list[dict[str, Any]]:
        user = self.request.user
        found = [
            v for v in verbs(self.model).values() if v.by_hand and state in v.sources and user.has_perm(v.permission)
        ]
        return [
            {"label": v.label, "url": self.url("act", pk, v.name), "form": bool(v.form), "tone": v.tone} for v in found
        ]


def _targets(model: Any, user: Any, state: str) -> dict[str, tuple[str, bool]]:
    """Where a card of this state may be dropped: target -> (verb, whether it asks for facts)."""
    found: dict[str, tuple[str, bool]] = {}
    for verb in verbs(model).values():
        if not verb.by_hand or state not in verb.sources or not user.has_perm(verb.permission):
            continue
        for target in verb.targets:
            found.setdefault(target, (verb.name, bool(verb.form)))
    return found


def moves(record: Any, user: Any) -> dict[str, Any]:
    """The moves of one record, for the board's script after a move."""
    found = _targets(type(record), user, record.state)
    return {target: {"url": record.act_url(verb), "form": form} for target, (verb, form) in found.items()}
