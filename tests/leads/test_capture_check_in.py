"""The list at the door of an event."""

import pytest
from django.urls import reverse

from leads import services
from leads.models import CampaignMember, Capture, Lead
from tests.factories import CampaignFactory, ContactFactory, LeadFactory

pytestmark = pytest.mark.django_db

ADA = {"last_name": "Lovelace", "company_name": "Engines", "email": "ada@engine.example", "key": "k1"}


@pytest.fixture
def fair(cast):
    return CampaignFactory(name="Porte aperte")


@pytest.fixture
def member(cast, fair):
    return services.add_member(
        by=cast.marketing, campaign=fair, lead=LeadFactory(company_name="Tornerie", owner=cast.sales)
    )


def door(fair):
    return reverse("leads:check_in", args=[fair.pk])


@pytest.mark.parametrize("who", ["hr", "buyer", "nobody"])
def test_the_door_is_kept_by_those_who_may(cast, client_of, fair, member, who):
    client = client_of(getattr(cast, who))
    assert client.get(door(fair)).status_code == client.post(door(fair), {"member": member.pk}).status_code == 403
    assert client.post(door(fair), ADA).status_code == 403
    assert not member.lead.touches.filter(channel="event").exists() and not Capture.objects.exists()


def test_members_of_other_lists_and_nonsense_are_not_found(cast, client_of, fair, member):
    client = client_of(cast.marketing)
    other = CampaignFactory()
    for number in (member.pk, 0, "x", "9" * 30, "-1"):
        assert client.post(door(other), {"member": number}).status_code == 404
    assert client.get(reverse("leads:check_in", args=[10**12])).status_code == 404


def test_a_tick_is_a_touch_and_a_slip_is_taken_back(cast, client_of, fair, member):
    client = client_of(cast.marketing)
    for _turn in range(2):
        assert client.post(door(fair), {"member": member.pk, "do": "came"}).status_code == 302
    assert CampaignMember.objects.get().state == "came"
    assert [(t.channel, t.campaign) for t in member.lead.touches.filter(channel="event")] == [("event", fair)]
    client.post(door(fair), {"member": member.pk, "do": "undo"})
    assert CampaignMember.objects.get().state == "invited"


def test_contacts_are_ticked_too_and_found_by_name(cast, client_of, fair, member):
    services.add_member(
        by=cast.marketing, campaign=fair, contact=ContactFactory(first_name="Giulia", last_name="Zanetti")
    )
    client = client_of(cast.marketing)
    page = client.get(f"{door(fair)}?q=zan").content.decode()
    assert "Giulia Zanetti" in page and "Tornerie" not in page and "0 of 2 are here" in page
    client.post(door(fair), {"member": CampaignMember.objects.get(lead=None).pk})
    assert "1 of 2 are here" in client.get(door(fair)).content.decode()


def test_a_long_list_says_that_it_goes_on(cast, client_of, fair, monkeypatch):
    for name in ("Carrozze", "Aratri", "Bulloni"):
        services.add_member(by=cast.marketing, campaign=fair, lead=LeadFactory(company_name=name, owner=cast.sales))
    client = client_of(cast.marketing)
    assert "first 3 by name" not in client.get(door(fair)).text
    monkeypatch.setattr("leads.capture.checkin.MOST", 2)
    page = client.get(door(fair))
    assert [str(member.called) for member in page.context["members"]] == ["Aratri", "Bulloni"]
    assert "first 2 by name" in page.text and "0 of 3 are here" in page.text
    assert "by name" not in client.get(f"{door(fair)}?q=carr").text


def test_leads_and_contacts_stand_in_one_order(cast, client_of, fair):
    for name in ("Zeta", "Alfa", "Lima"):
        services.add_member(by=cast.marketing, campaign=fair, lead=LeadFactory(company_name=name, owner=cast.sales))
    for name in ("Bruna", "Marta"):
        person = ContactFactory(first_name=name, last_name="Alberti")
        services.add_member(by=cast.marketing, campaign=fair, contact=person)
    page = client_of(cast.marketing).get(door(fair))
    called = [str(member.called) for member in page.context["members"]]
    assert called == ["Alfa", "Bruna Alberti", "Lima", "Marta Alberti", "Zeta"]
    page = client_of(cast.marketing).get(f"{door(fair)}?q=AL")
    assert [str(member.called) for member in page.context["members"]] == ["Alfa", "Bruna Alberti", "Marta Alberti"]


def test_who_was_not_on_the_list_is_added_once(cast, client_of, fair):
    client = client_of(cast.marketing)
    for _turn in range(2):
        assert client.post(door(fair), ADA).status_code == 302
    lead = Lead.objects.get()
    assert [(m.campaign, m.state) for m in lead.campaign_memberships.all()] == [(fair, "came")]
    assert [(t.channel, t.campaign) for t in lead.touches.all()] == [("event", fair)] and lead.campaign == fair


def test_somebody_invited_who_says_their_name_at_the_door_is_found(cast, client_of, fair, member):
    client_of(cast.marketing).post(door(fair), ADA | {"email": member.lead.email})
    assert Lead.objects.count() == 1 and CampaignMember.objects.get().state == "came"


@pytest.mark.parametrize("wrong", [{"email": ""}, {"email": "x"}, {"last_name": "a\0b"}])
def test_what_cannot_be_is_asked_again(cast, client_of, fair, wrong):
    assert client_of(cast.marketing).post(door(fair), ADA | wrong).status_code == 422
    assert not Lead.objects.exists()
