"""A file on its way in, in parts: the same resources as `import_table`, a batch at a time, each row accounted for."""

import re
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS
from django.db import transaction
from django.utils.translation import gettext as _

from core import access, history
from core.imports.catalogue import Importable
from core.imports.choice import fields_of, to_map
from core.imports.mapping import Cells
from core.imports.reader import Line, Table
from core.imports.report import Outcome
from core.imports.run import dataset_of

_OUTCOMES = {"new": Outcome.CREATE, "update": Outcome.UPDATE, "skip": Outcome.SKIP}
#: A cell that a spreadsheet would compute; numbers and phone numbers begin with + and - too.
_FORMULA = re.compile(r"[=@\t\r]|[+-](?![\d\s().,/€$-]*$)")


@dataclass
class Taken:
    """One row and what became of it."""

    number: int
    outcome: Outcome
    record: Any = None
    problems: list[tuple[str, str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    cells: list[str] | None = None


class Intake:
    """A table, a mapping and a person: takes rows in by their place in the table, any part of it, in order."""

    def __init__(self, kind: Importable, table: Table, mapping: dict[str, Any], *, by: access.Actor) -> None:
        self.table, self.by = table, by
        self.map = to_map(mapping, kind)
        costs = access.user_of(by)
        key = mapping["key"]
        self.resource = kind.resource(user=costs, by=by, map=self.map, preview=False, key=key, in_parts=True)
        self.map.check(table, set(self.resource.fields))
        self.key = self.resource.key_column
        self.columns = {spec.name: spec.column for spec in self.map.specs}
        self.labels = fields_of(self.resource)
        self.resource.file_row = lambda number: table.lines[number - 1].number

    def __len__(self) -> int:
        return len(self.table.lines)

    def row(self, line: Line) -> Cells:
        """The cells as our fields' values; the apostrophe with which we hand formulas out is taken off again."""
        cells = [cell[1:] if cell[:1] == "'" and cell[1:2] in "=+-@" and len(cell) > 1 else cell for cell in line.cells]
        found = self.map.row(line.number, dict(zip(self.table.headers, cells, strict=True)), self.key)
        for header, cell in zip(self.table.headers, cells, strict=True):
            if _FORMULA.match(cell):
                found.notes.append(_("%(column)s: looks like a formula, kept as text") % {"column": header})
        return found

    def pass_over(self, stop: int) -> None:
        """The rows before this one are in already."""
        if stop:
            self.resource.before_import(None)
        for number, line in enumerate(self.table.lines[:stop], 1):
            self.resource.passed(number, self.row(line).values)

    def take(self, start: int, stop: int, *, dry_run: bool = False) -> list[Taken]:
        """Take in these rows, all in one transaction; `dry_run` takes it back."""
        rows = [self.row(line) for line in self.table.lines[start:stop]]
        resource = self.resource
        resource.offset = start
        with transaction.atomic(), history.acting(self.by):
            result = resource.import_data(dataset_of(rows, self.key), use_transactions=False, raise_errors=False)
            transaction.set_rollback(dry_run)
        if result.base_errors:
            raise result.base_errors[0].error
        return [
            self.taken(self.table.lines[number - 1], number, cells, found)
            for number, (cells, found) in enumerate(zip(rows, result.rows, strict=True), start + 1)
        ]

    def taken(self, line: Line, number: int, cells: Cells, found: Any) -> Taken:
        notes = [*cells.notes, *self.resource.late_notes.pop(number, [])]
        if problems := self.problems(line, number, found):
            return Taken(line.number, Outcome.ERROR, problems=problems, notes=notes, cells=line.cells)
        outcome = _OUTCOMES[found.import_type]
        if outcome is Outcome.SKIP:
            notes.insert(0, self.resource.skipped.pop(number, ""))
        return Taken(line.number, outcome, self.resource.written.get(number), notes=notes)

    def problems(self, line: Line, number: int, found: Any) -> list[tuple[str, str, str]]:
        """(column of the file, value, reason) of everything that is wrong with a row."""
        if late := self.resource.late_errors.pop(number, ""):
            return [("", "", late)]
        if found.validation_error is None:
            return [("", "", str(error.error)) for error in found.errors]
        error = found.validation_error
        if not hasattr(error, "error_dict"):
            return [("", "", text) for text in error.messages]
        names = {f.attribute: name for name, f in self.resource.fields.items()}
        cells = dict(zip(self.table.headers, line.cells, strict=True))
        told = []
        for attribute, texts in error.message_dict.items():
            name = names.get(attribute, "" if attribute == NON_FIELD_ERRORS else attribute)
            column = self.columns.get(name, "")
            told.append((column or self.labels.get(name, name), cells.get(column, ""), " ".join(texts)))
        order = {header: at for at, header in enumerate(self.table.headers)}
        return sorted(told, key=lambda problem: order.get(problem[0], len(order)))

    def not_rows(self) -> list[Taken]:
        """What is torn or empty."""
        torn = [
            Taken(number, Outcome.ERROR, problems=[("", "", reason)], cells=self.table.torn.get(number))
            for number, reason in self.table.refused
        ]
        return torn + [Taken(number, Outcome.SKIP, notes=[_("empty row")]) for number in self.table.empty]

    def conclude(self, written: dict[int, int]) -> tuple[list[Any], dict[int, list[str]]]:
        """After the last row. Returns the records changed once more, and late notes by the file's row numbers."""
        with transaction.atomic(), history.acting(self.by):
            changed = self.resource.conclude(written)
        notes = {self.table.lines[n - 1].number: texts for n, texts in self.resource.late_notes.items()}
        return changed, notes
