"""How well the learnt score tells leads it has not seen: five fixed folds of a real seller's leads, by the code of `score_csv`.

The data lie beside the checkout (ZENCRM_SHARED moves them) and are no part of the project; without them there are no figures.
"""

import csv
import json
import os
import time
from pathlib import Path
from typing import Any

import django

#: Columns filled in after somebody had called, and keys: what is left is what one knows beforehand.
AFTERWARDS = "Tags,Lead Quality,Lead Profile,Last Notable Activity,Asymmetrique*,Prospect ID,Lead Number"
LABEL = "Converted"


def main() -> dict[str, Any]:
    from django.conf import settings

    folder = Path(os.environ.get("ZENCRM_SHARED", settings.BASE_DIR.parent / "shared")) / "data" / "xeducation"
    if not (folder / "public_folds.csv").exists():
        return {}
    with (folder / "public_folds.csv").open(newline="") as file:
        folds = {row["Lead Number"]: row["fold"] for row in csv.DictReader(file)}
    started = time.perf_counter()
    found = [_judged(folder / "leads_train.csv", folds, fold) for fold in sorted(set(folds.values()))]
    means = {name: round(sum(one[name] for one in found) / len(found), 4) for name in ("auc", "log_loss")}
    return means | {"folds": found, "seconds": round((time.perf_counter() - started) / len(found), 1)}


def _judged(path: Path, folds: dict[str, str], fold: str) -> dict[str, float]:
    """Learn from the other folds, tell this one."""
    from leads.scoring.learning import checking, tables
    from leads.scoring.learning.forecasting import forecast
    from leads.scoring.learning.tables import Rows

    table = tables.read(path)
    inside = [folds[number] == fold for number in table.column("Lead Number")]
    parts = [
        Rows(table.names, [row for row, here in zip(table.rows, inside, strict=True) if here == asked], [])
        for asked in (False, True)
    ]
    told = forecast(*parts, label=LABEL, exclude=[AFTERWARDS]).probabilities
    outcomes = [int(value) for value in parts[1].column(LABEL)]
    return {
        "auc": round(checking.auc(told, outcomes), 4),
        "log_loss": round(checking.log_loss(told, outcomes), 4),
    }


if __name__ == "__main__":
    django.setup()
    print(json.dumps(main()))
