"""Files as they come: encodings, delimiters, ragged rows, spreadsheets, and what is no table."""

import pytest
from openpyxl import Workbook

from core.imports import FileRefused, read


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
