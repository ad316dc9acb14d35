"""Campaigns: what they cost, who is on their list, how they begin and end."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from core import merging
from leads import services, tasks
from leads.models import Campaign, CampaignCost
from tests.factories import CampaignFactory, CampaignMemberFactory, ContactFactory, LeadFactory

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


FACTS = {
    "name": "SPS Parma",
    "kind": "event",
    "channel": "Fiera",
    "starts_on": "2026-05-26",
    "ends_on": "2026-05-28",
    "budget": "12,000",
}


def test_marketing_plans_and_changes_a_campaign(cast, client_of):
    client = client_of(cast.marketing)
    assert client.post("/campaigns/new/", FACTS).status_code == 302
    campaign = Campaign.objects.get()
    assert (campaign.owner, campaign.state, campaign.kind) == (cast.marketing, "planned", "event")
    assert client.post(campaign.edit_url, {**FACTS, "budget": "-1"}).status_code == 422
    assert client.post(campaign.edit_url, {**FACTS, "ends_on": "2026-05-01"}).status_code == 422
    assert client.post("/campaigns/new/", FACTS).status_code == 422  # the name is taken
    assert client_of(cast.sales).post("/campaigns/new/", FACTS).status_code == 403
    assert client_of(cast.sales).get(campaign.get_absolute_url()).status_code == 200


class TestCosts:
    def test_the_sum_of_the_dated_costs_is_what_it_has_cost(self, cast, client_of):
        campaign, client = CampaignFactory(), client_of(cast.marketing)
        base = f"/campaigns/{campaign.pk}/costs/"
        for amount in ("1,000.10", "0.05"):
            facts = {"on": "2026-01-10", "what": "Stand", "amount": amount, "reference": "FT 12"}
            assert client.post(f"{base}new/", facts).headers["Location"] == campaign.get_absolute_url()
        campaign.refresh_from_db()
        assert campaign.cost.amount == Decimal("1000.15")
        first = campaign.costs.order_by("pk")[0]
        client.post(f"{base}{first.pk}/", {"on": "2026-01-11", "what": "Stand", "amount": "500"})
        campaign.refresh_from_db()
        assert campaign.cost.amount == Decimal("500.05")
        assert "Stand" in client.get(campaign.get_absolute_url()).content.decode()
        client.post(f"{base}{first.pk}/delete/")
        campaign.refresh_from_db()
        assert campaign.cost.amount == Decimal("0.05")

    def test_a_cost_that_moves_to_another_campaign_moves_its_sum(self):
        fair, mailing = CampaignFactory(), CampaignFactory()
        cost = CampaignCost.objects.create(campaign=fair, what="Stand", amount=7)
        CampaignCost.objects.filter(pk=cost.pk).update(campaign=mailing)
        sums = dict(Campaign.objects.values_list("pk", "cost"))
        assert sums == {fair.pk: 0, mailing.pk: 7}

    @pytest.mark.parametrize(
        "wrong", [{"amount": "0"}, {"amount": "-1"}, {"amount": "x"}, {"on": "2999-01-01"}, {"what": ""}]
    )
    def test_nonsense_is_refused(self, cast, client_of, wrong):
        campaign = CampaignFactory()
        facts = {"on": "2026-01-10", "what": "Stand", "amount": "10", **wrong}
        url = f"/campaigns/{campaign.pk}/costs/new/"
        assert client_of(cast.marketing).post(url, facts).status_code == 422
        assert not campaign.costs.exists()

    def test_only_those_who_change_campaigns_and_only_under_their_own(self, cast, client_of):
        fair, mailing = CampaignFactory(), CampaignFactory()
        cost = CampaignCost.objects.create(campaign=fair, what="Stand", amount=7)
        assert client_of(cast.sales).get(f"/campaigns/{fair.pk}/costs/new/").status_code == 403
        assert client_of(cast.sales).post(f"/campaigns/{fair.pk}/costs/{cost.pk}/delete/").status_code == 403
        assert client_of(cast.marketing).get(f"/campaigns/{mailing.pk}/costs/{cost.pk}/").status_code == 404
        assert CampaignCost.objects.count() == 1


class TestLife:
    def test_it_starts_and_ends_by_its_days(self):
        today = timezone.localdate()
        due = CampaignFactory(starts_on=today)
        over = CampaignFactory(state="running", starts_on=today - timedelta(days=9), ends_on=today - timedelta(days=1))
        later = CampaignFactory(starts_on=today + timedelta(days=1))
        tasks.turn_campaigns()
        assert list(Campaign.objects.order_by("pk").values_list("pk", "state")) == [
            (due.pk, "running"),
            (over.pk, "finished"),
            (later.pk, "planned"),
        ]

    def test_by_hand(self, cast):
        fair = CampaignFactory()
        fair.start(by=cast.marketing)
        assert fair.starts_on == timezone.localdate()
        fair.finish(by=cast.marketing)
        assert fair.ends_on == timezone.localdate()
        fair.resume(by=cast.marketing)
        assert (fair.state, fair.ends_on) == ("running", None)


class TestList:
    def test_leads_are_invited_by_the_list_and_nobody_twice(self, cast, client_of):
        fair = CampaignFactory()
        leads = LeadFactory.create_batch(3)
        ids = [lead.pk for lead in leads]
        facts = {"verb": "invite", "ids": ids[:2], "confirmed": "1", "facts-campaign": fair.pk}
        client_of(cast.marketing).post("/leads/", facts)
        page = client_of(cast.marketing).post("/leads/", {**facts, "ids": ids}).content.decode()
        assert page.count("already") == 2
        assert sorted(fair.members.values_list("lead", flat=True)) == sorted(ids)

    def test_what_they_say_and_that_they_came(self, cast):
        member = services.add_member(by=cast.marketing, campaign=CampaignFactory(), lead=LeadFactory())
        assert (member.state, str(member)) == ("invited", str(member.lead))
        member.respond(by=cast.marketing)
        member.attend(by=cast.marketing)
        assert member.responded_at < member.came_at
        member.reset(by=cast.marketing)
        assert (member.state, member.came_at) == ("invited", None)

    def test_a_contact_too_and_not_twice(self, cast, client_of):
        fair, contact = CampaignFactory(), ContactFactory()
        client = client_of(cast.marketing)
        url = "/campaigns/members/new/"
        answer = client.post(url, {"campaign": fair.pk, "contact": contact.pk})
        assert answer.headers["Location"] == f"/campaigns/members/?campaign={fair.pk}"
        assert client.post(url, {"campaign": fair.pk, "contact": contact.pk}).status_code == 409
        assert client.post(url, {"campaign": fair.pk}).status_code == 422
        assert str(contact) in client.get(answer.headers["Location"]).content.decode()
        assert str(contact) in client.get(fair.get_absolute_url()).content.decode()

    def test_two_leads_that_are_one_stay_on_the_list(self, cast):
        fair, keep, absorb = CampaignFactory(), LeadFactory(), LeadFactory()
        for lead in (keep, absorb):
            services.add_member(by=cast.marketing, campaign=fair, lead=lead)
        merging.merge(keep=keep, absorb=absorb, by=cast.manager)
        assert fair.members.filter(lead=keep).count() == 2

    def test_sales_see_the_members_that_are_their_leads(self, cast, client_of):
        fair = CampaignFactory()
        mine = CampaignMemberFactory(campaign=fair, lead__owner=cast.sales)
        other = CampaignMemberFactory(campaign=fair, lead__owner=cast.sales2)
        client = client_of(cast.sales)
        assert client.get(mine.get_absolute_url()).status_code == 200
        assert client.get(other.get_absolute_url()).status_code == 404
