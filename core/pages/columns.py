"""Columns of tables: which database values a cell needs, and how the cell is written, decided once per request, not per row."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext as _

from core import formats, ui
from core.addresses import around
from core.pages.fields import currency_path, field_at, kind_of, label_of, name_column

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Column:
    """One column of a list.

    ``name`` is a field, a path ("company__name") or an annotation; ``kind`` is found from the field: text, state, choice,
    number, percent, money, date, datetime, bool, person, email, phone, any (what a generic key points to). ``link=True``
    opens the row's page; ``link="company"`` opens that related record. ``expression`` annotates the rows. ``sort=False``
    makes the head plain.
    """

    name: str
    kind: str = ""
    label: Any = ""
    link: bool | str = False
    url: str = ""
    expression: Any = None
    sort: bool = True
    places: int | None = None
    currency: str = ""
    hide_on_phone: bool = False


class BoundColumn:
    """A column on a model, in a language: knows its database paths and writes its cells."""

    def __init__(self, column: Column | str, model: type[models.Model], lang: str) -> None:
        self.column = Column(column) if isinstance(column, str) else column
        self.model, self.lang, self.name = model, lang, self.column.name
        self.path = getattr(model, "FAR_COLUMNS", {}).get(self.name, self.name)
        self.field = field_at(model, self.path)
        self.kind = self.column.kind or kind_of(self.field, self.name)
        self.label = str(self.column.label) or label_of(model, self.name, self.field)
        # Written now: an export is streamed after the reader's language has been put away.
        self.words = {value: str(label) for value, label in getattr(self.field, "flatchoices", ())}
        self.paths = self._paths()
        self.sort_path = self._sort_path()
        self.numeric = self.kind in ("number", "money", "percent")
        whole = self.kind in ("date", "isodate", "datetime") or self.name.rpartition("__")[2] == "number"
        self.css = "num" if self.numeric else "whole" if whole else ""
        if self.column.hide_on_phone:
            self.css = f"{self.css} d-none d-md-table-cell".strip()

    def _paths(self) -> tuple[str, ...]:
        paths: tuple[str, ...] = (self.path,)
        if self.kind == "person":
            target = self.field.related_model if self.field is not None and self.field.is_relation else None
            if target is not None:
                last = (f"{self.name}__username",) if hasattr(target, "USERNAME_FIELD") else ()
                paths = (f"{self.name}__first_name", f"{self.name}__last_name", *last)
        elif self.kind == "record":
            paths = (f"{self.name}__{name_column(self.field.related_model)}",)
        elif self.kind == "money" and not self.column.currency:
            paths = (self.name, currency_path(self.field, self.name))
        elif self.kind == "any":
            paths = (f"{self.name}_type_id", f"{self.name}_id")
        link = self.column.link
        return (*paths, f"{link}_id") if isinstance(link, str) else paths

    def _sort_path(self) -> str:
        if not self.column.sort:
            return ""
        if self.kind == "person" and len(self.paths) > 1:
            return self.paths[1]
        return self.paths[0]

    # --- Writing -----------------------------------------------------------------------------------------------------

    def writer(self, start: int) -> Callable[[Row], str]:
        """A function (row) -> cell's HTML; ``start`` is where this column's values begin in the row (row[0] is the id)."""
        text = self._cell(start)
        link = self.column.link
        if self.column.url:
            before, _zero, after = reverse(self.column.url, args=[0]).partition("/0/")
            return lambda row: f'<a href="{before}/{row[0]}/{after}">{text(row) or "—"}</a>'
        if not link:
            return text
        if isinstance(link, str):
            target = self.model._meta.get_field(link).related_model
            before, after = link_parts(target)
            at = start + len(self.paths) - 1
            return lambda row: (
                f'<a href="{before}{row[at]}{after}">{text(row)}</a>' if row[at] and before else text(row)
            )
        before, after = link_parts(self.model)
        return lambda row: f'<a href="{before}{row[0]}{after}">{text(row) or "—"}</a>'

    def _cell(self, i: int) -> Callable[[Row], str]:
        make = getattr(self, f"_write_{self.kind}", self._write_text)
        return make(i)

    def _write_text(self, i: int) -> Callable[[Row], str]:
        return lambda row: "" if row[i] is None else escape(str(row[i]))

    def _write_state(self, i: int) -> Callable[[Row], str]:
        labels = {v: str(ui.state_badge(v, label)) for v, label in self.words.items()}
        return lambda row: labels.get(row[i]) or escape(str(row[i] or ""))

    def _write_choice(self, i: int) -> Callable[[Row], str]:
        labels = {value: escape(label) for value, label in self.words.items()}
        return lambda row: labels.get(row[i]) or escape(str(row[i] if row[i] is not None else ""))

    def _write_number(self, i: int) -> Callable[[Row], str]:
        write = formats.number_formatter(self.lang, self.column.places)
        return lambda row: write(row[i])

    def _write_percent(self, i: int) -> Callable[[Row], str]:
        write = formats.number_formatter(self.lang, self.column.places or 0)
        return lambda row: "" if row[i] is None else f"{write(row[i])}\u00a0%"

    def _write_money(self, i: int) -> Callable[[Row], str]:
        write = formats.money_formatter(self.lang)
        if fixed := self.column.currency:
            return lambda row: write(row[i], fixed)
        return lambda row: write(row[i], row[i + 1])

    def _write_date(self, i: int) -> Callable[[Row], str]:
        write = formats.date_formatter(self.lang)
        return lambda row: write(row[i])

    def _write_datetime(self, i: int) -> Callable[[Row], str]:
        write = formats.datetime_formatter(self.lang)
        return lambda row: write(row[i])

    def _write_isodate(self, i: int) -> Callable[[Row], str]:
        write, day = formats.date_formatter(self.lang), formats.day
        return lambda row: write(day(row[i])) if row[i] else ""

    def _write_tags(self, i: int) -> Callable[[Row], str]:
        from core.fields.definitions import tags

        known = {name: str(ui.badge(name, colour)) for name, colour in tags().items()}
        return lambda row: " ".join(known.get(name) or escape(name) for name in row[i] or ())

    def _write_bool(self, i: int) -> Callable[[Row], str]:
        yes, no = _("yes"), _("no")
        return lambda row: "" if row[i] is None else yes if row[i] else no

    def _write_email(self, i: int) -> Callable[[Row], str]:
        return lambda row: f'<a href="mailto:{escape(row[i])}">{escape(row[i])}</a>' if row[i] else ""

    def _write_phone(self, i: int) -> Callable[[Row], str]:
        return lambda row: f'<a href="tel:{escape(row[i])}">{escape(row[i])}</a>' if row[i] else ""

    def _write_any(self, i: int) -> Callable[[Row], str]:
        known: dict[int, tuple[str, str, str]] = {}

        def write(row: Row) -> str:
            if row[i] is None:
                return ""
            if row[i] not in known:
                known[row[i]] = (_name_of_type(row[i]), *link_parts(_type(row[i])))
            name, before, after = known[row[i]]
            return (
                f'<a href="{before}{row[i + 1]}{after}">{escape(name)}</a>' if before and row[i + 1] else escape(name)
            )

        return write

    def _write_of_type(self, i: int) -> Callable[[Row], str]:
        return lambda row: escape(_name_of_type(row[i]))

    def _write_person(self, i: int) -> Callable[[Row], str]:
        known: dict[str, str] = {}

        def write(row: Row) -> str:
            name = self.person_name(row, i)
            if name not in known:
                known[name] = ui.person_html(name) if name else ""
            return known[name]

        return write

    def person_name(self, row: Row, i: int) -> str:
        if len(self.paths) == 1:
            return row[i] or ""
        return " ".join(part for part in row[i : i + 2] if part) or (row[i + 2] if len(self.paths) > 2 else "") or ""

    # --- Export ------------------------------------------------------------------------------------------------------

    def value(self, row: Row, i: int) -> Any:
        """The cell as a value for a spreadsheet."""
        if self.kind == "person":
            return self.person_name(row, i)
        if self.kind in ("state", "choice"):
            return self.words.get(row[i], row[i] if row[i] is not None else "")
        if self.kind == "any":
            return f"{_name_of_type(row[i])} {row[i + 1]}" if row[i] is not None else ""
        if self.kind == "of_type":
            return _name_of_type(row[i])
        if self.kind == "isodate":
            return formats.day(row[i])
        if self.kind == "tags":
            return ", ".join(row[i] or ())
        return row[i]


def _type(pk: int) -> Any:
    return ContentType.objects.get_for_id(pk).model_class()


def _name_of_type(pk: int) -> str:
    name = str(_type(pk)._meta.verbose_name)
    return name[:1].upper() + name[1:]


def bind(columns: Sequence[Column | str], model: Any, lang: str, *, costs: bool) -> list[BoundColumn]:
    """Columns ready to write; those with costs are left out for whoever may not see them."""
    hidden = () if costs else getattr(model, "COST_FIELDS", ())
    return [BoundColumn(c, model, lang) for c in columns if (c if isinstance(c, str) else c.name) not in hidden]


def paths(columns: Sequence[BoundColumn]) -> list[str]:
    """The database paths to fetch: the id first, then each column's."""
    return ["pk", *(path for column in columns for path in column.paths)]


def writers(columns: Sequence[BoundColumn]) -> list[Callable[[Row], str]]:
    found, start = [], 1
    for column in columns:
        found.append(column.writer(start))
        start += len(column.paths)
    return found


def table_body(columns: Sequence[BoundColumn], rows: Sequence[Row], *, tick: str = "") -> str:
    """The rows of a table as HTML, in one pass."""
    cells = [(write, _opening(column)) for write, column in zip(writers(columns), columns, strict=True)]
    lines = []
    box = f'data-tick aria-label="{escape(tick)}"'
    for row in rows:
        first = (
            f'<td><input class="form-check-input" type="checkbox" name="ids" value="{row[0]}" {box}></td>'
            if tick
            else ""
        )
        lines.append(f"<tr>{first}{''.join([f'{td}{write(row)}</td>' for write, td in cells])}</tr>")
    return "\n".join(lines)


def _opening(column: BoundColumn) -> str:
    """The cell's start; its label is shown where a phone has no room for the head. A state's badge says what it is."""
    label = "" if column.kind == "state" else f' data-label="{escape(column.label)}"'
    return f'<td class="{column.css}"{label}>' if column.css else f"<td{label}>"


def link_parts(model: Any) -> tuple[str, str]:
    """The address of a record's page around its id: ("/leads/", "/"); empty where it has no page."""
    return around(f"{model._meta.app_label}:{model._meta.model_name}_detail")
