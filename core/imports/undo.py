"""Taking an import back: what it made goes, what it changed gets its old values, each row by itself and told why not."""

from collections import defaultdict
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import access, history
from core.imports import catalogue, versions
from core.models import DataAccess, Event, ImportRow, ImportRun
from core.privacy.erasing import opened
from core.references import references_to

BATCH = 500
REMOVED, RESTORED, KEPT = "removed", "restored", "kept"


def undo(run: ImportRun) -> None:
    """Every row that is in, newest first; goes on where it was broken off."""
    resource = catalogue.get(run.kind).resource
    model = resource._meta.model
    while True:
        with transaction.atomic(), history.acting(run.owner):
            run = ImportRun.objects.select_for_update().get(pk=run.pk)
            rows = list(run.rows.taken().filter(undone="").order_by("-number")[:BATCH])
            if not run.is_working or not (rows or _again(model, run)):
                break
            _batch(resource, rows)
            run.done = max(run.total - run.rows.taken().filter(undone="").count(), 0)
            run.say(_("%(n)d rows undone") % {"n": len(rows)})
            run.attempts, run.touched_at = 0, timezone.now()
            run.save(update_fields=["log", "done", "counts", "attempts", "touched_at", "updated_at"])
    run.finish_undo(by=access.JOB)


def _again(model: Any, run: ImportRun) -> bool:
    """Rows may hang on rows of the same file (parent companies): those kept are tried again while others go."""
    mine = any(reference.model is model and not reference.kind for reference in references_to(model))
    gone = run.rows.taken().filter(undone=REMOVED).count()
    if not mine or gone == run.counts.get("gone", 0):
        return False
    run.counts["gone"] = gone
    return bool(run.rows.taken().filter(undone=KEPT, outcome="create").update(undone="", kept_because=""))


def _batch(resource: Any, rows: list[ImportRow]) -> None:
    model = resource._meta.model
    records = {record.pk: record for record in model._base_manager.select_for_update(of=("self",)).filter(
        pk__in=[row.record_id for row in rows]
    )}  # fmt: skip
    known = versions.of(model, list(records))
    made = [row.record_id or 0 for row in rows if row.outcome == "create"]
    hung = hanging_on(resource, [pk for pk in made if pk in records])
    shots = _snapshots(model, [row for row in rows if row.outcome == "update"])
    for row in rows:
        record = records.get(row.record_id)
        if record is None:
            row.undone, row.kept_because = KEPT, _("It was deleted meanwhile.")
        elif row.outcome == "create":
            row.kept_because = _why_not(row, known.get(record.pk, []), hung.get(record.pk))
        else:
            row.kept_because = _restore(record, shots.get(row.before), shots.get(row.version))
            row.undone = KEPT if row.kept_because else RESTORED
    _remove(resource, [row for row in rows if row.outcome == "create" and row.record_id in records], records)
    ImportRow.objects.bulk_update(rows, ["undone", "kept_because"], batch_size=1000)


# --- New rows -------------------------------------------------------------------------------------------------------------


def _why_not(row: ImportRow, known: list[int], hung: str | None) -> str:
    if hung:
        return _("Something hangs on it: %(what)s.") % {"what": hung}
    if known and known[-1] != row.version:
        return _("It was changed since.")
    return ""


def _remove(resource: Any, rows: list[ImportRow], records: dict[int, Any]) -> None:
    for row in rows:
        row.undone = KEPT if row.kept_because else REMOVED
    going = [records[row.record_id or 0] for row in rows if row.undone == REMOVED]
    try:
        with transaction.atomic():
            _delete(resource, going)
        return
    except DatabaseError:
        pass
    for row in rows:
        if row.undone == REMOVED:
            try:
                with transaction.atomic():
                    _delete(resource, [records[row.record_id or 0]])
            except DatabaseError as error:
                row.undone, row.kept_because = KEPT, str(error).partition("\n")[0]


def _delete(resource: Any, records: list[Any]) -> None:
    """The rows alone: history keeps that they came and went. Whatever points to them is said now, not at the commit."""
    pks = [record.pk for record in records]
    rows = resource._meta.model._base_manager.filter(pk__in=pks)
    if (along := resource.born_with(pks)) is not None:
        with opened(along.model):
            along._raw_delete(along.db)
    rows._raw_delete(rows.db)
    connection.check_constraints()


def hanging_on(resource: Any, pks: list[int]) -> dict[int, str]:
    """Record -> what points to it, by name: rows of other tables, notes and activities, later events."""
    found: dict[int, set[str]] = defaultdict(set)
    model, along = resource._meta.model, resource.born_with(pks)
    for reference in references_to(model):
        rows = reference.rows(model, pks)
        if reference.model is DataAccess:
            continue  # that somebody has looked at it holds nothing back
        if reference.model is Event:
            rows = rows.exclude(name=f"{model._meta.model_name}.imported")
        if along is not None and reference.model is along.model:
            rows = rows.exclude(pk__in=along.values("pk"))
        for pk in rows.values_list(reference.field.attname, flat=True).distinct():
            found[pk].add(str(reference.model._meta.verbose_name))
    return {pk: ", ".join(sorted(names)) for pk, names in found.items()}


# --- Updated rows ---------------------------------------------------------------------------------------------------------


def _snapshots(model: Any, rows: list[ImportRow]) -> dict[int | None, Any]:
    """Id of a version -> the version, for those before and after the import of all these rows."""
    wanted = {pk for row in rows for pk in (row.before, row.version) if pk}
    return model.pgh_event_model.objects.in_bulk(wanted) if wanted else {}


def _restore(record: Any, old: Any, new: Any) -> str:
    """Give each column back the value it had, where it still has the one the import gave it. Returns why not."""
    if old is None or new is None:
        return _("Its earlier values are not known.")
    if not getattr(record, "is_editable", True):
        return _("It can no longer be changed.")
    names: list[Any] = []
    later: list[Any] = []
    for column in record._meta.concrete_fields:
        name = column.attname
        if not hasattr(old, name) or getattr(old, name) == getattr(new, name) or column.name == "state":
            continue
        (names if getattr(record, name) == getattr(new, name) else later).append(column)
    for column in names:
        setattr(record, column.attname, getattr(old, column.attname))
    if names:
        stamps = {f.name for f in record._meta.concrete_fields if getattr(f, "auto_now", False)}
        record.save(update_fields={column.name for column in names} | stamps)
    labels = ", ".join(str(column.verbose_name) for column in later)
    return _("Changed since, and left so: %(fields)s.") % {"fields": labels} if later else ""
