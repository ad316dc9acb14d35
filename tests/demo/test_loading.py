"""Rows come by the thousand, and afterwards the database watches over them as before."""

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction
from psycopg import errors

from core.models import Thread
from leads import scoring
from leads.models import Lead, LeadScore
from quotes.models import Quote, QuoteLine
from tests.factories import LeadFactory, QuoteFactory
from zencrm.demo import cashing, story, tables
from zencrm.demo.loading import IntoEmpty, IntoUsed
from zencrm.demo.tables import Tables
from zencrm.demo.versions import first_versions

TODAY = date(2026, 11, 20)
GUARDS = """
    SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid), convalidated::text
      FROM pg_constraint WHERE connamespace = current_schema::regnamespace
     UNION ALL
    SELECT 'trigger', tgrelid::regclass::text, tgname, pg_get_triggerdef(oid), tgenabled::text
      FROM pg_trigger WHERE NOT tgisinternal
     UNION ALL
    SELECT 'index', indrelid::regclass::text, indexrelid::regclass::text, pg_get_indexdef(indexrelid), indisvalid::text
      FROM pg_index JOIN pg_class ON pg_class.oid = indrelid WHERE relnamespace = current_schema::regnamespace
"""
SETTINGS = "SELECT coalesce(nullif(current_setting('pgtrigger.ignore', true), ''), '{}')"


def ask(question):
    with connection.cursor() as cursor:
        cursor.execute(question)
        return set(cursor.fetchall())


@pytest.fixture
def guards(db):
    found = ask(GUARDS)
    assert {kind for kind, *_rest in found} == {"constraint", "trigger", "index"}
    return found


def test_every_guard_is_back_after_a_story(guards):
    story.tell(leads=60, seed=1, today=TODAY)
    assert ask(GUARDS) == guards
    assert Lead.objects.count() == 60


def test_every_guard_is_back_after_more_in_a_database_in_use(guards):
    story.tell(leads=60, seed=1, today=TODAY)
    story.tell(leads=30, seed=2, today=TODAY)
    assert ask(GUARDS) == guards
    assert ask(SETTINGS) == {("{}",)}


def test_a_story_that_breaks_off_leaves_nothing_behind(guards, monkeypatch):
    monkeypatch.setattr(tables, "FLUSH_AT", 40)

    def break_off(*_args):
        raise ZeroDivisionError

    monkeypatch.setattr(cashing, "complain", break_off)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        story.tell(leads=60, seed=1, today=TODAY)
    assert ask(GUARDS) == guards
    assert not Lead.objects.exists()
    lead = LeadFactory()  # and the next row is written, versioned and checked like any other
    assert Lead.pgh_event_model.objects.filter(pgh_obj=lead, pgh_label="insert").count() == 1


def test_what_the_database_refuses_while_it_is_being_fed_ends_the_story(db):
    with pytest.raises(errors.UniqueViolation), transaction.atomic(), Tables(IntoUsed()) as rows:
        rows[Thread].add()
        rows[Thread].next_key -= 1
        rows[Thread].add()
        rows.finish()
    assert not Thread.objects.exists()


@pytest.mark.parametrize("loading", [IntoEmpty, IntoUsed])
def test_a_row_that_refers_to_nothing_is_refused(db, loading):
    with pytest.raises((IntegrityError, errors.ForeignKeyViolation)), transaction.atomic(), Tables(loading()) as rows:
        rows[Lead].add(thread_id=4711)
        rows.finish()
    assert not Lead.objects.exists()


@pytest.mark.parametrize("loading", [IntoEmpty, IntoUsed])
def test_the_first_version_is_what_the_trigger_would_have_written(db, loading):
    """A row is copied and written as version one; the same row, inserted by SQL, is versioned by the trigger."""
    with transaction.atomic(), Tables(loading()) as rows:
        key = rows[Lead].add(thread_id=rows[Thread].add(), company_name="Pompe Adriatiche", attributes={"visits": 3})
        rows.finish()
    lead = Lead.objects.get(pk=key)
    lead.pk = None
    lead.save(force_insert=True)
    copied, inserted = Lead.pgh_event_model.objects.order_by("pgh_id").values()
    own = {"pgh_id", "id", "pgh_obj_id"}
    assert copied["pgh_obj_id"] == key
    assert {k: v for k, v in copied.items() if k not in own} == {k: v for k, v in inserted.items() if k not in own}


def test_lines_of_sent_quotes_are_frozen_again(db):
    quote = QuoteFactory(state="sent")
    with transaction.atomic(), Tables(IntoUsed()) as rows:
        rows[QuoteLine].add(quote_id=quote.pk, description="Pompa", unit_price=1, net=1)
        rows.finish()
    with pytest.raises(IntegrityError, match="frozen"), transaction.atomic():
        QuoteLine.objects.filter(quote=quote).update(net=2)
    assert Quote.objects.count() == 1


def test_a_table_without_history_has_no_versions():
    assert first_versions(Thread) is None


def test_a_column_that_does_not_exist_is_named(db):
    with pytest.raises(LookupError, match="colour"), transaction.atomic(), Tables(IntoUsed()) as rows:
        rows[Thread].add(colour="red")
    with pytest.raises(LookupError, match="needs a value"), transaction.atomic(), Tables(IntoUsed()) as rows:
        rows[Quote].add()


def test_leads_come_with_the_score_that_they_deserve(db):
    story.tell(leads=80, seed=1, today=TODAY)
    told = dict(LeadScore.objects.values_list("pk", "score"))
    assert None not in told.values()
    assert not LeadScore.objects.filter(scored_at=None).exists()
    LeadScore.objects.update(scored_at=None)
    assert scoring.score_waiting() == 80
    assert dict(LeadScore.objects.values_list("pk", "score")) == told
