"""Export of a filtered list, with the same rows and columns the reader sees: CSV in a stream, XLSX written row by row."""

import csv
import datetime as dt
import io
from collections.abc import Iterator
from decimal import Decimal
from tempfile import TemporaryFile
from typing import Any

from django.core.exceptions import BadRequest
from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone

from core import formats
from core.pages.columns import BoundColumn, paths
from core.privacy import watching

CHUNK = 2000
#: A spreadsheet would read these first characters as a formula (OWASP, "CSV injection").
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def answer(page: Any, kind: str) -> HttpResponseBase:
    """The file of a list page's present rows."""
    if kind not in ("csv", "xlsx"):
        raise BadRequest("format")
    rows = page.annotated(page.narrowed())
    watching.gave_out(page.request, page.model, page.address())
    name = f"{page.model._meta.model_name}-{timezone.localdate():%Y-%m-%d}.{kind}"
    if kind == "xlsx":
        return FileResponse(workbook(page.bound, rows), as_attachment=True, filename=name, content_type=XLSX)
    stream = csv_lines(page.bound, rows, formats.language())
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(stream, content_type="text/csv; charset=utf-8", headers=headers)


def chunks(rows: Any, names: list[str]) -> Iterator[tuple[Any, ...]]:
    """All rows by key, a chunk at a time: no long-lived cursor, so that a pooler between us and the database is no trouble."""
    last = 0
    rows = rows.order_by("pk")
    while True:
        found = list(rows.filter(pk__gt=last).values_list(*names)[:CHUNK])
        yield from found
        if len(found) < CHUNK:
            return
        last = found[-1][0]


def values(columns: list[BoundColumn], row: tuple[Any, ...]) -> Iterator[Any]:
    start = 1
    for column in columns:
        yield column.value(row, start)
        start += len(column.paths)


def csv_lines(columns: list[BoundColumn], rows: Any, lang: str) -> Iterator[bytes]:
    """Semicolons and decimal commas for an Italian spreadsheet, commas and points for an English one; UTF-8 with its mark."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";" if lang == "it" else ",")
    writer.writerow([harmless(column.label) for column in columns])
    yield b"\xef\xbb\xbf"
    for count, row in enumerate(chunks(rows, paths(columns)), 1):
        writer.writerow([_text(value, lang) for value in values(columns, row)])
        if count % 500 == 0:
            yield _drain(buffer)
    yield _drain(buffer)


def _drain(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()


def _text(value: Any, lang: str) -> str:
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
    if isinstance(value, Decimal | float):
        return str(value).replace(".", ",") if lang == "it" else str(value)
    return harmless(str(value)) if isinstance(value, str) else str(value)


def harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def workbook(columns: list[BoundColumn], rows: Any) -> Any:
    """An open file with one sheet, typed cells, the head frozen."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.freeze_panes = "A2"
    head = [WriteOnlyCell(sheet, value=harmless(column.label)) for column in columns]
    for cell in head:
        cell.font = Font(bold=True)
    sheet.append(head)
    for row in chunks(rows, paths(columns)):
        sheet.append([_cell(value) for value in values(columns, row)])
    file = TemporaryFile()  # noqa: SIM115 - FileResponse closes it
    book.save(file)
    file.seek(0)
    return file


def _cell(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return timezone.localtime(value).replace(tzinfo=None)
    if isinstance(value, str):
        from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

        return harmless(ILLEGAL_CHARACTERS_RE.sub("", value))
    return value if isinstance(value, (int, float, Decimal, dt.date, type(None))) else str(value)
