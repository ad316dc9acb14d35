"""Lists: filter, sort and place in the address; rows as tuples; next and previous by key; export of what is filtered."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.utils.safestring import mark_safe
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from core import access, filters, formats
from core.pages import bulk, chooser, counts, exports, keyset
from core.pages.columns import BoundColumn, Column, bind, paths, table_body
from core.pages.narrowing import Narrowing
from core.pages.views import Views

PAGE_SIZE = 50
#: Parameters of the address that last for one request.
TRANSIENT = ("after", "before", "panel", "format", "order", "column", "up", "down", "within", "on")


@dataclass(frozen=True)
class Head:
    """A column's head: its label, and where a click sorts."""

    label: str
    css: str
    url: str = ""
    direction: str = ""


class ListPage(Narrowing, Views):
    """A list of a model's rows. Declare `model`, `columns`, and what else differs."""

    template_name = "pages/list.html"
    columns: Sequence[Column | str] = ()
    default_sort = "-created_at"
    #: Tabs: ((label, query string), ...).
    views: Sequence[tuple[Any, str]] = ()
    #: Verbs that may be performed on many rows at once; a form of theirs is filled in once, and is about no row in particular.
    bulk_verbs: Sequence[str] = ()
    size = PAGE_SIZE
    #: How far rows are counted: to count all of 100,000 takes longer than the page.
    count_up_to = 1000
    empty_text: Any = ""
    icon = ""
    #: Whether the tabs say how many rows are behind each.
    tab_counts = True
    #: The dialogues of a list: each is a part of the page, fetched by htmx, or shown in it without a script.
    panels: Sequence[str] = ("filters", "columns", "or")
    #: Set by the address of the export.
    exporting = False

    # --- Requests ----------------------------------------------------------------------------------------------------

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.exporting:
            return exports.answer(self, request.GET.get("format", "csv"))
        if opening := self.opening():
            return HttpResponseRedirect(opening)
        panel = request.GET.get("panel", "")
        if panel == "columns" and panel in self.panels and chooser.is_done(request.GET):
            return chooser.show(self)
        if panel == "or" and "within" in request.GET:
            return HttpResponseRedirect(self.with_alternative())
        if panel == "count":
            return HttpResponse(self.count())
        if panel == "counts":
            return self.show({"counts": counts.counted(self)}, part="counts")
        if panel in self.panels and request.headers.get("HX-Request"):
            return self.show(self.panel(panel), part="dialog")
        context = self.context() | (self.panel(panel) if panel in self.panels else {})
        part = "results" if request.headers.get("HX-Target") == "results" else ""
        return self.show(context, part=part)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return bulk.perform(self)

    # --- Rows --------------------------------------------------------------------------------------------------------

    def alike(self) -> Any:
        """Another page of this kind for the same request: what a tab's own address would show."""
        other = type(self)()
        other.setup(self.request, *self.args, **self.kwargs)
        return other

    def behind_tab(self) -> Any:
        """The rows that a tab's counter counts."""
        return self.narrowed()

    @cached_property
    def params(self) -> QueryDict:
        return self.request.GET

    @cached_property
    def bound(self) -> list[BoundColumn]:
        columns = chooser.chosen(self)
        return bind(columns, self.model, formats.language(), costs=access.can_see_costs(self.request.user))

    @cached_property
    def unseen(self) -> list[BoundColumn]:
        """What the rows may be sorted by without being shown."""
        shown = {c.name for c in self.bound}
        names = [sort.removeprefix("-") for sort in (self.params.get("sort", ""), self.default_sort)]
        return chooser.bound(self, names) if set(names) - shown - {""} else []

    def annotated(self, rows: Any) -> Any:
        columns = (*self.bound, *self.unseen)
        wanted = {c.name: c.column.expression for c in columns if c.column.expression is not None}
        return rows.annotate(**wanted) if wanted else rows

    @cached_property
    def sort(self) -> tuple[str, bool]:
        """(column name, descending) from the address, else the default."""
        for wanted in (self.params.get("sort", ""), self.default_sort):
            name = wanted.removeprefix("-")
            if name in self.sortable or wanted == self.default_sort:
                return name, wanted.startswith("-")
        raise AssertionError

    @cached_property
    def sortable(self) -> dict[str, str]:
        return {c.name: c.sort_path for c in (*self.bound, *self.unseen) if c.sort_path}

    def slice(self, rows: Any) -> keyset.Slice:
        name, descending = self.sort
        rows = self.annotated(rows)
        order = keyset.Order.of(rows, self.sortable.get(name, name), descending=descending)
        after, before = self.params.get("after", ""), self.params.get("before", "")
        return keyset.fetch(rows, order, paths(self.bound), after=after, before=before, size=self.size)

    # --- Context -----------------------------------------------------------------------------------------------------

    def context(self) -> dict[str, Any]:
        rows = self.narrowed()
        page = self.slice(rows)
        whole = not page.previous and not page.next
        if problems := self.problems:
            messages.warning(self.request, " ".join(problems))
        self.say_what_is_wrong()
        tick = str(_("Select")) if self.bulk_acts else ""
        return {
            "title": self.heading,
            "heads": self.heads(),
            "body": mark_safe(table_body(self.bound, page.rows, tick=tick)),  # noqa: S308 - cells are escaped
            "shown": len(page.rows),
            "count": formats.number(len(page.rows)) if whole else formats.up_to(self.size + 1, self.size),
            "count_url": "" if whole else self.address(panel="count"),
            "previous_url": self.address(before=page.previous) if page.previous else "",
            "next_url": self.address(after=page.next) if page.next else "",
            "first_url": self.address() if self.params.get("after") or self.params.get("before") else "",
            "chips": self.chips(),
            "tabs": self.tabs(),
            "filtered": self.is_filtered,
            **self.links(),
        }

    @property
    def heading(self) -> str:
        return str(capfirst(self.title or self.model._meta.verbose_name_plural))

    def links(self) -> dict[str, Any]:
        base = f"{self.url('export')}{self.address()}"
        join = "" if base.endswith("?") else "&"
        return {
            "create_url": self.url("create") if self.may("add") else "",
            "board_url": self.url("board") and self.url("board") + self.address().removesuffix("?"),
            "csv_url": f"{base}{join}format=csv",
            "xlsx_url": f"{base}{join}format=xlsx",
            "keep": self.kept("q"),
        }

    def kept(self, *left_out: str) -> list[tuple[str, str]]:
        """What a form of this list sends along: its address, without what the form itself asks for."""
        out = {*TRANSIENT, *left_out}
        return [(name, value) for name, values in self.params.lists() for value in values if name not in out]

    def panel(self, name: str) -> dict[str, Any]:
        """What a dialogue shows."""
        if name == "columns":
            return {"panel": name, "panel_keep": self.kept("columns"), "choices": chooser.choices(self)}
        if name == "or":
            keep = [("panel", "or"), ("within", self.address()[1:])]
            return {"panel": name, "panel_keep": keep, "filter_form": self.filter_form(QueryDict())}
        own = filters.parameters(self.filters_here) if self.filters_here else ()
        return {"panel": name, "panel_keep": self.kept(*own), "filter_form": self.filter_form(self.params)}

    @property
    def or_url(self) -> str:
        """The dialogue that adds an alternative."""
        return self.address(panel="or")

    @property
    def plain_columns_url(self) -> str:
        return self.address(columns=None)

    @cached_property
    def bulk_acts(self) -> list[Any]:
        return bulk.acts(self)

    def count(self) -> str:
        """How many rows there are; fetched when that comes into view."""
        return formats.up_to(self.narrowed().order_by()[: self.count_up_to + 1].count(), self.count_up_to)

    def address(self, **changes: str | None) -> str:
        """This list's query string on its first page, with changes."""
        kept = {name: values for name, values in self.params.lists() if name not in TRANSIENT}
        changed = kept | {name: [value] if value else [] for name, value in changes.items()}
        return f"?{urlencode(changed, doseq=True)}"

    def heads(self) -> list[Head]:
        present, descending = self.sort
        before, _nul, after = self.address(sort="\0").partition("%00")  # no address holds it, and no name needs quoting
        found = []
        for column in self.bound:
            if not column.sort_path:
                found.append(Head(column.label, column.css))
                continue
            is_present = column.name == present
            direction = ("descending" if descending else "ascending") if is_present else ""
            # Figures and dates are first wanted largest first, words from A.
            down = not descending if is_present else column.numeric or "date" in column.kind
            url = f"{before}{'-' if down else ''}{column.name}{after}"
            found.append(Head(column.label, column.css, url, direction))
        return found
