"""The versions of records around an import, as the database keeps them for tracked models."""

from collections import defaultdict
from typing import Any

from core.models import ImportRow


def note(model: Any, rows: list[ImportRow]) -> None:
    """Write down with each row which version the import made, and which was there before; the caller saves."""
    found = of(model, [row.record_id for row in rows if row.record_id])
    for row in rows:
        known = found.get(row.record_id or 0, [])
        row.version = known[-1] if known else None
        row.before = known[-2] if len(known) > 1 and row.outcome == "update" else None


def renew(model: Any, rows: list[ImportRow]) -> None:
    """The import has written these records once more: that is its version now."""
    found = of(model, [row.record_id for row in rows if row.record_id])
    for row in rows:
        row.version = found[row.record_id or 0][-1]
    ImportRow.objects.bulk_update(rows, ["version"], batch_size=1000)


def of(model: Any, pks: list[int]) -> dict[int, list[int]]:
    """Record -> the ids of its versions, oldest first."""
    found: dict[int, list[int]] = defaultdict(list)
    if pks and hasattr(model, "pgh_event_model"):
        events = model.pgh_event_model.objects.filter(pgh_obj_id__in=pks).order_by("pgh_id")
        for pk, version in events.values_list("pgh_obj_id", "pgh_id"):
            found[pk].append(version)
    return found
