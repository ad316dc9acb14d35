"""The map of an import, as TOML: which column feeds which field, what words mean, what identifies a row.

resource = "companies"
key = "account"                    # column(s) that identify a row; with key_prefix they become the external key
key_prefix = "maven-"
blanks = ["Select", "unknown"]     # words that mean "not answered"
dates = ["%Y-%m-%d"]               # tried in this order, for the whole column
decimal = "."
ignore = ["Magazine"]              # columns left out on purpose
rest = "attributes"                # a JSON field that takes all other columns

[fields]
name = "account"                                               # a column
sector = { column = "sector", corrections = { technolgy = "technology" } }  # dirt: mended and named in the report
state = { column = "deal_stage", values = { Won = "won" }, closed = true }  # translation; closed: no other words
annual_revenue = { column = "revenue", scale = 1000000 }
country = { column = "Country", default = "" }                 # where the cell is blank
last_name = { template = "Prospect {Lead Number}" }
is_customer = { constant = true }
first_name = { column = "sales_agent", part = "first" }        # all words but the last; "last": the last word

[options]                          # what the resource offers besides
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from core.imports.lookups import plain
from core.imports.reader import Table
from core.imports.widgets import unknown

_TOP = {
    "resource",
    "key",
    "key_prefix",
    "blanks",
    "dates",
    "decimal",
    "ignore",
    "rest",
    "fields",
    "options",
    "corrections",
}
_SPEC = {
    "column", "constant", "template", "values", "closed", "default", "scale", "part", "dates", "decimal", "when",
}  # fmt: skip


class MapError(Exception):
    """The map itself is wrong, or does not fit the file."""


class Missing:
    """No value in this row: the field is left alone."""


class Emptied(str):
    """An empty value that the map asks for, which overwrites the field's default."""


@dataclass(frozen=True)
class Bad:
    """A cell that cannot be taken in, and why."""

    reason: str


MISSING = Missing()


@dataclass(frozen=True)
class Spec:
    """How one field gets its value."""

    name: str
    column: str = ""
    constant: Any = None
    template: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    closed: bool = False
    default: Any = None
    scale: int = 1
    part: str = ""
    dates: tuple[str, ...] = ()
    decimal: str = ""
    when: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, name: str, given: Any) -> "Spec":
        if isinstance(given, str):
            return cls(name, column=given)
        if not isinstance(given, dict) or set(given) - _SPEC:
            raise MapError(_("The map's field “%(name)s” is not understood.") % {"name": name})
        given = {**given, "dates": tuple(given.get("dates", ()))}
        given["values"] = {plain(word): value for word, value in given.get("values", {}).items()}
        return cls(name, **given)


@dataclass
class Cells:
    """One row of the file as our fields' values, and what was noticed on the way: (column, word, what it counts as)."""

    number: int
    values: dict[str, Any]
    notes: list[str] = field(default_factory=list)
    blanks: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class Map:
    """A declared (or, without a file, guessed) map."""

    specs: list[Spec]
    resource: str = ""
    key: tuple[str, ...] = ()
    key_prefix: str = ""
    blanks: frozenset[str] = frozenset()
    dates: tuple[str, ...] = ()
    decimal: str = "."
    ignore: frozenset[str] = frozenset()
    rest: str = ""
    corrections: dict[str, dict[str, str]] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path) -> "Map":
        try:
            return cls.of(tomllib.loads(path.read_text()))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise MapError(_("The map %(name)s cannot be read: %(why)s") % {"name": path.name, "why": error}) from error

    @classmethod
    def of(cls, given: dict[str, Any]) -> "Map":
        if strange := set(given) - _TOP:
            raise MapError(_("The map has unknown entries: %(names)s.") % {"names": ", ".join(sorted(strange))})
        key = given.get("key", ())
        return cls(
            specs=[Spec.of(name, spec) for name, spec in given.get("fields", {}).items()],
            resource=given.get("resource", ""),
            key=(key,) if isinstance(key, str) else tuple(key),
            key_prefix=given.get("key_prefix", ""),
            blanks=frozenset(plain(word) for word in given.get("blanks", ())),
            dates=tuple(given.get("dates", ())),
            decimal=given.get("decimal", "."),
            ignore=frozenset(given.get("ignore", ())),
            rest=given.get("rest", ""),
            corrections=given.get("corrections", {}),
            options=given.get("options", {}),
        )

    @classmethod
    def guess(cls, headers: list[str], names: dict[str, str]) -> "Map":
        """Columns called like our fields, by name or label; `names` maps compared words to field names."""
        found = [(names[plain(h)], h) for h in headers if plain(h) in names]
        return cls(specs=[Spec(name, column=header) for name, header in found])

    # --- Against a file ----------------------------------------------------------------------------------------------

    @property
    def columns(self) -> set[str]:
        """Columns that some field or the key takes."""
        named = {spec.column for spec in self.specs if spec.column} | set(self.key) | set(self.corrections)
        for spec in self.specs:
            named |= {part.split("}")[0] for part in spec.template.split("{")[1:]}
            named |= set(spec.when)
        return named

    def check(self, table: Table, fields: set[str]) -> None:
        """The map fits the file and the resource, or MapError says what does not."""
        if absent := sorted(self.columns - set(table.headers)):
            raise MapError(_("The file has no column %(names)s.") % {"names": ", ".join(absent)})
        mine = {spec.name for spec in self.specs} | ({self.rest} if self.rest else set())
        if strange := sorted(mine - fields):
            raise MapError(_("There is no field %(names)s.") % {"names": ", ".join(strange)})

    def unused(self, table: Table) -> list[str]:
        """Columns that nothing takes and nobody has ignored on purpose; those without a name and a value do not count."""
        if self.rest:
            return []
        left = [i for i, name in enumerate(table.headers) if name not in self.columns | self.ignore]
        return [
            table.headers[i] or f"#{i + 1}"
            for i in left
            if table.headers[i] or any(line.cells[i] for line in table.lines)
        ]

    def rows(self, table: Table, key_field: str) -> Iterator[Cells]:
        """Every line of the file as values."""
        for line in table.lines:
            raw = dict(zip(table.headers, line.cells, strict=True))
            yield self.row(line.number, raw, key_field)

    def row(self, number: int, raw: dict[str, str], key_field: str) -> Cells:
        cells = Cells(number, {})
        given = {column: self.answered(column, text, cells) for column, text in raw.items()}
        for spec in self.specs:
            cells.values[spec.name] = self.value(spec, given)
        if self.key:
            parts = [raw[column] for column in self.key]
            blank = [c for c, part in zip(self.key, parts, strict=True) if not part]
            cells.values[key_field] = (
                Bad(_("is empty, and it identifies the row")) if blank else self.key_prefix + "/".join(parts)
            )
        if self.rest:
            taken = self.columns | self.ignore
            cells.values[self.rest] = {c: text for c, text in given.items() if text and c and c not in taken}
        return cells

    def answered(self, column: str, text: str, cells: Cells) -> str:
        """The cell, mended where the map knows better; "" where the word in it means that there is no answer."""
        if text and plain(text) in self.blanks:
            if column not in self.ignore:
                cells.blanks.append((column, text))
            return ""
        mended = self.corrections.get(column, {}).get(text, text)
        if mended != text:
            said = _("%(column)s: “%(value)s” read as “%(as)s”") if mended else _("%(column)s: “%(value)s” left out")
            cells.notes.append(said % {"column": column, "value": text, "as": mended})
        return mended

    def value(self, spec: Spec, given: dict[str, str]) -> Any:
        if any(given[column] not in words for column, words in spec.when.items()):
            return MISSING
        if spec.constant is not None:
            return spec.constant
        text = spec.template.format(**given).strip() if spec.template else given[spec.column]
        if spec.part:
            head, _space, last = text.rpartition(" ")
            text = last if spec.part == "last" else head
        found = self.translated(spec, text) if text else ""
        if found not in ("", None):
            return found
        return MISSING if spec.default is None else Emptied() if spec.default == "" else spec.default

    def translated(self, spec: Spec, text: str) -> Any:
        if plain(text) in spec.values:
            return spec.values[plain(text)]
        return Bad(unknown(text, spec.values)) if spec.closed else text
