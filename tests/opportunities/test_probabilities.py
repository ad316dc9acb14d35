"""Probabilities of the stages as rows: changed by managers, taken by deals that enter a stage from then on."""

import pytest

from opportunities.models import Opportunity, StageProbability
from opportunities.models.stages import make_first, probability_of
from opportunities.services import open_opportunity
from tests.factories import LeadFactory, OpportunityFactory

pytestmark = pytest.mark.django_db


def test_a_new_house_begins_with_ours(db):
    StageProbability.objects.all().delete()
    assert probability_of("proposal") == 50
    make_first()
    assert dict(StageProbability.objects.values_list("stage", "probability")) == {
        "identified": 10,
        "qualified": 25,
        "proposal": 50,
        "negotiation": 75,
    }


def test_deals_take_the_present_one(cast, client_of):
    client = client_of(cast.manager)
    before = OpportunityFactory(owner=cast.sales, state="identified", value=100)
    for stage, percent in (("identified", 5), ("qualified", 33)):
        row = StageProbability.objects.get(stage=stage)
        assert client.post(row.edit_url, {"probability": str(percent)}).status_code == 302
    assert "33" in client.get("/settings/stages/").content.decode()
    before.refresh_from_db()
    assert before.probability == 10
    before.qualify(by=cast.sales)
    assert before.probability == 33
    made = open_opportunity(lead=LeadFactory(owner=cast.sales, state="qualified"), by=cast.sales)
    assert made.probability == 5
    assert Opportunity().probability == 5
    assert client_of(cast.sales).get("/opportunities/new/").context["form"]["probability"].value() == 5
    before.lose(by=cast.sales, reason="price")
    assert before.probability == 0


@pytest.mark.parametrize("wrong", ["101", "-1", "x", ""])
def test_percent_or_nothing(cast, client_of, wrong):
    row = StageProbability.objects.get(stage="proposal")
    assert client_of(cast.manager).post(row.edit_url, {"probability": wrong}).status_code == 422


def test_sellers_do_not_change_them(cast, client_of):
    row = StageProbability.objects.get(stage="proposal")
    assert client_of(cast.sales).get("/settings/stages/").status_code == 403
    assert client_of(cast.sales).post(row.edit_url, {"probability": "1"}).status_code == 403
