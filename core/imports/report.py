"""What became of every row of an import, with the reason, in the user's language."""

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext, pgettext_lazy


class Outcome(StrEnum):
    CREATE = "create"
    UPDATE = "update"
    SKIP = "skip"
    ERROR = "error"


LABELS: dict[str, Any] = {
    Outcome.CREATE: pgettext_lazy("outcome of a row", "create"),
    Outcome.UPDATE: pgettext_lazy("outcome of a row", "update"),
    Outcome.SKIP: pgettext_lazy("outcome of a row", "skip"),
    Outcome.ERROR: pgettext_lazy("outcome of a row", "error"),
}
_SHOWN_ROWS = 8


@dataclass
class RowReport:
    """One row: its number in the file (the header is row 1), what became of it, why, and what was noticed."""

    number: int
    outcome: Outcome
    key: str = ""
    reason: str = ""
    notes: list[str] = field(default_factory=list)
    blanks: list[tuple[str, str]] = field(default_factory=list)

    @property
    def remarks(self) -> str:
        return "; ".join([*([self.reason] if self.reason else []), *self.notes])


@dataclass
class Report:
    """All rows, and what concerns the file as a whole."""

    name: str
    kind: str
    rows: list[RowReport] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    dry_run: bool = False

    @property
    def totals(self) -> dict[str, int]:
        counted = Counter(row.outcome for row in self.rows)
        return {outcome.value: counted[outcome] for outcome in Outcome}

    @property
    def errors(self) -> list[RowReport]:
        return [row for row in self.rows if row.outcome is Outcome.ERROR]

    def folded(self) -> Iterator[tuple[str, RowReport]]:
        """Rows in file order, neighbours with the same outcome and remarks as one range: ("2–15", row)."""
        first: RowReport | None = None
        last = 0
        for row in sorted(self.rows, key=lambda row: row.number):
            same = first and (first.outcome, first.remarks) == (row.outcome, row.remarks) and row.number == last + 1
            if first and not same:
                yield _range(first.number, last), first
            if not same:
                first = row
            last = row.number
        if first:
            yield _range(first.number, last), first

    def blank_words(self) -> list[str]:
        """Words that counted as "not answered", by column, with how often and where first."""
        where: dict[tuple[str, str], list[int]] = {}
        for row in self.rows:
            for found in row.blanks:
                where.setdefault(found, []).append(row.number)
        return [
            _("%(column)s: “%(word)s” counts as not answered, %(n)d times (rows %(rows)s)")
            % {"column": column, "word": word, "n": len(rows), "rows": _first(rows)}
            for (column, word), rows in sorted(where.items())
        ]

    def total_line(self) -> str:
        totals = self.totals
        text = _("%(create)d created, %(update)d updated, %(skip)d skipped, %(error)d in error") % totals
        return _("Dry run, nothing was saved: %(totals)s") % {"totals": text} if self.dry_run else text

    def save(self, path: Path) -> None:
        """Every row with every remark, as CSV for a spreadsheet."""
        with path.open("w", newline="", encoding="utf-8-sig") as file:
            writer = csv.writer(file)
            writer.writerow([_("row"), _("outcome of a row"), pgettext("of a row", "key"), _("reason"), _("remarks")])
            for row in sorted(self.rows, key=lambda row: row.number):
                blanks = [_("%(column)s: “%(word)s” = not answered") % {"column": c, "word": w} for c, w in row.blanks]
                notes = "; ".join([*row.notes, *blanks])
                writer.writerow([row.number, LABELS[row.outcome], row.key, row.reason, notes])


def _range(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}–{last}"


def _first(rows: list[int]) -> str:
    shown = ", ".join(str(n) for n in rows[:_SHOWN_ROWS])
    return f"{shown}, …" if len(rows) > _SHOWN_ROWS else shown
