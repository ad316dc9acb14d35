"""Anybody's table, as a file: its columns, its rows in order, and which of them were won."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.imports import FileRefused, reader

#: What outcomes are called, in English and Italian. Anything else is no outcome: the row is still open.
WON = frozenset((
    "1", "1.0", "true", "t", "yes", "y", "won", "win", "converted", "positive", "success", "successful", "closed won",
    "vero", "v", "sì", "si", "s", "vinto", "vinta", "vinti", "acquisito", "acquisita", "convertito", "convertita", "positivo",
))  # fmt: skip
LOST = frozenset((
    "0", "0.0", "-1", "false", "f", "no", "n", "lost", "loss", "not converted", "negative", "failure", "closed lost", "failed",
    "falso", "perso", "persa", "persi", "non acquisito", "non convertito", "non convertita", "negativo",
))  # fmt: skip
_LONGEST_CELL = 10_000_000


class TableRefused(Exception):
    """Nothing can be learnt from this table; says why."""


@dataclass
class Rows:
    """A table: the names of its columns and its rows in the file's order, each as wide as the names."""

    names: list[str]
    rows: list[list[str]]
    #: How many rows had more or fewer cells than there are names: padded or cut, or left out where one learns.
    uneven: list[int]

    def column(self, name: str) -> list[str]:
        at = self.names.index(name)
        return [row[at] for row in self.rows]

    def without_uneven(self) -> "Rows":
        out = set(self.uneven)
        return Rows(self.names, [row for i, row in enumerate(self.rows) if i not in out], [])

    def __len__(self) -> int:
        return len(self.rows)


def read(path: Path) -> Rows:
    """Every row of a CSV or XLSX file but lines with nothing in them at all. Raises TableRefused."""
    try:
        content = path.read_bytes()
        if content.startswith(b"PK\x03\x04"):
            return _sheet(path.name, content)
        text, _encoding = reader.decoded(content)
    except OSError as error:
        raise TableRefused(
            _("%(file)s cannot be read: %(why)s.") % {"file": path.name, "why": error.strerror}
        ) from error
    except FileRefused as error:
        raise TableRefused(f"{path.name}: {error}") from error
    csv.field_size_limit(_LONGEST_CELL)
    try:
        found = csv.reader(io.StringIO(text.replace("\0", ""), newline=""), delimiter=reader.delimiter_of(text))
        return _even(path.name, [row for row in found if row])
    except csv.Error as error:
        raise TableRefused(f"{path.name}: {error}") from error


def _sheet(name: str, content: bytes) -> Rows:
    table = reader.parse(name, content)
    cells = {line.number: line.cells for line in table.lines} | table.torn | dict.fromkeys(table.empty, [])
    return _even(name, [table.headers, *(cells[number] for number in sorted(cells))])


def _even(file: str, found: Sequence[Sequence[str]]) -> Rows:
    if not found or not any(cell.strip() for cell in found[0]):
        raise TableRefused(_("%(file)s is empty: the first row must hold the names of the columns.") % {"file": file})
    names = _once([" ".join(cell.split()) for cell in found[0]])
    rows, uneven = [], []
    for i, cells in enumerate(found[1:]):
        used = max((n + 1 for n, cell in enumerate(cells) if cell.strip()), default=0)
        if used > len(names) or (0 < len(cells) < len(names)):
            uneven.append(i)
        rows.append([cell.strip() for cell in [*cells, *[""] * len(names)][: len(names)]])
    return Rows(names, rows, uneven)


def _once(names: Iterable[str]) -> list[str]:
    """Names that occur again are numbered, so that no column hides another."""
    seen: Counter[str] = Counter()
    found = []
    for name in names:
        seen[name] += 1
        found.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return found


def named(wanted: str, names: Sequence[str]) -> list[str]:
    """The columns meant: by name, however it is capitalised; `*` stands for anything."""
    wish = " ".join(wanted.split()).casefold()
    exact = [name for name in names if " ".join(name.split()).casefold() == wish]
    return exact or [name for name in names if "*" in wish and fnmatchcase(name.casefold(), wish)]


def several(wanted: Sequence[str], names: Sequence[str]) -> tuple[set[str], list[str]]:
    """The columns meant by these lists of names, and what names no column. A name may hold a comma, or stand in quotes."""
    found: set[str] = set()
    unknown = []
    for text in wanted:
        parts = [text] if named(text, names) else next(csv.reader([text], skipinitialspace=True), [])
        for part in filter(None, (part.strip() for part in parts)):
            meant = named(part, names)
            found.update(meant)
            unknown += [] if meant else [part]
    return found, unknown


def outcomes(texts: Sequence[str], won: str = "") -> list[int | None]:
    """1 for won, 0 for lost, None for neither. `won` names the value that means won, all others then mean lost."""
    keys = [" ".join(text.split()).casefold() for text in texts]
    if won:
        wish = " ".join(won.split()).casefold()
        found = [None if not key else int(key == wish) for key in keys]
    else:
        found = [1 if key in WON else 0 if key in LOST else None for key in keys]
    _check(found, keys)
    return found


def _check(found: Sequence[int | None], keys: Sequence[str]) -> None:
    """Both outcomes must be there."""
    if {0, 1} <= set(found):
        return
    values = [value for value, _n in Counter(key for key in keys if key).most_common(6)]
    shown = ", ".join(f"“{value[:30]}”" for value in values)
    if not values:
        raise TableRefused(_("The column of the outcome is empty."))
    if len(values) == 1:
        text = _("The column of the outcome holds one value only, %(values)s: to learn, it takes won and lost ones.")
        raise TableRefused(text % {"values": shown})
    text = _("The column of the outcome holds %(values)s: name the value that means won with --won VALUE.")
    raise TableRefused(text % {"values": shown})


def rows_left_out(n: int) -> str:
    return ngettext(
        "%(n)d row has more or fewer cells than the header: nothing is learnt from it.",
        "%(n)d rows have more or fewer cells than the header: nothing is learnt from them.",
        n,
    ) % {"n": n}
