"""The work of an import, done by a worker: checked, run and undone in batches, cancelled between two of them.

A batch, its journal and its progress are one transaction. Whoever takes up the work of a killed worker therefore begins with
the first row that is not in, and no row goes in twice. One worker at a time: it holds a lock that dies with its connection.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import OperationalError, connection, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from core import access, copying, files, outbox
from core.imports import catalogue, undo, versions
from core.imports.catalogue import LIMITS
from core.imports.intake import Intake, Taken
from core.imports.mapping import MapError
from core.imports.reader import FileRefused, Reading, Table, parse
from core.models import ImportRow, ImportRun

BATCH = 1000
#: Rows of each outcome kept of a dry run, and skipped ones kept of a run.
SAMPLE = 20
#: A worker that says nothing for so many seconds may be dead: another one asks for its lock.
SILENCE = 60
#: So many workers may die of a file before it is given up.
MOST_ATTEMPTS = 4
#: The number of our advisory locks.
_LOCK = 7_304_113
log = logging.getLogger("zencrm.imports")


def table_of(run: ImportRun) -> Table:
    return parse(run.name, run.file.read(), reading=Reading(**run.reading), limits=LIMITS)


def take_up() -> int:
    """Wake a worker for every import whose worker is silent. Returns how many those are."""
    late = timezone.now() - timedelta(seconds=SILENCE)
    silent = ImportRun.objects.filter(state__in=ImportRun.WORKING, touched_at__lt=late)
    pks = list(silent.values_list("pk", flat=True))
    for pk in pks:
        outbox.kick("core.work_on_import", run_id=pk)
    return len(pks)


def work(pk: int) -> None:
    """Do what the state of an import asks for, from where it was left."""
    with _alone(pk) as alone:
        run = ImportRun.objects.select_related("file", "owner").filter(pk=pk, state__in=ImportRun.WORKING).first()
        if not alone or run is None:
            return
        ImportRun.objects.filter(pk=pk).update(attempts=run.attempts + 1, touched_at=timezone.now())
        with translation.override(run.owner.language or settings.LANGUAGE_CODE):
            _work(run)


def _work(run: ImportRun) -> None:
    acts: dict[str, Callable[[ImportRun], None]] = {"checking": check, "running": take_in, "undoing": undo.undo}
    try:
        if run.attempts >= MOST_ATTEMPTS:
            raise FileRefused(_("The work broke off several times at the same place. What is in can be undone."))
        if not run.owner.is_active or not catalogue.allows(run.owner, run.kind):
            raise PermissionDenied(_("You have no right to import these records."))
        acts[run.state](run)
    except (FileRefused, MapError, PermissionDenied) as error:
        run.refresh_from_db()
        if run.is_working:
            run.fail(by=access.JOB, reason=str(error))
    except (OperationalError, files.Unavailable):
        raise
    except Exception:
        log.exception("import broke off", extra={"run": run.pk})
        raise


@contextmanager
def _alone(pk: int) -> Iterator[bool]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_LOCK, pk])
        (held,) = cursor.fetchone()
    try:
        yield held
    finally:
        if held and connection.connection is not None and not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_LOCK, pk])


# --- Check and run --------------------------------------------------------------------------------------------------------


def check(run: ImportRun) -> None:
    """A dry run: always from the first row, since nothing of it stays."""
    run.rows.filter(is_trial=True).delete()
    ImportRun.objects.filter(pk=run.pk).update(done=0, counts={})
    if _walk(run, dry_run=True):
        ImportRun.objects.get(pk=run.pk).report(by=access.JOB)


def take_in(run: ImportRun) -> None:
    if _walk(run, dry_run=False):
        ImportRun.objects.get(pk=run.pk).finish(by=access.JOB)


def _walk(run: ImportRun, *, dry_run: bool) -> bool:
    """All batches; False when somebody has cancelled in between."""
    intake = Intake(catalogue.get(run.kind), table_of(run), run.mapping, by=run.owner)
    run.refresh_from_db()
    intake.pass_over(run.done)
    while run.done < len(intake) or not run.counts:
        with transaction.atomic():
            run = ImportRun.objects.select_for_update().get(pk=run.pk)
            if not run.is_working:
                return False
            _batch(run, intake, dry_run)
    return _conclude(run, intake, dry_run)


def _batch(run: ImportRun, intake: Intake, dry_run: bool) -> None:
    stop = min(run.done + BATCH, len(intake))
    taken = [] if run.counts else intake.not_rows()
    if stop > run.done:
        taken += intake.take(run.done, stop, dry_run=dry_run)
    counts = Counter(run.counts)
    _journal(run, taken, counts, dry_run)
    counts.update(row.outcome.value for row in taken)
    run.counts = {name: counts[name] for name in ("create", "update", "skip", "error")}
    run.done, run.attempts, run.touched_at = stop, 0, timezone.now()
    run.say(_("%(done)d of %(total)d rows, %(errors)d in error") % {
        "done": stop, "total": len(intake), "errors": run.counts["error"],
    })  # fmt: skip
    run.save(update_fields=["counts", "done", "attempts", "touched_at", "log", "updated_at"])


def _journal(run: ImportRun, taken: list[Taken], before: Counter[str], dry_run: bool) -> None:
    """Every row that went in or was refused; of the others, and of a dry run, the first of each kind."""
    counts = Counter(before)
    kept = []
    for row in taken:
        counts[row.outcome.value] += 1
        is_sample = counts[row.outcome.value] <= SAMPLE
        if is_sample or row.outcome == "error" or (not dry_run and row.outcome != "skip"):
            kept.append(_row(run, row, dry_run))
    if not dry_run:
        versions.note(catalogue.get(run.kind).model, kept)
    copying.insert(kept)


def _row(run: ImportRun, row: Taken, dry_run: bool) -> ImportRow:
    return ImportRow(
        run_id=run.pk,
        is_trial=dry_run,
        number=row.number,
        outcome=row.outcome.value,
        record_id=row.record.pk if row.record is not None and not dry_run else None,
        name=str(row.record)[:200] if row.record is not None else "",
        problems=row.problems,
        notes="; ".join(filter(None, row.notes)),
        cells=row.cells,
    )


def _conclude(run: ImportRun, intake: Intake, dry_run: bool) -> bool:
    """What needs all rows: parents that came after their subsidiaries. With the last batch behind it, once more."""
    with transaction.atomic():
        if not ImportRun.objects.select_for_update().get(pk=run.pk).is_working:
            return False
        rows = {row.number: row for row in run.rows.filter(is_trial=dry_run)}
        places = {line.number: place for place, line in enumerate(intake.table.lines, 1)}
        written = {places[n]: row.record_id for n, row in rows.items() if row.record_id and n in places}
        changed, notes = intake.conclude(written)
        told = [rows[number] for number in notes if number in rows]
        for row in told:
            row.notes = "; ".join(filter(None, [row.notes, *notes[row.number]]))
        ImportRow.objects.bulk_update(told, ["notes"], batch_size=1000)
        if changed:
            ids = {record.pk for record in changed}
            versions.renew(type(changed[0]), [row for row in rows.values() if row.record_id in ids])
    return True
