"""One import from file to report."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import tablib
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from core import access, history
from core.fields import imports as own_fields
from core.imports.lookups import plain
from core.imports.mapping import Bad, Cells, Map, MapError
from core.imports.reader import Table, read
from core.imports.report import Outcome, Report, RowReport
from core.imports.resource import RecordResource

_OUTCOMES = {"new": Outcome.CREATE, "update": Outcome.UPDATE, "skip": Outcome.SKIP}


def import_table(
    resource_class: type[RecordResource],
    path: Path,
    *,
    map: Map | None = None,
    dry_run: bool = False,
    by: access.Actor = access.JOB,
    on_progress: Callable[[int, int], None] = lambda _done, _of: None,
) -> Report:
    """Take a file in: good rows are saved, the others are reported, all in one transaction; `dry_run` takes it back.

    Raises FileRefused or MapError when nothing can be done at all.
    """
    table = read(path)
    fields = resource_class(by=by).fields
    chosen = map or Map.guess(table.headers, names_of(resource_class()))
    chosen.check(table, {*fields, *chosen_options(resource_class)})
    resource = resource_class(by=by, map=chosen, preview=False)
    key = resource._meta.import_id_fields[0]
    if not chosen.key and all(spec.name != key for spec in chosen.specs):
        raise MapError(
            _("No column identifies the rows: call one “%(key)s”, or name one as the map's key.") % {"key": key}
        )
    rows = list(chosen.rows(table, key))
    report = Report(table.name, table.kind, dry_run=dry_run)
    if unused := chosen.unused(table):
        report.remarks.append(_("Columns not taken: %(names)s.") % {"names": ", ".join(unused)})
    resource.file_row = lambda number: rows[number - 1].number
    resource.on_progress = lambda done: on_progress(done, len(rows))
    with transaction.atomic(), history.acting(by):
        result = resource.import_data(dataset_of(rows, key), use_transactions=False, raise_errors=False)
        transaction.set_rollback(dry_run)
    report.remarks += [str(error.error) for error in result.base_errors]
    report.rows = [
        _row_report(cells, found, number, resource)
        for number, (cells, found) in enumerate(zip(rows, result.rows, strict=False), 1)
    ]
    report.rows += _not_tried(table)
    return report


def chosen_options(resource_class: type[RecordResource]) -> set[str]:
    """Names a map may use that are no columns of the model."""
    return set(getattr(resource_class, "EXTRA_FIELDS", ()))


def names_of(resource: RecordResource) -> dict[str, str]:
    """Field names and labels in the present language, as people may have headed their columns: compared word -> field."""
    model: Any = resource._meta.model
    labels = {f.name: f.verbose_name for f in model._meta.get_fields() if hasattr(f, "verbose_name")}
    labels |= own_fields.labels(model)
    found = {}
    for name, field in resource.fields.items():
        for word in (labels.get(name, name), name.replace("_", " "), field.column_name, name):
            found[plain(str(word))] = name
    return found


def dataset_of(rows: list[Cells], key: str) -> tablib.Dataset:
    headers = list(rows[0].values) if rows else [key]
    dataset = tablib.Dataset(headers=headers)
    for cells in rows:
        dataset.append([cells.values[name] for name in headers])
    return dataset


def _row_report(cells: Cells, found: Any, number: int, resource: RecordResource) -> RowReport:
    key = cells.values.get(resource._meta.import_id_fields[0], "")
    shown = "" if isinstance(key, Bad) else str(key)
    notes = [*cells.notes, *resource.late_notes.get(number, [])]
    if reason := resource.late_errors.get(number, "") or _reason(found, resource):
        return RowReport(cells.number, Outcome.ERROR, shown, reason, notes, cells.blanks)
    outcome = _OUTCOMES[found.import_type]
    reason = resource.skipped.get(number, "") if outcome is Outcome.SKIP else ""
    return RowReport(cells.number, outcome, shown, reason, notes, cells.blanks)


def _reason(found: Any, resource: RecordResource) -> str:
    if found.validation_error is not None:
        return _complaints(found.validation_error, resource)
    return "; ".join(str(error.error) for error in found.errors)


def _complaints(error: ValidationError, resource: RecordResource) -> str:
    labels = {f.attribute: f.column_name for f in resource.fields.values()}
    model: Any = resource._meta.model
    names = {getattr(f, "attname", f.name): f.verbose_name for f in model._meta.concrete_fields}
    names |= own_fields.labels(model)
    if not hasattr(error, "error_dict"):
        return " ".join(error.messages)
    found = []
    for name, problems in error.message_dict.items():
        text = " ".join(problems)
        label = names.get(name) or labels.get(name) or name
        found.append(text if name == NON_FIELD_ERRORS else f"{label}: {text}")
    return "; ".join(found)


def _not_tried(table: Table) -> list[RowReport]:
    refused = [RowReport(number, Outcome.ERROR, reason=reason) for number, reason in table.refused]
    return refused + [RowReport(number, Outcome.SKIP, reason=_("empty row")) for number in table.empty]
