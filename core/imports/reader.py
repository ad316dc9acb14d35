"""CSV and XLSX files as rows of text: encoding and delimiter are found, ragged rows are named and never guessed at."""

import csv
import io
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

DELIMITERS = ",;\t|"
#: Bytes of a file, and of what a spreadsheet unpacks to.
MOST_BYTES = 300 * 1024 * 1024
MOST_UNPACKED = 1024 * 1024 * 1024
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_NAMES = {",": gettext_noop("comma"), ";": gettext_noop("semicolon"), "\t": gettext_noop("tab"), "|": "|"}


class FileRefused(Exception):
    """The file as a whole cannot be taken in; says why in the user's language."""


@dataclass(frozen=True)
class Line:
    """A row of the file. `number` counts as spreadsheets do: the header is row 1."""

    number: int
    cells: list[str]


@dataclass
class Table:
    """What was read: `lines` that fit the header, `refused` ones with the reason, numbers of `empty` ones."""

    name: str
    kind: str
    headers: list[str]
    lines: list[Line] = field(default_factory=list)
    refused: list[tuple[int, str]] = field(default_factory=list)
    empty: list[int] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.lines) + len(self.refused) + len(self.empty)


def read(path: Path) -> Table:
    """Read a CSV or XLSX file. Raises FileRefused where it is no table at all."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise FileRefused(_("The file is larger than %(n)d MB.") % {"n": MOST_BYTES // 1024 // 1024})
        content = path.read_bytes()
    except OSError as error:
        raise FileRefused(_("The file cannot be read: %(why)s.") % {"why": error.strerror}) from error
    if not content.strip():
        raise FileRefused(_("The file is empty."))
    if content.startswith(b"PK\x03\x04"):
        return build(path.name, "XLSX", _sheet(content))
    text, encoding = decoded(content)
    delimiter = delimiter_of(text)
    kind = f"{encoding.upper()}, {_(_NAMES[delimiter])}"
    return build(path.name, kind, _records(text, delimiter))


def decoded(content: bytes) -> tuple[str, str]:
    """The text and its encoding: by its mark, as UTF-8, else as the Windows code page offices in Europe use."""
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            try:
                return content.decode(encoding), encoding.removesuffix("-sig")
            except UnicodeDecodeError as error:
                raise FileRefused(_("The file is damaged: it is not valid %(e)s.") % {"e": encoding}) from error
    if b"\0" in content[:65536]:
        raise FileRefused(_("This is not a table: save it as CSV or XLSX."))
    for encoding in ("utf-8", "cp1252"):
        try:
            return content.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1"), "latin-1"


def delimiter_of(text: str) -> str:
    """The delimiter under which most of the first rows have as many cells as the header, and the most of them."""
    sample = text[:200_000].splitlines(keepends=True)[:200]
    best, found = (0.0, 0), ","
    for delimiter in DELIMITERS:
        try:
            widths = [len(cells) for cells in csv.reader(sample, delimiter=delimiter) if cells]
        except csv.Error:
            continue
        if widths and widths[0] > 1:
            alike = Counter(widths)[widths[0]] / len(widths)
            if (round(alike, 1), widths[0]) > best:
                best, found = (round(alike, 1), widths[0]), delimiter
    return found


def _records(text: str, delimiter: str) -> Iterator[list[str]]:
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        yield from rows
    except csv.Error as error:
        raise FileRefused(
            _("The file breaks off at line %(n)d: %(why)s.") % {"n": rows.line_num, "why": error}
        ) from error


def _sheet(content: bytes) -> Iterator[list[str]]:
    """The first sheet's rows, as text."""
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MOST_UNPACKED:
                raise FileRefused(_("The spreadsheet unpacks to more than a gigabyte."))
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except (zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise FileRefused(_("This is not a spreadsheet that can be read: save it as XLSX or CSV.")) from error
    try:
        rows = [[_text(value) for value in row] for row in book.worksheets[0].iter_rows(values_only=True)]
    finally:
        book.close()
    width = max((i + 1 for cells in rows[:1] for i, cell in enumerate(cells) if cell), default=0)
    for cells in rows:
        used = max((i + 1 for i, cell in enumerate(cells) if cell), default=0)
        yield (cells + [""] * width)[: max(width, used)]


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "seconds")
    return value.isoformat() if isinstance(value, date | time) else str(value)


def build(name: str, kind: str, records: Iterable[list[str]]) -> Table:
    """Check each row against the header: too many or too few cells, and control characters, refuse the row alone."""
    rows = iter(records)
    table = Table(name, kind, _headers(next(rows, [])))
    width = len(table.headers)
    for number, row in enumerate(rows, 2):
        cells = _padded_no_further(row, width)
        if not any(cell.strip() for cell in cells):
            table.empty.append(number)
        elif len(cells) != width:
            text = ngettext("%(n)d column", "%(n)d columns", len(cells)) % {"n": len(cells)}
            table.refused.append((number, _("%(n)s, the header has %(of)d") % {"n": text, "of": width}))
        elif any("\0" in cell for cell in cells):
            table.refused.append((number, _("contains characters that are no text")))
        else:
            table.lines.append(Line(number, [cell.strip() for cell in cells]))
    return table


def _padded_no_further(cells: list[str], width: int) -> list[str]:
    """Without the empty cells after the last column that has a name; what has values there stays as wide as it is."""
    used = max((i + 1 for i, cell in enumerate(cells[width:], width) if cell.strip()), default=width)
    return cells[:used]


def _headers(cells: list[str]) -> list[str]:
    headers = [" ".join(cell.split()) for cell in cells]
    while headers and not headers[-1]:
        headers.pop()
    if not headers:
        raise FileRefused(_("The first row holds no column names."))
    if twice := [name for name, n in Counter(headers).items() if n > 1 and name]:
        raise FileRefused(_("Columns occur twice: %(names)s.") % {"names": ", ".join(twice)})
    return headers
