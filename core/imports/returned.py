"""The rows that did not go in, as a file: the original cells and the reason, harmless to a spreadsheet."""

import csv
import io
from collections.abc import Iterator
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from core.imports.jobs import table_of
from core.models import ImportRun
from core.pages.exports import XLSX, harmless

__all__ = ["XLSX", "as_csv", "as_workbook"]


def rows(run: ImportRun) -> Iterator[list[str]]:
    """The header and every row in error; what a torn row has too much stands behind the reason."""
    headers = table_of(run).headers
    trial = not run.rows.filter(is_trial=False).exists()
    yield [*map(harmless, headers), _("reason")]
    for row in run.rows.filter(is_trial=trial, outcome="error").order_by("number").iterator(2000):
        cells = list(map(harmless, row.cells or []))
        fit, surplus = cells[: len(headers)], cells[len(headers) :]
        reasons = [": ".join(filter(None, [column, why])) for column, _value, why in row.problems]
        yield [*fit, *[""] * (len(headers) - len(fit)), harmless("; ".join(reasons)), *surplus]


def as_csv(run: ImportRun) -> tuple[Any, str]:
    """Semicolons for an Italian spreadsheet, commas for others; UTF-8 with its mark."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";" if translation.get_language() == "it" else ",").writerows(rows(run))
    return io.BytesIO(b"\xef\xbb\xbf" + text.getvalue().encode()), "text/csv; charset=utf-8"


def as_workbook(run: ImportRun) -> tuple[Any, str]:
    """Text cells only: what was text in the file stays text, leading zeros included."""
    from openpyxl import Workbook
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.freeze_panes = "A2"
    for row in rows(run):
        sheet.append([ILLEGAL_CHARACTERS_RE.sub("", cell) for cell in row])
    content = io.BytesIO()
    book.save(content)
    content.seek(0)
    return content, XLSX
