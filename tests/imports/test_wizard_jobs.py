"""The worker's part: the file that comes back, cancelling between batches, and taking up the work of a killed worker."""

import csv
import io

import pytest
from openpyxl import load_workbook

from core.imports import jobs
from core.imports.intake import Intake
from core.models import ImportRow, ImportRun
from leads.models import Lead
from tests.imports.wizard import bring_in, do, map_columns, page, the_run, upload

pytestmark = pytest.mark.django_db

ROWS = "azienda,email\n" + "".join(f"Firm {n},m{n}@firm.it\n" for n in range(25))


@pytest.fixture
def small_batches(monkeypatch):
    monkeypatch.setattr(jobs, "BATCH", 10)


@pytest.fixture
def started(cast, client_of, small_batches):
    """A run of three batches that no worker has taken up yet."""
    client = client_of(cast.sales)
    upload(client, ROWS)
    map_columns(client, the_run())
    run = do(client, the_run(), "dry_run")
    run.start(by=cast.sales)
    return run


class PowerCut(BaseException):
    """What no handler catches."""


def test_bad_rows_come_back_harmless_with_the_reason(cast, client_of):
    client = client_of(cast.sales)
    bad = "azienda,email,budget\n=cmd(),nobody,1\n@x,a@b.it,-5\nok,c@d.it,3\ntorn,x\n"
    run = bring_in(client, bad)
    answer = client.get(page(run, "errors") + "?format=csv")
    found = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert found[0] == ["azienda", "email", "budget", "reason"]
    assert [row[:3] for row in found[1:]] == [["'=cmd()", "nobody", "1"], ["'@x", "a@b.it", "'-5"], ["torn", "x", ""]]
    assert found[1][3].startswith("email: ")
    assert "“-5” is less than 0." in found[2][3]
    assert "2 columns, the header has 3" in found[3][3]
    book = load_workbook(io.BytesIO(b"".join(client.get(page(run, "errors")).streaming_content)))
    assert [cell.value for cell in book.active[2]][:3] == ["'=cmd()", "nobody", "1"]
    # Mended, the same file goes in, and the apostrophe is ours.
    again = bring_in(client, b"azienda,email\n'=cmd(),a@cmd.it\n")
    assert (again.counts["create"], Lead.objects.get(email="a@cmd.it").company_name) == (1, "=cmd()")


def test_it_is_cancelled_between_two_batches(started, cast, monkeypatch):
    take = Intake.take

    def take_and_cancel(self, start, stop, **kwargs):
        found = take(self, start, stop, **kwargs)
        if start == 10:
            ImportRun.objects.get(pk=started.pk).cancel(by=cast.sales)
        return found

    monkeypatch.setattr(Intake, "take", take_and_cancel)
    jobs.work(started.pk)
    run = ImportRun.objects.get(pk=started.pk)
    assert (run.state, run.done, run.counts["create"]) == ("cancelled", 20, 20)
    assert Lead.objects.count() == 20
    jobs.work(started.pk)
    assert Lead.objects.count() == 20


def test_a_killed_worker_is_replaced_and_no_row_goes_in_twice(started, monkeypatch):
    take = Intake.take

    def die(self, start, stop, **kwargs):
        found = take(self, start, stop, **kwargs)
        if start == 10:
            raise PowerCut
        return found

    with monkeypatch.context() as patch:
        patch.setattr(Intake, "take", die)
        with pytest.raises(PowerCut):
            jobs.work(started.pk)
    assert (ImportRun.objects.get(pk=started.pk).done, Lead.objects.count()) == (10, 10)
    jobs.work(started.pk)
    run = ImportRun.objects.get(pk=started.pk)
    assert (run.state, run.counts["create"], Lead.objects.count()) == ("done", 25, 25)
    assert ImportRow.objects.taken().filter(run=run).count() == 25


def test_work_that_breaks_off_again_and_again_is_given_up(started):
    ImportRun.objects.filter(pk=started.pk).update(attempts=jobs.MOST_ATTEMPTS)
    jobs.work(started.pk)
    run = ImportRun.objects.get(pk=started.pk)
    assert run.state == "failed"
    assert "broke off several times" in run.reason


def test_silent_work_is_taken_up_and_lost_rights_end_it(started, cast):
    assert jobs.take_up() == 0
    ImportRun.objects.filter(pk=started.pk).update(touched_at="2026-01-01T00:00Z")
    assert jobs.take_up() == 1
    cast.sales.groups.clear()
    jobs.work(started.pk)
    run = ImportRun.objects.get(pk=started.pk)
    assert (run.state, Lead.objects.count()) == ("failed", 0)
    assert "no right" in run.reason


def test_progress_is_shown_until_it_is_done(started, cast, client_of):
    client = client_of(cast.sales)
    answer = client.get(page(started, "progress"))
    assert "import-progress" in answer.content.decode()
    jobs.work(started.pk)
    answer = client.get(page(started, "progress"))
    assert (answer.status_code, answer["HX-Refresh"]) == (204, "true")


def test_the_same_key_twice_is_found_across_batches(cast, client_of, small_batches):
    text = ROWS + "Firm 0,m0@firm.it\nOther,m1@firm.it\n"
    run = bring_in(client_of(cast.sales), text)
    assert run.counts == {"create": 25, "update": 0, "skip": 1, "error": 1}
    assert "the same key as row 3" in str(run.rows.get(outcome="error", is_trial=False).problems)
