"""The map: columns, words, dirt, and maps that do not fit."""

import pytest

from core.imports import Map, MapError, read
from core.imports.mapping import Bad, Emptied, Missing


def rows(given, text, tmp_path, key="external_key"):
    path = tmp_path / "t.csv"
    path.write_text(text)
    return list(Map.of(given).rows(read(path), key))


def test_blank_words_are_no_answer_and_are_told(tmp_path):
    given = {"blanks": ["Select"], "fields": {"city": "City", "country": {"column": "C", "default": ""}}, "key": "id"}
    (row,) = rows(given, "id,City,C\n1, select ,\n", tmp_path)
    assert isinstance(row.values["city"], Missing)
    assert isinstance(row.values["country"], Emptied)
    assert row.blanks == [("City", "select")]


def test_na_is_naples_and_no_blank(tmp_path):
    (row,) = rows({"fields": {"province": "prov"}, "key": "id"}, "id,prov\n1,NA\n", tmp_path)
    assert row.values["province"] == "NA"


def test_corrections_are_noted_and_reach_templates(tmp_path):
    given = {
        "key": "id",
        "key_prefix": "m-",
        "corrections": {"product": {"GTXPro": "GTX Pro"}},
        "fields": {"product": "product", "name": {"template": "{product} – {id}"}},
    }
    (row,) = rows(given, "id,product\n7,GTXPro\n", tmp_path)
    assert row.values == {"product": "GTX Pro", "name": "GTX Pro – 7", "external_key": "m-7"}
    assert "GTXPro" in row.notes[0]


def test_a_closed_list_names_a_stranger_and_what_it_may_be(tmp_path):
    given = {"key": "id", "fields": {"state": {"column": "stage", "values": {"Won": "won"}, "closed": True}}}
    good, bad = rows(given, "id,stage\n1,WON\n2,Wonn\n", tmp_path)
    assert good.values["state"] == "won"
    assert isinstance(bad.values["state"], Bad)
    assert "Wonn" in bad.values["state"].reason


def test_parts_conditions_constants_and_the_rest(tmp_path):
    given = {
        "key": ["a", "b"],
        "rest": "attributes",
        "ignore": ["noise"],
        "fields": {
            "first_name": {"column": "who", "part": "first"},
            "last_name": {"column": "who", "part": "last"},
            "closed_on": {"column": "day", "when": {"stage": ["Lost"]}},
            "is_customer": {"constant": True},
        },
    }
    text = "a,b,who,day,stage,noise,Visits\n1,2,Anna Maria Rossi,2026-01-01,Won,x,5\n"
    (row,) = rows(given, text, tmp_path)
    assert (row.values["first_name"], row.values["last_name"]) == ("Anna Maria", "Rossi")
    assert isinstance(row.values["closed_on"], Missing)
    assert row.values["attributes"] == {"Visits": "5"}
    assert row.values["external_key"] == "1/2"


@pytest.mark.parametrize(
    "given",
    [
        {"colour": "red"},
        {"fields": {"name": {"colum": "a"}}},
        {"fields": {"name": "absent"}},
        {"fields": {"nonsense": "a"}},
        {"fields": {"name": "a"}, "key": "absent"},
    ],
)
def test_a_wrong_map_says_so(tmp_path, given):
    path = tmp_path / "t.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(MapError):
        Map.of(given).check(read(path), {"name"})


def test_a_map_that_is_no_toml(tmp_path):
    path = tmp_path / "m.toml"
    path.write_text("fields = [")
    with pytest.raises(MapError):
        Map.load(path)
