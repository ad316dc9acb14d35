"""A real Celery worker is killed with `kill -9` in mid-import; another one goes on: each row goes in exactly once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core.imports import jobs
from core.models import ImportRow, ImportRun
from leads.models import Lead
from tests.concurrency.workers import until, workers_with
from tests.imports.wizard import do, map_columns, the_run, upload

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.servers]

ROWS = 4 * jobs.BATCH
TABLE = "azienda,email\n" + "".join(f"Firm {n},m{n}@firm.it\n" for n in range(ROWS))


def test_each_row_goes_in_exactly_once(cast, client_of, process_environ):
    client = client_of(cast.sales)
    upload(client, TABLE)
    map_columns(client, the_run())
    run = do(client, the_run(), "dry_run")
    with workers_with(process_environ) as workers:
        workers.start()
        run.start(by=cast.sales)
        until(lambda: 0 < ImportRun.objects.get(pk=run.pk).done < ROWS, beat=lambda: None)
        workers.kill()
        until(lambda: Lead.objects.count() == ImportRun.objects.get(pk=run.pk).done, beat=lambda: None)
        killed_at = ImportRun.objects.get(pk=run.pk).done
        assert 0 < killed_at < ROWS
        assert killed_at % jobs.BATCH == 0  # the batch that was under way is not half in

        # A minute later the schedule notices that nobody has said anything.
        ImportRun.objects.update(touched_at=timezone.now() - timedelta(seconds=jobs.SILENCE + 1))
        workers.start()
        until(lambda: ImportRun.objects.get(pk=run.pk).state == "done", beat=jobs.take_up)
    run = ImportRun.objects.get(pk=run.pk)
    assert run.counts == {"create": ROWS, "update": 0, "skip": 0, "error": 0}
    assert Lead.objects.values("email").distinct().count() == Lead.objects.count() == ROWS
    assert ImportRow.objects.taken().filter(run=run).count() == ROWS
