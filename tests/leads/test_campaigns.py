"""Campaigns: what each lead has cost."""

from decimal import Decimal

import pytest

from leads.models import Campaign
from tests.factories import CampaignFactory, LeadFactory

pytestmark = pytest.mark.django_db


def test_cost_per_lead_rounds_to_cents_and_is_empty_without_leads(cast):
    fair, idle = CampaignFactory(cost=100), CampaignFactory(cost=50)
    LeadFactory.create_batch(2, campaign=fair)
    LeadFactory(campaign=fair, state="converted")
    found = {c.pk: c for c in Campaign.objects.with_figures()}
    assert (found[fair.pk].lead_count, found[fair.pk].converted_count) == (3, 1)
    assert found[fair.pk].cost_per_lead == Decimal("33.33")
    assert (found[idle.pk].lead_count, found[idle.pk].cost_per_lead) == (0, None)


@pytest.mark.parametrize("sort", ["name", "-lead_count", "-cost_per_lead", "-starts_on", "cost"])
def test_list_sorts_by_its_figures(cast, client_of, sort):
    CampaignFactory(name="Fiera di Milano", cost=100)
    LeadFactory(campaign=CampaignFactory(name="Newsletter", cost=10))
    page = client_of(cast.marketing).get("/campaigns/", {"sort": sort}).content.decode()
    assert "Fiera di Milano" in page
    assert "€10.00" in page


def test_detail_shows_figures_and_leads(cast, client_of, django_assert_max_num_queries):
    campaign = CampaignFactory(cost=99, budget=150)
    LeadFactory.create_batch(3, campaign=campaign)
    client = client_of(cast.marketing)
    client.get(campaign.get_absolute_url())
    with django_assert_max_num_queries(14):
        page = client.get(campaign.get_absolute_url()).content.decode()
    assert "€33.00" in page
    assert "€51.00" in page


def test_marketing_plans_and_changes_a_campaign(cast, client_of):
    client = client_of(cast.marketing)
    facts = {
        "name": "SPS Parma",
        "channel": "Fiera",
        "starts_on": "2026-05-26",
        "ends_on": "2026-05-28",
        "budget": "12,000",
        "cost": "0",
    }
    assert client.post("/campaigns/new/", facts).status_code == 302
    campaign = Campaign.objects.get()
    assert campaign.owner == cast.marketing
    assert client.post(campaign.edit_url, {**facts, "cost": "-1"}).status_code == 422
    assert client.post(campaign.edit_url, {**facts, "ends_on": "2026-05-01"}).status_code == 422
    assert client.post("/campaigns/new/", facts).status_code == 422  # the name is taken
    assert client_of(cast.sales).post("/campaigns/new/", facts).status_code == 403
    assert client_of(cast.sales).get(campaign.get_absolute_url()).status_code == 200
