"""Rows whose decimal numbers were torn at the comma, as old exports tear them: "93,994" has become two cells, and what follows
has moved to the right. Where cells were cut off at the end, such a row is as wide as the header and looks whole."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from core.imports.reader import Line, Table

#: Three decimals at least: "12.50" in one row, and 12 beside 50 in another, happens.
_DECIMAL = re.compile(r"-?(\d+)\.(\d{3,})")
_WHOLE = re.compile(r"-?\d+")
#: Rows looked at; rows that must be torn, in all and of a hundred, before the file is mistrusted.
_SAMPLE, _LEAST, _PERCENT = 5_000, 3, 20


def refuse(table: "Table") -> None:
    """Move torn rows to the refused ones, if whole rows of the same file show that rows are torn. For comma-separated files."""
    sample = table.lines[:_SAMPLE]
    whole = {line.number: _decimals(line) for line in sample if any("." in cell for cell in line.cells)}
    columns = sorted({at for found in whole.values() for at in found})
    halves = {half for found in whole.values() for half in found.values()}
    torn = sum(_is_torn(line, columns, halves) for line in sample) if halves else 0
    if torn < max(_LEAST, len(sample) * _PERCENT // 100):
        return
    text = _(
        "numbers are torn at their decimal comma from column “%(column)s” on: save the file with another separator"
    )
    reason = text % {"column": table.headers[columns[0]]}
    kept = []
    for line in table.lines:
        if all(_WHOLE.fullmatch(line.cells[at]) for at in columns):
            table.refused.append((line.number, reason))
            table.torn[line.number] = line.cells
        else:
            kept.append(line)
    table.lines = kept
    table.refused.sort()


def _decimals(line: "Line") -> dict[int, tuple[str, str]]:
    """Column -> the two halves of the decimal number in it."""
    found = ((at, _DECIMAL.fullmatch(cell)) for at, cell in enumerate(line.cells) if "." in cell)
    return {at: (match[1], match[2]) for at, match in found if match}


def _is_torn(line: "Line", columns: Iterable[int], halves: set[tuple[str, str]]) -> bool:
    """Whether no column of decimals holds one, and two neighbours are the halves of a decimal of another row."""
    cells = [line.cells[at] for at in columns]
    if not all(_WHOLE.fullmatch(cell) for cell in cells):
        return False
    return any(pair in halves for pair in zip(line.cells, line.cells[1:], strict=False))
