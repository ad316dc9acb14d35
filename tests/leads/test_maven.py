"""Deals in which there is nothing to be learnt: the guard rail says so, whatever the model believes to see."""

import os
from datetime import datetime
from pathlib import Path

import pytest
from django.conf import settings

from leads.scoring import backtest, inputs
from leads.scoring.learning import tables

FOLDER = Path(os.environ.get("ZENCRM_SHARED", settings.BASE_DIR.parent / "shared")) / "data" / "maven"
#: Known beforehand: who sells what to whom, and what kind of company that is.
JOINED = (("accounts.csv", "account"), ("products.csv", "product"), ("sales_teams.csv", "sales_agent"))
KNOWN_AFTERWARDS = ("opportunity_id", "deal_stage", "engage_date", "close_date", "close_value")

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not FOLDER.exists(), reason=f"THE DEALS ARE NOT THERE ({FOLDER}): the guard rail is not tested"),
]


def by_name(file, key):
    found = tables.read(FOLDER / file)
    return {row[found.names.index(key)]: dict(zip(found.names, row, strict=True)) for row in found.rows}


def deals():
    """Closed deals in the order in which they began: values, outcome, day; read as `score_csv` reads tables."""
    (path,) = FOLDER.glob("sales_pipeline*.csv")
    table = tables.read(path)
    joined = [(key, by_name(file, key)) for file, key in JOINED]
    outcomes = tables.outcomes(table.column("deal_stage"), "")
    found = []
    for cells, outcome in zip(table.rows, outcomes, strict=True):
        deal = dict(zip(table.names, cells, strict=True))
        if outcome is None or not deal["engage_date"]:
            continue
        values = {name: value for name, value in deal.items() if name not in KNOWN_AFTERWARDS}
        for key, rows in joined:
            values |= rows.get(deal[key], {})
        found.append((datetime.fromisoformat(deal["engage_date"]), values, outcome))
    return sorted(found, key=lambda row: row[0])


def test_where_nothing_can_be_told_the_guard_rail_says_so():
    found = deals()
    assert len(found) > 4000
    rows = [{inputs.FURTHER + name: value for name, value in values.items()} for _at, values, _outcome in found]
    taking_part = {made.name.removeprefix(inputs.FURTHER) for made in inputs.fields_of(rows)}
    assert {"product", "sector", "sales_agent", "manager", "revenue"} <= taking_part
    tested = backtest.run(rows, [outcome for *_rest, outcome in found], [at for at, *_rest in found], [])
    assert not tested.says_more
    assert 0.45 < tested.auc < 0.55
