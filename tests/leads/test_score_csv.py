"""`manage.py score_csv`: anybody's table in, one probability per row out, and a clear answer to what cannot be learnt from."""

import csv
import random

import pytest
from django.core.management import CommandError, call_command
from openpyxl import Workbook

HEAD = ["id", "Source", "Visits", "Note", "Converted"]


def rows_of(n, seed=1, words=("1", "0")):
    """Rows whose outcome hangs on the source: fairs sell."""
    rng = random.Random(seed)
    found = []
    for i in range(n):
        source = rng.choice(["Fiera", "Web", ""])
        won = rng.random() < (0.85 if source == "Fiera" else 0.15)
        found.append([str(i), source, str(rng.randint(0, 9)), f"nota, n. {i}", words[0 if won else 1]])
    return found


@pytest.fixture
def files(tmp_path):
    def write(name, rows, head=HEAD, delimiter=",", encoding="utf-8"):
        path = tmp_path / name
        with path.open("w", newline="", encoding=encoding) as file:
            csv.writer(file, delimiter=delimiter).writerows([head, *rows])
        return path

    return write


def score(tmp_path, train, asked, **options):
    out = tmp_path / "out.csv"
    call_command("score_csv", train=train, input=asked, output=out, **{"label": "Converted", **options})
    with out.open(newline="") as file:
        found = list(csv.DictReader(file))
    assert [int(row["row"]) for row in found] == list(range(len(found)))
    return [float(row["probability"]) for row in found]


def test_one_probability_per_row_in_the_order_of_the_file(tmp_path, files):
    asked = [["x", "Web", "1", ""], ["y", "Fiera", "1", ""], ["z", "Web", "1", ""]]
    told = score(tmp_path, files("a.csv", rows_of(300)), files("b.csv", asked, HEAD[:-1]))
    assert len(told) == 3
    assert told[1] > 0.6 > 0.4 > told[0] == told[2]


@pytest.mark.parametrize(
    "words",
    [
        ("yes", "no"),
        ("True", "False"),
        ("Won", "Lost"),
        ("sì", "no"),
        ("vinto", "perso"),
        ("VERO", "FALSO"),
        ("1.0", "0.0"),
    ],
)
def test_outcomes_in_both_languages(tmp_path, files, words):
    told = score(tmp_path, files("a.csv", rows_of(200, words=words)), files("b.csv", rows_of(9, seed=2)))
    assert len(told) == 9
    assert max(told) > 0.6


@pytest.mark.parametrize(("delimiter", "encoding"), [(";", "cp1252"), ("\t", "utf-16"), ("|", "utf-8-sig")])
def test_any_separator_and_encoding(tmp_path, files, delimiter, encoding):
    train = files("a.csv", rows_of(200), delimiter=delimiter, encoding=encoding)
    asked = files(
        "b.csv",
        [["1", "Fiera", "2", "perché", ""], ["2", "Web", "2", "così", ""]],
        delimiter=delimiter,
        encoding=encoding,
    )
    told = score(tmp_path, train, asked)
    assert told[0] > told[1]


def test_a_spreadsheet(tmp_path, files):
    book = Workbook()
    for row in [HEAD, *rows_of(120)]:
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    assert len(score(tmp_path, tmp_path / "a.xlsx", tmp_path / "a.xlsx")) == 120


def test_columns_that_are_missing_moved_or_new(tmp_path, files, capsys):
    asked = files("b.csv", [["?", "Fiera"], ["?", "Web"]], head=["new", "source "])
    told = score(tmp_path, files("a.csv", rows_of(300)), asked)
    assert told[0] > 0.6 > told[1]
    assert "Visits" in capsys.readouterr().err


def test_rows_of_the_wrong_width_and_empty_lines(tmp_path, files):
    path = files("b.csv", [])
    path.write_text("id,Source,Visits,Note\n1,Fiera\n\n2,Web,3,a,b,c\n,,,\n3,Fiera,1,x\n")
    told = score(tmp_path, files("a.csv", rows_of(300)), path)
    assert len(told) == 4
    assert told[0] > told[1] < told[3]


def test_rows_still_open_are_not_learnt_from(tmp_path, files):
    still_open = [[str(n), "Fiera", "1", "", "in progress"] for n in range(200)]
    told = score(tmp_path, files("a.csv", rows_of(300) + still_open), files("b.csv", rows_of(5, seed=3)))
    assert max(told) > 0.6


def test_what_is_excluded_takes_no_part(tmp_path, files):
    train, asked = (
        files("a.csv", rows_of(300)),
        files("b.csv", [["1", "Fiera", "2", "", ""], ["2", "Web", "2", "", ""]]),
    )
    told = score(tmp_path, train, asked, exclude=["Sour*, Note", "Nowhere"])
    assert told[0] == told[1]


def test_days_within_those_learnt_from_count_and_later_ones_do_not(tmp_path, files):
    rng = random.Random(5)
    months = [rng.randint(1, 12) for _ in range(400)]
    rows = [[f"{rng.randint(1, 28):02}/{m:02}/2025", str(int(rng.random() < (0.9 if m > 6 else 0.1)))] for m in months]
    train = files("a.csv", rows, head=["day", "Converted"])
    within = score(tmp_path, train, files("b.csv", [["15/02/2025", ""], ["15/10/2025", ""]], head=["day", "Converted"]))
    assert within[0] < 0.3 < 0.7 < within[1]
    later = score(tmp_path, train, files("c.csv", [["15/02/2026", ""], ["15/10/2026", ""]], head=["day", "Converted"]))
    assert later[0] == later[1]


@pytest.mark.parametrize(
    ("rows", "options", "expected"),
    [
        ([[str(n), "Web", "1", "", "1"] for n in range(50)], {}, "one value only, “1”"),
        ([[str(n), "Web", "1", "", ""] for n in range(50)], {}, "is empty"),
        (rows_of(50, words=("gold", "lead")), {}, "--won"),
        (rows_of(50), {"label": "Outcome"}, "There is no column “Outcome”"),
        ([["1", "Web", "1", "", "1"], ["2", "Web", "1", "", "0"]], {}, "at least 5 of each"),
        ([], {}, "is empty"),
    ],
)
def test_what_cannot_be_learnt_from_says_why(tmp_path, files, rows, options, expected):
    with pytest.raises(CommandError, match=expected):
        score(tmp_path, files("a.csv", rows), files("b.csv", rows_of(3)), **options)
    assert not (tmp_path / "out.csv").exists()


def test_a_value_of_ones_own_for_won(tmp_path, files):
    told = score(
        tmp_path, files("a.csv", rows_of(200, words=("gold", "lead"))), files("b.csv", rows_of(20, seed=4)), won="Gold"
    )
    assert max(told) > 0.6


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\x89PNG....", b"%PDF-1.4", b"\0\0\0\0"])
def test_files_that_are_no_tables(tmp_path, files, content):
    bad = tmp_path / "bad.csv"
    bad.write_bytes(content)
    with pytest.raises(CommandError):
        score(tmp_path, bad, files("b.csv", rows_of(3)))
    with pytest.raises(CommandError):
        score(tmp_path, tmp_path / "nowhere.csv", files("b.csv", rows_of(3)))


def test_nothing_but_keys_and_constants_gives_the_average(tmp_path, files):
    rows = [[str(n), "Web", "1", "", str(int(n % 4 == 0))] for n in range(100)]
    told = score(tmp_path, files("a.csv", rows), files("b.csv", rows_of(4)))
    assert told == pytest.approx([0.25] * 4, abs=1e-4)
