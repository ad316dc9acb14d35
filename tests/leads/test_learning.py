"""The learnt model: what each field is worth, that it adds up, and that it knows when it has nothing to say."""

import json
import os
import random
import subprocess
import sys

import pytest

from leads.scoring.learning import Model, checking, columns, fields, fitting, values
from leads.scoring.learning.fields import MISSING, OTHER, Field

SIZE = 1200


def told_by(rng, source, visits, together):
    """Who comes from a fair buys, and who has looked around; both fields of `together` only where they agree."""
    log_odds = {"fair": 1.5, "web": -0.5, "": -1.0}[source] + (visits or 0) / 5 - 1
    log_odds += 1.5 if together[0] == together[1] else -1.5
    return int(rng.random() < 1 / (1 + 2.718281828**-log_odds))


@pytest.fixture(scope="module")
def sample():
    rng = random.Random(7)
    source = [rng.choice(["fair", "web", ""]) for _ in range(SIZE)]
    visits = [rng.choice([None, *range(10)]) for _ in range(SIZE)]
    one, other = ([rng.choice("ab") for _ in range(SIZE)] for _ in range(2))
    rows = zip(source, visits, zip(one, other, strict=True), strict=True)
    outcomes = [told_by(rng, *row) for row in rows]
    return fitting.Sample({"source": source, "visits": visits, "one": one, "other": other}, outcomes)


def fields_of(sample):
    numbers = [n for n in sample.columns["visits"] if n is not None]
    levels = [fields.level_field(name, fields.CHOICE, sample.columns[name]) for name in ("source", "one", "other")]
    return [fields.number_field("visits", numbers), *levels]


@pytest.fixture(scope="module")
def model(sample):
    return fitting.fit(sample, fields_of(sample))


def test_it_learns_what_is_there(model):
    fair, web = ({"source": name, "visits": 5, "one": "a", "other": "a"} for name in ("fair", "web"))
    assert model.probability(fair) > model.probability(web) + 0.15
    assert model.probability(fair | {"visits": 9}) > model.probability(fair | {"visits": 0}) + 0.1


def test_what_two_fields_say_only_together_is_found(model):
    assert {frozenset((pair.first.name, pair.second.name)) for pair in model.pairs} >= {frozenset(("one", "other"))}
    alike, apart = ({"one": "a", "other": other} for other in "ab")
    assert model.log_odds(alike) > model.log_odds(apart) + 1


def test_the_parts_add_up_and_are_nought_on_average(model, sample):
    sums = dict.fromkeys((part.names for part in model.parts({})), 0.0)
    for row in range(len(sample)):
        parts = model.parts(sample.values(row))
        told = model.intercept + sum(part.log_odds for part in parts)
        assert told == pytest.approx(model.log_odds(sample.values(row)), abs=1e-9)
        for part in parts:
            sums[part.names] += part.log_odds
    assert all(abs(total) / len(sample) < 1e-6 for total in sums.values())


def test_what_is_told_on_average_is_what_happened(model, sample):
    told = [model.probability(sample.values(row)) for row in range(len(sample))]
    assert sum(told) == pytest.approx(sum(sample.outcomes), rel=0.01)


def test_it_is_the_same_after_a_night_in_the_database(model, sample):
    again = Model.from_json(json.loads(json.dumps(model.to_json())))
    for row in range(0, len(sample), 17):
        assert again.log_odds(sample.values(row)) == pytest.approx(model.log_odds(sample.values(row)), abs=1e-4)


def test_a_value_never_seen_is_an_ordinary_one(model):
    new = {"source": "carrier pigeon", "visits": "many", "one": "z", "other": "z"}
    assert 0.01 < model.probability(new) < 0.99


def test_noise_is_worth_next_to_nothing():
    rng = random.Random(1)
    sample = fitting.Sample({"x": [rng.random() for _ in range(400)]}, [rng.randint(0, 1) for _ in range(400)])
    model = fitting.fit(sample, [fields.number_field("x", sample.columns["x"])])
    assert max(map(abs, model.fields[0].weights)) < 0.35


class TestFields:
    def test_a_number_falls_into_its_bin(self):
        made = fields.number_field("n", [float(n) for n in range(100)])
        assert made.codes(None) == (MISSING,)
        assert made.codes("no idea") == (OTHER,)
        assert made.codes(-5) < made.codes("50") < made.codes(1e9)
        assert made.codes(float("nan")) == (OTHER,)

    def test_nought_that_occurs_often_stands_alone(self):
        made = fields.number_field("n", [0.0] * 300 + [float(n) for n in range(1, 200)])
        assert made.codes(0) != made.codes(1)

    def test_case_and_blanks_make_no_difference(self):
        made = fields.level_field(
            "s", fields.CHOICE, [values.level(t) for t in ["Google", "google ", "Fiera  di Milano"] * 5]
        )
        assert made.codes("GOOGLE") == made.codes(" google")
        assert made.codes("fiera di milano") != made.codes("google")

    def test_naples_is_no_missing_province(self):
        made = fields.level_field("province", fields.CHOICE, ["na", "mi", "to"] * 5)
        assert made.codes("NA") not in ((MISSING,), (OTHER,))

    def test_texts_are_read_word_by_word(self):
        texts = [values.level(f"need {'urgent' if n % 2 else 'later'} offer {n}") for n in range(60)]
        made = fields.level_field("need", fields.WORDS, texts)
        assert set(made.codes("an urgent case")) & set(made.codes("urgent"))
        assert "urgent" in made.words

    def test_free_mail_is_one_domain(self):
        assert values.domain("Anna@GMAIL.com") == values.domain("b@libero.it") == values.FREE
        assert values.domain("anna@pompe.example") == "pompe.example"
        assert values.domain("no address") == ""


@pytest.mark.parametrize(
    ("name", "texts", "expected"),
    [
        ("Lead Number", [str(660000 + n * 7) for n in range(100)], columns.KEY),
        ("Prospect ID", [f"{n:08x}-ab12" for n in range(100)], columns.KEY),
        ("Magazine", ["No"] * 100, columns.CONSTANT),
        ("nothing", [""] * 100, columns.CONSTANT),
        ("day", [f"{n % 28 + 1:02}-02-2018" for n in range(100)], columns.DAYS),
        ("visits", [str(n % 9) for n in range(100)], "number"),
        ("revenue", [str(n * n + 17 * (n % 5)) for n in range(100)][::-1] + ["5"], "number"),
        ("price", [f"{n},50" for n in range(100)], "number"),
        ("postcode", [f"{n % 40:05}" for n in range(100)], "choice"),
        ("mail", [f"a{n}@x{n % 4}.example" for n in range(100)], "domain"),
        ("note", [f"call back about offer {n}" for n in range(100)], "words"),
        ("agreed", ["0", "1"] * 50, "choice"),
    ],
)
def test_columns_are_known_by_what_is_in_them(name, texts, expected):
    found = columns.field_of(name, texts)
    assert (found.kind if isinstance(found, Field) else found) == expected


def test_a_field_filled_in_afterwards_is_pointed_at():
    outcomes = [n % 2 for n in range(200)]
    late = ["agreed" if outcome else "" for outcome in outcomes]
    sample = fitting.Sample({"late": late, "honest": [str(n % 3) for n in range(200)]}, outcomes)
    found = checking.leaks(sample)
    assert [(leak.name, leak.kind) for leak in found] == [("late", "presence")]
    assert "100 %" in found[0].sentence("Late")


def test_figures_of_a_perfect_and_of_a_blind_model():
    outcomes = [0] * 50 + [1] * 50
    assert checking.auc(outcomes, outcomes) == 1
    assert checking.auc([0.5] * 100, outcomes) == 0.5
    assert checking.lift([float(n) for n in range(100)], outcomes)[0]["lift"] == 2
    assert checking.lift([float(n) for n in range(100)], outcomes)[-1]["won_so_far"] == 1
    assert [part["won"] for part in checking.calibration([float(n) for n in range(100)], outcomes, parts=2)] == [0, 1]


def test_scoring_loads_no_library_of_mathematics():
    code = (
        "import django, sys; django.setup(); import zencrm.urls, leads.scoring.learning.forecasting;"
        "sys.exit(', '.join(sorted({'numpy', 'scipy', 'sklearn'} & set(sys.modules))) or 0)"
    )
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    subprocess.run([sys.executable, "-c", code], check=True, env=env)
