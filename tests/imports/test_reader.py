"""Files as they come: encodings, delimiters, ragged rows, spreadsheets, and what is no table."""

import tracemalloc
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from openpyxl import Workbook

from core.imports import FileRefused, read
from core.imports.reader import Limits, parse


def file(tmp_path, content, name="table.csv"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ("nome;città\nRossi;Forlì\n".encode(), "UTF-8, semicolon"),
        ("nome;città\nRossi;Forlì\n".encode("cp1252"), "CP1252, semicolon"),
        ("\ufeffnome,città\nRossi,Forlì\n".encode(), "UTF-8, comma"),
        ("nome\tcittà\nRossi\tForlì\n".encode("utf-16"), "UTF-16, tab"),
        ('nome|città\n"Rossi"|Forlì\n'.encode(), "UTF-8, |"),
    ],
)
def test_encoding_and_delimiter_are_found(tmp_path, settings, content, kind):
    from django.utils import translation

    with translation.override("en"):
        table = read(file(tmp_path, content))
    assert table.kind == kind
    assert table.headers == ["nome", "città"]
    assert table.lines[0].cells == ["Rossi", "Forlì"]


def test_ragged_rows_are_refused_one_by_one(tmp_path):
    table = read(file(tmp_path, "a,b,c\n1,2,3\n1,2\n\n,,\n1,2,3,4\n7,8,9,,\n"))
    assert [line.number for line in table.lines] == [2, 7]
    assert [number for number, _reason in table.refused] == [3, 6]
    assert "2" in table.refused[0][1]
    assert "3" in table.refused[0][1]
    assert table.empty == [4, 5]


def test_a_column_without_a_name_at_the_end_is_padding(tmp_path):
    table = read(file(tmp_path, "a,b,,\n1,2,,\n1,2,x,\n"))
    assert table.headers == ["a", "b"]
    assert [number for number, _reason in table.refused] == [3]


def test_line_breaks_inside_quotes_belong_to_the_cell(tmp_path):
    table = read(file(tmp_path, 'a,b\n"one\ntwo",2\n3,4\n'))
    assert [line.cells for line in table.lines] == [["one\ntwo", "2"], ["3", "4"]]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"  \n ",
        b"%PDF-1.7\n\x00\x01\x02\x00",
        b"PK\x03\x04not a zip at all",
        b"a,a\n1,2\n",
        b",,\n1,2,3\n",
        b"\xff\xfea",
    ],
)
def test_what_is_no_table_is_refused_as_a_whole(tmp_path, content):
    with pytest.raises(FileRefused) as refusal:
        read(file(tmp_path, content))
    assert str(refusal.value)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(FileRefused):
        read(tmp_path / "nothing.csv")


def test_a_spreadsheet_gives_text_of_every_kind_of_cell(tmp_path):
    from datetime import date, datetime

    book = Workbook()
    book.active.append(["name", "n", "x", "day", "moment", "yes"])
    book.active.append(["Rossi", 5, 1.5, date(2026, 3, 1), datetime(2026, 3, 1, 9, 30), True])
    book.active.append([None, None, None, None, None, None])
    book.active.append(["Bianchi", 7.0, None, None, None, False])
    path = tmp_path / "table.xlsx"
    book.save(path)
    table = read(path)
    assert table.lines[0].cells == ["Rossi", "5", "1.5", "2026-03-01", "2026-03-01 09:30:00", "1"]
    assert table.lines[1].cells == ["Bianchi", "7", "", "", "", "0"]
    assert table.empty == [3]


def test_a_damaged_real_file_points_at_its_rows(shared):
    table = read(shared / "data" / "dirty" / "bank_additional_trailing_commas.csv")
    assert len(table.headers) == 21
    assert table.refused
    assert all("21" in reason for _number, reason in table.refused)


TORN = "name,rate,index,count\nA,1.1,93.994,7\n"


def test_numbers_torn_at_their_comma_are_refused_with_the_row(tmp_path):
    table = parse("rates.csv", (TORN + "B,1,1,93\nC,1,93,994\nD,2,93,994\nE,2,93,994\nF,,93.994,1\n").encode())
    assert [line.cells[0] for line in table.lines] == ["A", "F"]
    assert [number for number, _reason in table.refused] == [3, 4, 5, 6]
    assert "“index”" in table.refused[0][1]
    assert table.torn[4] == ["C", "1", "93", "994"]


def test_numbers_that_are_whole_by_nature_are_no_torn_ones(tmp_path):
    rows = "".join(f"X{n},{n},{n + 1},{n % 7}\n" for n in range(100))
    table = parse("rates.csv", (TORN + rows + "Z,1,93,994\n").encode())
    assert table.refused == []
    prices = "name,price,n,m\nA,12.50,12,50\n" + "B,12,50,1\n" * 50
    assert parse("prices.csv", prices.encode()).refused == []
    assert parse("prices.csv", (TORN + "C;1;93;994\n" * 5).replace(",", ";").encode()).refused == []


def bomb(megabytes):
    """A spreadsheet of a few kilobytes that unpacks to so many megabytes; the archive tells its size truly, or lies."""
    content = BytesIO()
    with ZipFile(content, "w", ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b" " * megabytes * 1024 * 1024)
    return content.getvalue()


def test_a_zip_bomb_is_refused_before_it_is_unpacked():
    content = bomb(40)
    assert len(content) < 100_000
    tracemalloc.start()
    with pytest.raises(FileRefused, match="unpacks to more than 30 MB"):
        parse("bomb.xlsx", content, limits=Limits(unpacked=30 * 1024 * 1024))
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()


def test_a_zip_bomb_that_lies_about_its_size_is_refused():
    content = bytearray(bomb(40))
    entry = content.rindex(b"PK\x01\x02")
    content[entry + 24 : entry + 28] = (1000).to_bytes(4, "little")
    local = content.rindex(b"PK\x03\x04")
    content[local + 22 : local + 26] = (1000).to_bytes(4, "little")
    with pytest.raises(FileRefused, match="not a spreadsheet"):
        parse("bomb.xlsx", bytes(content), limits=Limits(unpacked=30 * 1024 * 1024))
