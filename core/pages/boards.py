"""The board: a column per state with count and sum, the first cards of each, moved by drag and drop or by each card's menu."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import Count, Q, Sum
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.utils.safestring import SafeString

from core import access, formats, ui
from core.lifecycle import Verb, verbs
from core.pages.cards import ANY_CARD, card_writer
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
    #: Cards of a column, and those of them that the page comes with: the others follow when somebody scrolls that far.
    cards, first_cards = 30, 6
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

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        panel, column = request.GET.get("panel", ""), request.GET.get("column", "")
        if panel == "cards" and column in self.shown:
            cards = self.cards_of(self.narrowed(), [column], self.cards)
            return HttpResponse("".join(cards.get(column, [])))
        if panel == "totals" and request.headers.get("HX-Request"):
            return self.show({"heads": self.heads_of(self.narrowed(), self.quiet)}, part="totals")
        return super().get(request, *args, **kwargs)

    def context(self) -> dict[str, Any]:
        rows = self.narrowed()
        if problems := self.problems:
            messages.warning(self.request, " ".join(problems))
        self.say_what_is_wrong()
        return {
            "title": self.heading,
            "columns": self.columns_of(rows),
            "totals_url": self.address(panel="totals") if self.quiet else "",
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
        heads = {head["state"]: head for head in self.heads_of(rows, [s for s in self.shown if s not in self.quiet])}
        cards = self.cards_of(rows, self.shown, self.first_cards + 1)
        later = {"count": "…", "amount": "…" if self.sum_field else "", "note": ""}
        found = []
        for state in self.shown:
            there = cards.get(state, [])
            found.append(
                (heads.get(state) or self.head(state) | later)
                | {
                    "cards": there[: self.first_cards],
                    "acts": self.acts(state),
                    "moves": json.dumps(self.moves(state)),
                    "list_url": f"{self.url('list')}{self.address(state=state)}",
                    "rest_url": self.address(panel="cards", column=state) if len(there) > self.first_cards else "",
                    "most": self.cards,
                }
            )
        return found

    def heads_of(self, rows: Any, states: Sequence[str]) -> list[dict[str, Any]]:
        """The heads of some columns: what each is called, how many cards it has, and what they add up to."""
        totals = self.totals(rows, states) if states else {}
        return [self.head(state) | self.summary(state, totals.get(state, Total())) for state in states]

    def head(self, state: str) -> dict[str, Any]:
        label = dict(self._states())[state]
        return {"state": state, "label": label, "colour": ui.STATE_COLOURS.get(state, "secondary")}

    def summary(self, state: str, total: Total) -> dict[str, str]:
        return {
            "count": formats.number(total.count),
            "amount": total.written("amount"),
            "note": self.note(state, total),
        }

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

    def totals(self, rows: Any, states: Sequence[str]) -> dict[str, Total]:
        """Count and sums per state, in one query; in a second one where other currencies than the house's occur.

        `Count("*")`, not of ids: an index of state, sum and currency answers it alone. To look at each row's currency takes a
        third of the time that grouping by it takes, and most houses have one.
        """
        rows, measures = rows.filter(state__in=states).order_by(), self.measures()
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

    def cards_of(self, rows: Any, states: Sequence[str], most: int) -> dict[str, list[SafeString]]:
        """The first cards of some columns, at most so many of each, in one query.

        Each column walks its own index and stops after a few rows; then is asked what those show.
        """
        rows = rows.order_by(*self.order).values_list("pk", flat=True)
        columns = [rows.filter(state=state)[:most] for state in states]
        ids = columns[0].union(*columns[1:], all=True) if len(columns) > 1 else columns[0]
        shown = self.annotated(self.model._default_manager.filter(pk__in=ids)).order_by(*self.order)
        with_menu = {state for state in states if self.possible(state)}
        write = card_writer(self.model, self.writers(), self.rots_after, menus=with_menu, restless=self.restless)
        found: dict[str, list[SafeString]] = {}
        for row in shown.values_list(*paths(self.bound), "state", self.age_field):
            found.setdefault(row[-2], []).append(write(row))
        return found

    def writers(self) -> list[Callable[[Row], str]]:
        """What writes a card's name, if it has one, and each of its lines."""
        return writers(self.bound)

    @cached_property
    def restless(self) -> set[str]:
        """States that something is still to come after: what is won, or paid, does not rot."""
        return {str(source) for verb in verbs(self.model).values() for source in verb.sources}

    @cached_property
    def quiet(self) -> list[str]:
        """Columns of what is done. They grow for as long as the house exists: the page comes without their totals."""
        return [state for state in self.shown if state not in self.restless]

    def acts(self, state: str) -> list[dict[str, Any]]:
        """The menu of a card in this state."""
        return [
            {"label": verb.label, "url": self.act_url(verb), "form": bool(verb.form), "tone": verb.tone}
            for verb in self.possible(state)
        ]

    def moves(self, state: str) -> dict[str, dict[str, Any]]:
        """Where a card of this state may be dropped: target -> the verb's address, and whether it asks for facts."""
        found: dict[str, dict[str, Any]] = {}
        for verb in self.possible(state):
            for target in verb.targets:
                found.setdefault(target, {"url": self.act_url(verb), "form": bool(verb.form)})
        return found

    def possible(self, state: str) -> list[Verb]:
        """What this user may do by hand to a card in this state."""
        has = self.request.user.has_perm
        return [v for v in verbs(self.model).values() if v.by_hand and state in v.sources and has(v.permission)]

    def act_url(self, verb: Verb) -> str:
        return self.url("act", ANY_CARD, verb.name)
