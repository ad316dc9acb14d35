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

from core.imports import torn

DELIMITERS = ",;\t|"
ENCODINGS = ("utf-8", "cp1252", "utf-16", "latin-1", "mac-roman", "cp850")
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_NAMES = {",": gettext_noop("comma"), ";": gettext_noop("semicolon"), "\t": gettext_noop("tab"), "|": "|"}


class FileRefused(Exception):
    """The file as a whole cannot be taken in; says why in the user's language."""


@dataclass(frozen=True)
class Limits:
    """Most bytes of a file and of what a spreadsheet unpacks to, and most rows."""

    size: int = 300 * 1024 * 1024
    unpacked: int = 1024 * 1024 * 1024
    rows: int = 2_000_000


@dataclass(frozen=True)
class Reading:
    """How a text file is written; empty: found by looking at it."""

    encoding: str = ""
    delimiter: str = ""


#: For whoever stands at the machine itself; pages allow less.
FREE = Limits()
_FOREIGN = (
    (b"%PDF-", "PDF"), (b"\x89PNG", "PNG"), (b"\xff\xd8\xff", "JPEG"), (b"GIF8", "GIF"), (b"Rar!", "RAR"),
    (b"\x1f\x8b", "GZIP"), (b"7z\xbc\xaf", "7-Zip"), (b"\x7fELF", "ELF"), (b"MZ\x90", "EXE"), (b"{\\rtf", "RTF"),
    (b"\xd0\xcf\x11\xe0", "Excel 97 (XLS)"),
)  # fmt: skip


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
    #: Cells of the refused rows, by number; what was read with.
    torn: dict[int, list[str]] = field(default_factory=dict)
    reading: Reading = field(default_factory=Reading)

    def __len__(self) -> int:
        return len(self.lines) + len(self.refused) + len(self.empty)


def read(path: Path) -> Table:
    """Read a CSV or XLSX file. Raises FileRefused where it is no table at all."""
    try:
        if path.stat().st_size > FREE.size:
            raise FileRefused(too_large(FREE))
        content = path.read_bytes()
    except OSError as error:
        raise FileRefused(_("The file cannot be read: %(why)s.") % {"why": error.strerror}) from error
    return parse(path.name, content)


def too_large(limits: Limits) -> str:
    return _("The file is larger than %(n)d MB.") % {"n": limits.size // 1024 // 1024}


def parse(name: str, content: bytes, *, reading: Reading = Reading(), limits: Limits = FREE) -> Table:
    """Read the bytes of a CSV or XLSX file, judged by what they are. Raises FileRefused where they are no table at all."""
    if len(content) > limits.size:
        raise FileRefused(too_large(limits))
    if not content.strip():
        raise FileRefused(_("The file is empty."))
    if content.startswith(b"PK\x03\x04"):
        return build(name, "XLSX", _sheet(content, limits), limits)
    for mark, kind in _FOREIGN:
        if content.startswith(mark):
            raise FileRefused(_("This is a file of type %(kind)s: save the table as CSV or XLSX.") % {"kind": kind})
    text, encoding = decoded(content, reading.encoding)
    delimiter = reading.delimiter or delimiter_of(text)
    kind = f"{encoding.upper()}, {_(_NAMES[delimiter])}"
    table = build(name, kind, _records(text, delimiter), limits)
    table.reading = Reading(encoding, delimiter)
    if delimiter == ",":
        torn.refuse(table)
    return table


def decoded(content: bytes, wanted: str = "") -> tuple[str, str]:
    """The text and its encoding: as wanted, by its mark, as UTF-8, else as the Windows code page offices in Europe use."""
    for mark, encoding in _BOMS:
        if content.startswith(mark) and wanted in ("", encoding.removesuffix("-sig")):
            return _decoded(content, encoding), encoding.removesuffix("-sig")
    if wanted:
        return _decoded(content, wanted), wanted
    if b"\0" in content[:65536]:
        raise FileRefused(_("This is not a table: save it as CSV or XLSX."))
    for encoding in ("utf-8", "cp1252"):
        try:
            return content.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1"), "latin-1"


def _decoded(content: bytes, encoding: str) -> str:
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
        text = _("The file is not valid %(e)s (line %(n)d): choose another encoding, or save it again.")
        raise FileRefused(text % {"e": encoding.removesuffix("-sig").upper(), "n": row}) from error
    if "\0" in text[:65536]:
        raise FileRefused(_("This is not a table: save it as CSV or XLSX."))
    return text


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


def _sheet(content: bytes, limits: Limits) -> Iterator[list[str]]:
    """The first sheet's rows, as text, one at a time: what a spreadsheet says of its own size is not believed."""
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > limits.unpacked:
                n = limits.unpacked // 1024 // 1024
                raise FileRefused(_("The spreadsheet unpacks to more than %(n)d MB.") % {"n": n})
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except FileRefused:
        raise
    except Exception as error:  # whatever the libraries of ZIP and XML find wrong with it
        raise FileRefused(_("This is not a spreadsheet that can be read: save it as XLSX or CSV.")) from error
    width = 0
    try:
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        for number, row in enumerate(sheet.iter_rows(values_only=True)):
            cells = [_text(value) for value in row]
            used = max((i + 1 for i, cell in enumerate(cells) if cell), default=0)
            width = width if number else used
            yield (cells + [""] * width)[: max(width, used)]
    except Exception as error:
        raise FileRefused(_("This is not a spreadsheet that can be read: save it as XLSX or CSV.")) from error
    finally:
        book.close()


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


def build(name: str, kind: str, records: Iterable[list[str]], limits: Limits = FREE) -> Table:
    """Check each row against the header: too many or too few cells, and control characters, refuse the row alone."""
    rows = iter(records)
    table = Table(name, kind, _headers(next(rows, [])))
    width = len(table.headers)
    for number, row in enumerate(rows, 2):
        if number > limits.rows + 1:
            raise FileRefused(_("The file has more than %(n)d rows: split it.") % {"n": limits.rows})
        cells = _padded_no_further(row, width)
        if not any(cell.strip() for cell in cells):
            table.empty.append(number)
        elif len(cells) != width:
            text = ngettext("%(n)d column", "%(n)d columns", len(cells)) % {"n": len(cells)}
            table.refused.append((number, _("%(n)s, the header has %(of)d") % {"n": text, "of": width}))
            table.torn[number] = cells
        elif any("\0" in cell for cell in cells):
            table.refused.append((number, _("contains characters that are no text")))
            table.torn[number] = [cell.replace("\0", "") for cell in cells]
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
