"""Leads and opportunities in the admin: read, typed in, moved by verbs only."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.models import Event
from leads.models import Lead, ScoreVersion
from tests.factories import CampaignFactory, LeadFactory, OpportunityFactory

pytestmark = pytest.mark.django_db


def test_every_page_answers(cast, client_of):
    admin = client_of(cast.admin)
    for kind, record in (("lead", LeadFactory(state="working")), ("campaign", CampaignFactory())):
        assert admin.get(f"/admin/leads/{kind}/").status_code == 200
        assert admin.get(f"/admin/leads/{kind}/", {"q": "x"}).status_code == 200
        assert admin.get(f"/admin/leads/{kind}/{record.pk}/change/").status_code == 200
        assert admin.get(f"/admin/leads/{kind}/add/").status_code == 200
    deal = OpportunityFactory()
    assert admin.get("/admin/opportunities/opportunity/").status_code == 200
    assert admin.get(f"/admin/opportunities/opportunity/{deal.pk}/change/").status_code == 200
    assert admin.get("/admin/opportunities/opportunity/add/").status_code == 403


def test_lists_leave_the_words_of_the_search_in_the_database(cast, client_of):
    LeadFactory(company_name="Bianchi Pompe")
    with CaptureQueriesContext(connection) as asked:
        page = client_of(cast.admin).get("/admin/leads/lead/")
    assert b"Bianchi" in page.content
    (rows,) = [one["sql"] for one in asked if '"leads_lead"."company_name"' in one["sql"]]
    assert '"leads_lead"."search"' not in rows


def test_learnt_scores_are_looked_at_only(cast, client_of):
    version = ScoreVersion.objects.create(number=1, verdict="no_signal", closed=80, won=30)
    admin = client_of(cast.admin)
    assert admin.get("/admin/leads/scoreversion/").status_code == 200
    page = admin.get(f"/admin/leads/scoreversion/{version.pk}/change/")
    assert page.status_code == 200
    assert b'name="closed"' not in page.content
    assert admin.post(f"/admin/leads/scoreversion/{version.pk}/change/", {"closed": 1}).status_code == 403
    assert admin.get("/admin/leads/scoreversion/add/").status_code == 403
    assert admin.post(f"/admin/leads/scoreversion/{version.pk}/delete/", {"post": "yes"}).status_code == 403


def test_a_verb_is_performed_by_the_user_of_the_request(cast, client_of):
    lead = LeadFactory()
    client_of(cast.manager).post(f"/admin/leads/lead/{lead.pk}/do/take/")
    lead.refresh_from_db()
    assert (lead.state, lead.owner) == ("working", cast.manager)
    assert Event.objects.about(lead).get().actor == cast.manager


def test_state_and_score_cannot_be_typed(cast, client_of):
    lead = LeadFactory(score=10)
    client_of(cast.admin).post(
        f"/admin/leads/lead/{lead.pk}/change/",
        {"company_name": "Altra", "state": "converted", "score": "99", "language": "it"},
    )
    found = Lead.objects.get(pk=lead.pk)
    assert (found.company_name, found.state, found.score) == ("Altra", "new", 10)
