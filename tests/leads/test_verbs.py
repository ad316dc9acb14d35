"""What is special about a lead's verbs; wrong states and missing rights are generated for all verbs elsewhere."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from core.access import JOB
from core.lifecycle import Refused
from core.models import Event
from leads import services
from leads.models import Lead
from tests.factories import LeadFactory

pytestmark = pytest.mark.django_db


def test_taking_makes_it_mine(cast):
    lead = LeadFactory()
    lead.take(by=cast.sales)
    assert (lead.state, lead.owner) == ("working", cast.sales)
    event = Event.objects.about(lead).get()
    assert (event.name, event.source, event.target, event.actor) == ("lead.taken", "new", "working", cast.sales)


def test_a_second_taker_is_refused(cast):
    mine, theirs = LeadFactory(), None
    theirs = Lead.objects.get(pk=mine.pk)
    mine.take(by=cast.sales)
    with pytest.raises(Refused):
        theirs.take(by=cast.sales2)
    assert Lead.objects.get(pk=mine.pk).owner == cast.sales


def test_a_job_takes_without_becoming_the_owner(cast):
    lead = LeadFactory(owner=cast.sales)
    lead.take(by=JOB)
    assert lead.owner == cast.sales


def test_only_sellers_can_be_given_a_lead(cast):
    lead = LeadFactory()
    with pytest.raises(Refused, match="cannot work leads"):
        lead.assign(by=cast.manager, to=cast.accountant)
    lead.assign(by=cast.manager, to=cast.sales, reason="Veneto")
    assert lead.owner == cast.sales
    assert lead.state == "new"
    assert Event.objects.about(lead).get().data["reason"] == "Veneto"


def test_qualifying_keeps_the_answers_and_what_was_known(cast):
    lead = LeadFactory(state="working", owner=cast.sales, authority="Il titolare")
    lead.qualify(by=cast.sales, need="Pompe", budget=Decimal("1500.50"), decision_by=date(2026, 12, 1), fit="partial")
    lead.refresh_from_db()
    assert (lead.need, lead.budget.amount, lead.authority) == ("Pompe", Decimal("1500.50"), "Il titolare")
    assert (lead.fit, lead.decision_by) == ("partial", date(2026, 12, 1))


def test_qualifying_takes_no_other_fields(cast):
    lead = LeadFactory(state="working")
    with pytest.raises(TypeError):
        lead.qualify(by=cast.sales, owner=cast.sales2)
    with pytest.raises(Refused):
        lead.qualify(by=cast.sales, fit="splendid")
    with pytest.raises(Refused):
        lead.qualify(by=cast.sales, budget=Decimal(-1))


def test_somebody_nobody_can_reach_is_not_qualified_and_the_link_mends_it(cast):
    lead = LeadFactory(state="working", email="", phone="")
    with pytest.raises(Refused) as refusal:
        lead.qualify(by=cast.sales, need="Pompe")
    assert refusal.value.reasons[0].fix_url == f"{lead.edit_url}#id_email"


def test_losing_needs_one_of_the_reasons_and_reopening_takes_it_back(cast):
    lead = LeadFactory(state="qualified", owner=cast.sales)
    with pytest.raises(Refused):
        lead.lose(by=cast.sales, reason="bad luck")
    lead.lose(by=cast.sales, reason="price", note="30 % sopra")
    assert lead.closed_at is not None
    assert not lead.is_editable
    lead.reopen(by=cast.sales)
    assert (lead.state, lead.lost_reason, lead.closed_at) == ("working", "", None)


def test_marketing_may_not_take_but_may_assign(cast):
    lead = LeadFactory()
    with pytest.raises(PermissionDenied):
        lead.take(by=cast.marketing)
    lead.assign(by=cast.marketing, to=cast.sales)
    assert lead.owner == cast.sales


def test_who_types_a_lead_in_owns_it_if_they_may_sell(cast):
    assert services.create_lead(by=cast.sales, company_name="A").owner == cast.sales
    assert services.create_lead(by=cast.marketing, company_name="B").owner is None
    assert services.create_lead(by=JOB, company_name="C").owner is None
    assert Event.objects.filter(name="lead.created").count() == 3


def test_rows_own_unowned_team_all(cast):
    mine = LeadFactory(owner=cast.sales)
    free = LeadFactory(owner=None)
    other = LeadFactory(owner=cast.sales2)
    assert set(Lead.objects.visible_to(cast.sales)) == {mine, free}
    assert set(Lead.objects.visible_to(cast.manager)) == {mine, free, other}
    assert set(Lead.objects.visible_to(cast.marketing)) == {mine, free, other}
    assert not Lead.objects.visible_to(cast.accountant).exists()


def test_sellers_come_with_what_they_have_on_their_hands(cast):
    LeadFactory.create_batch(2, owner=cast.sales, state="working")
    LeadFactory(owner=cast.sales, state="lost")
    found = {user.username: user.open_leads for user in services.sellers()}
    assert found["sales"] == 2
    assert found["sales2"] == 0
    assert "accountant" not in found
    assert "marketing" not in found
