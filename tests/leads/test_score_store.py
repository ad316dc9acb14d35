"""Scores stand beside the leads: there with every lead, gone with it, found by an index, never older than an edit."""

import threading
import time

import pytest
from django.db import connection
from django.db.models import F

from core import copying
from core.models import Thread
from leads import scoring
from leads.models import Lead, LeadScore
from leads.scoring import many
from tests.factories import LeadFactory


def told():
    return set(LeadScore.objects.values_list("lead_id", "state"))


@pytest.mark.django_db
class TestCounterpart:
    def test_every_lead_has_one_however_it_comes_and_none_stays(self):
        thread = Thread.objects.create()
        LeadFactory(state="working")
        Lead.objects.bulk_create(Lead(last_name=f"L{n}", thread=thread, state="lost") for n in range(3))
        copying.insert([Lead(last_name=f"C{n}", thread=thread) for n in range(3)])
        assert told() == set(Lead.objects.values_list("pk", "state"))
        assert len(told()) == 7
        Lead.objects.filter(last_name="C1").delete()
        Lead.objects.filter(last_name="C2")._raw_delete(connection.alias)
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM leads_lead WHERE last_name = 'L2'")
        assert told() == set(Lead.objects.values_list("pk", "state"))
        assert len(told()) == 4

    def test_its_state_is_the_leads(self, cast):
        lead = LeadFactory(owner=cast.sales)
        lead.take(by=cast.sales)
        assert told() == {(lead.pk, "working")}
        lead.lose(by=cast.sales, reason="price")
        assert told() == {(lead.pk, "lost")}

    def test_a_lead_is_cleaned_without_asking_for_it(self, cast, django_assert_num_queries):
        Lead(last_name="New", thread=Thread.objects.create()).full_clean()
        lead = LeadFactory()
        names = [field.name for field in Lead._meta.concrete_fields]
        with django_assert_num_queries(0):
            lead.clean_fields(exclude=names)

    def test_a_lead_in_hand_tells_its_score(self, django_assert_num_queries):
        assert (Lead().score, Lead().score_reasons) == (None, [])
        LeadFactory.create_batch(3, score=12)
        with django_assert_num_queries(1):
            assert [lead.score for lead in Lead.objects.select_related("scoring")] == [12] * 3

    @pytest.mark.parametrize(
        ("narrow", "index"),
        [({}, "lead_list_by_score"), ({"state": "lost"}, "lead_list_by_state_score")],
    )
    def test_lists_by_score_walk_an_index_and_stop(self, narrow, index):
        LeadFactory.create_batch(5, state="working", score=3)
        rows = Lead.objects.filter(**narrow).order_by(F("scored__score").desc(nulls_last=True), F("pk").desc())
        with connection.cursor() as cursor:
            # So few rows are read whole; what matters is that the order can come from the index at all.
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_sort = off")
        plan = rows.values_list("pk", "scored__score")[:2].explain()
        assert f"using {index} on leads_leadscore" in plan
        assert "Sort" not in plan

    def test_hot_and_unassigned_leads_are_found_by_their_indexes_among_thousands(self, cast):
        many = 5000
        threads = Thread.objects.bulk_create(Thread() for _lead in range(many))
        Lead.objects.bulk_create(
            Lead(
                thread=thread,
                last_name="Rossi",
                state="lost" if place % 10 else "new",
                owner=None if place % 50 == 0 else cast.sales2 if place % 3 else cast.sales,
            )
            for place, thread in enumerate(threads)
        )
        LeadScore.objects.update(score=F("lead_id") % 100)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE leads_lead, leads_leadscore")
        hot = Lead.objects.visible_to(cast.manager).hot()
        hot = hot.order_by(F("scored__score").desc(nulls_last=True), F("pk").desc())
        free = Lead.objects.visible_to(cast.sales).unassigned().order_by("-created_at", "-pk")
        plans = [rows.values_list("pk", "scored__score")[:51].explain() for rows in (hot, free)]
        assert "lead_list_hot" in plans[0]
        assert "lead_list_unassigned" in plans[1]
        assert "Sort" not in plans[1]
        assert free.count() == 100
        assert hot.count() == Lead.objects.filter(state="new", scored__score__gte=60).count() > 0

    def test_alternatives_and_what_is_not_hot_keep_the_leads_without_a_score(self, cast, client_of):
        LeadFactory(company_name="Waiting", owner=cast.sales)
        LeadFactory(company_name="Cold", owner=cast.sales, score=3)
        LeadFactory(company_name="Warm", owner=cast.sales, score=90)
        sales = client_of(cast.sales)
        assert sales.get("/leads/?hot=false").context["count"] == "2"
        assert sales.get("/leads/?hot=true").context["count"] == "1"
        assert sales.get("/leads/?or=state%3Dlost&or=score_min%3D80&sort=-score").context["count"] == "1"
        assert sales.get("/leads/?or=state%3Dnew&or=score_min%3D80&sort=score").context["count"] == "3"


@pytest.mark.django_db(transaction=True)
def test_an_edit_while_the_lead_is_being_scored_is_scored_afterwards(monkeypatch):
    lead = LeadFactory()
    written = many._written

    def edit():
        Lead.objects.filter(pk=lead.pk).update(need="Pompe nuove")
        connection.close()

    editing = threading.Thread(target=edit)

    def slowly(*given):
        editing.start()
        time.sleep(0.3)  # the edit waits until the score is written
        assert editing.is_alive()
        return written(*given)

    monkeypatch.setattr(many, "_written", slowly)
    assert scoring.score_all() == 1
    editing.join(20)
    monkeypatch.undo()
    before = LeadScore.objects.get(lead=lead)
    assert (before.score, before.scored_at) == (14, None)
    assert scoring.score_waiting() == 1
    assert LeadScore.objects.get(lead=lead).score == 22
