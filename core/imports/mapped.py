"""A mapping is kept for its run, and for the next file with the same headers."""

from typing import Any

from django.db import transaction

from core.imports import choice
from core.imports.reader import Table
from core.models import ImportMapping, ImportRun


def remembered(run: ImportRun, table: Table) -> dict[str, Any]:
    """What this person chose for a file with the same headers, as long as this one is not mapped itself."""
    if run.mapping:
        return {}
    found = ImportMapping.objects.filter(
        user_id=run.owner_id, kind=run.kind, headers=choice.fingerprint(table.headers)
    ).first()
    return found.mapping if found and set(found.mapping["columns"]) == {h for h in table.headers if h} else {}


@transaction.atomic
def keep_mapping(run: ImportRun, table: Table, mapping: dict[str, Any], *, by: Any) -> None:
    """For this run, and for the next file with the same headers."""
    run.assign_columns(by=by, mapping=mapping, reading=vars(table.reading), total=len(table.lines))
    _remember(run, table, by)


@transaction.atomic
def keep_words(run: ImportRun, table: Table, columns: dict[str, Any], *, by: Any) -> None:
    """The same columns, with what their words mean."""
    run.assign_words(by=by, mapping={**run.mapping, "columns": columns})
    _remember(run, table, by)


def _remember(run: ImportRun, table: Table, by: Any) -> None:
    ImportMapping.objects.update_or_create(
        user=by, kind=run.kind, headers=choice.fingerprint(table.headers), defaults={"mapping": run.mapping}
    )
