"""manage.py score_csv: learn from one table, tell the outcomes of another, with the same code as the score of leads."""

import csv
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from leads.scoring.learning import tables
from leads.scoring.learning.forecasting import Forecast, forecast


class Command(BaseCommand):
    help = (
        "Learn from the table TRAIN, whose column LABEL tells which rows were won, and write a probability for every row of"
        " the table INPUT: columns row,probability, in the order of INPUT. `row` counts from 0: the first row under the"
        " header is row 0. Lines with nothing in them are no rows. Tables are CSV (any separator and encoding) or XLSX."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--train", type=Path, required=True, help="the table to learn from")
        parser.add_argument(
            "--label", required=True, help="its column that tells the outcome: 1/0, yes/no, won/lost ..."
        )
        parser.add_argument(
            "--won", default="", help="the value of LABEL that means won, where it is none of the usual ones"
        )
        parser.add_argument(
            "--exclude", action="append", default=[], metavar="COL,...",
            help="columns that take no part; * stands for anything; may be given several times",
        )  # fmt: skip
        parser.add_argument("--input", type=Path, required=True, help="the table to tell the outcomes of")
        parser.add_argument("--output", type=Path, required=True, help="where to write them; - for the terminal")
        parser.add_argument("--explain", action="store_true", help="say what each column is worth")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = forecast(
                tables.read(options["train"]),
                tables.read(options["input"]),
                label=options["label"],
                exclude=options["exclude"],
                won=options["won"],
            )
        except tables.TableRefused as error:
            raise CommandError(str(error)) from error
        self.say(found, explain=options["explain"])
        self.write(found.probabilities, options["output"])

    def say(self, found: Forecast, *, explain: bool) -> None:
        """On the side, so that the output may be a pipe."""
        for warning in found.warnings:
            self.stderr.write(self.style.WARNING(warning))
        for name, why in found.left_out.items():
            self.stderr.write(f"{name}: {_(why)}")
        facts = {"n": found.learnt_from, "won": found.won, "rows": len(found.probabilities)}
        self.stderr.write(_("Learnt from %(n)d rows, %(won)d of them won; told %(rows)d rows.") % facts)
        if explain:
            for made in sorted(found.model.fields, key=lambda f: min(f.weights) - max(f.weights)):
                self.stderr.write(f"{made.name}: {min(made.weights):+.2f} ... {max(made.weights):+.2f}")

    def write(self, probabilities: list[float], path: Path) -> None:
        lines = [("row", "probability"), *((i, f"{p:.6f}") for i, p in enumerate(probabilities))]
        if str(path) == "-":
            csv.writer(sys.stdout, lineterminator="\n").writerows(lines)
            return
        try:
            with path.open("w", newline="", encoding="utf-8") as file:
                csv.writer(file, lineterminator="\n").writerows(lines)
        except OSError as error:
            raise CommandError(
                _("%(file)s cannot be written: %(why)s.") % {"file": path, "why": error.strerror}
            ) from error
