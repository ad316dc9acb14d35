"""Marketing's programs: members and costs of campaigns, their figures, segments, steps of sequences, people in them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core.models import Event
from leads.models import CampaignCost, Segment, SequenceStep
from leads.nurture import audience
from tests.factories import (
    CampaignFactory,
    CampaignMemberFactory,
    ContactFactory,
    LeadFactory,
    MailingFactory,
    MailTemplateFactory,
    PurposeFactory,
    SequenceFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def marketing(cast, caller_of):
    return caller_of(cast.marketing)


@pytest.fixture
def campaign(cast):
    return CampaignFactory(owner=cast.marketing)


class TestMembers:
    def test_put_on_the_list_and_ticked_off(self, marketing, campaign):
        lead, contact = LeadFactory(), ContactFactory()
        one = marketing.post("campaign-members/", {"campaign": campaign.pk, "lead": lead.pk})
        assert one.status_code == 201, one.content
        assert marketing.post("campaign-members/", {"campaign": campaign.pk, "contact": contact.pk}).status_code == 201
        assert marketing.post("campaign-members/", {"campaign": campaign.pk, "lead": lead.pk}).status_code == 409
        assert marketing.post("campaign-members/", {"campaign": campaign.pk}).status_code == 422
        came = marketing.post(f"campaign-members/{one.json()['id']}/attend/")
        assert came.status_code == 200 and came.json()["state"] == "came" and came.json()["came_at"]
        listed = marketing.get(f"campaign-members/?campaign={campaign.pk}&state=came").json()["results"]
        assert [row["lead"] for row in listed] == [lead.pk]

    def test_sales_sees_the_members_of_their_own_leads_only(self, cast, caller_of, campaign):
        mine, other = (CampaignMemberFactory(campaign=campaign, owner=user) for user in (cast.sales, cast.sales2))
        rows = caller_of(cast.sales).get("campaign-members/").json()["results"]
        assert [row["id"] for row in rows] == [mine.pk]
        assert caller_of(cast.sales).get(f"campaign-members/{other.pk}/").status_code == 404
        assert caller_of(cast.accountant).get("campaign-members/").status_code == 403


class TestCosts:
    def test_written_down_and_struck_out(self, marketing, campaign):
        url = f"campaigns/{campaign.pk}/"
        facts = {"on": "2026-01-31", "what": "Stand", "amount": "1200.50"}
        answer = marketing.post(f"{url}add_cost/", facts)
        assert answer.status_code == 200, answer.content
        [cost] = answer.json()["costs"]
        assert (cost["what"], cost["amount"], answer.json()["cost"]) == ("Stand", "1200.50", "1200.50")
        for wrong in ({"amount": "-1"}, {"on": "2999-01-01"}, {"what": ""}, {"who": "x"}):
            assert marketing.post(f"{url}add_cost/", facts | wrong).status_code == 422
        other = CampaignCost.objects.create(campaign=CampaignFactory(), what="X", amount=1)
        assert marketing.post(f"{url}remove_cost/", {"cost": other.pk}).status_code == 422
        gone = marketing.post(f"{url}remove_cost/", {"cost": cost["id"]})
        assert gone.status_code == 200 and gone.json()["costs"] == [] and gone.json()["cost"] == "0.00"

    def test_the_same_request_twice_is_one_cost(self, marketing, campaign):
        for _time in range(2):
            facts = {"on": "2026-01-31", "what": "Stand", "amount": "5"}
            assert marketing.post(f"campaigns/{campaign.pk}/add_cost/", facts, Idempotency_Key="a1").status_code == 200
        assert campaign.costs.count() == 1

    def test_who_may_not_change_a_campaign_writes_no_costs(self, cast, caller_of, campaign):
        facts = {"on": "2026-01-31", "what": "Stand", "amount": "5"}
        assert caller_of(cast.sales).post(f"campaigns/{campaign.pk}/add_cost/", facts).status_code == 403
        read = caller_of(cast.marketing, scope="read")
        assert read.post(f"campaigns/{campaign.pk}/add_cost/", facts).status_code == 403
        assert not CampaignCost.objects.exists()


def test_figures_are_for_those_who_see_the_page_of_them(cast, caller_of, campaign):
    LeadFactory(campaign=campaign, owner=cast.sales)
    found = caller_of(cast.marketing).get(f"campaigns/{campaign.pk}/").json()
    assert found["lead_count"] == 1
    assert found["figures"] == [
        {"measure": "leads", "currency": None, "first": "1", "last": "1", "linear": "1"},
    ]  # fmt: skip
    assert caller_of(cast.sales).get(f"campaigns/{campaign.pk}/").json()["figures"] is None


def test_a_segment_by_its_filter(cast, marketing):
    wanted = LeadFactory(source="Fiera")
    LeadFactory(source="Sito")
    made = marketing.post("segments/", {"name": "Fiera", "kind": "lead", "query": "source=fiera"})
    assert made.status_code == 201, made.content
    segment = Segment.objects.get()
    assert set(audience.rows_of(segment, cast.marketing)) == {wanted}
    url = f"segments/{segment.pk}/"
    assert marketing.patch(url, {"query": "nonsense=1"}).status_code == 422
    assert marketing.patch(url, {"query": "source=sito"}).json()["query"] == "source=sito"


class TestSteps:
    @pytest.fixture
    def sequence(self, cast):
        return SequenceFactory(state="draft", owner=cast.marketing, mails=0)

    def write(self, caller, sequence, steps):
        return caller.post(f"sequences/{sequence.pk}/write_steps/", {"steps": steps})

    def test_written_read_and_changed(self, marketing, sequence):
        template = MailTemplateFactory()
        steps = [
            {"position": 1, "action": "mail", "template": template.pk},
            {"position": 2, "days": 3, "action": "ask", "question": "clicked", "yes": 0},
            {"position": 3, "action": "end"},
        ]
        answer = self.write(marketing, sequence, steps)
        assert answer.status_code == 200, answer.content
        first, second, last = answer.json()["steps"]
        assert (first["template"], second["question"], second["yes"], second["no"]) == (template.pk, "clicked", 0, None)
        # Another order: the second is kept with its number, the last is gone.
        changed = [{"id": second["id"], "position": 1, "yes": 2}, {"id": first["id"], "position": 2, "hours": 4}]
        found = self.write(marketing, sequence, changed).json()["steps"]
        assert [(step["id"], step["position"], step["hours"]) for step in found] == [
            (second["id"], 1, 0), (first["id"], 2, 4),
        ]  # fmt: skip
        assert not SequenceStep.objects.filter(pk=last["id"]).exists()
        assert marketing.get(f"sequences/{sequence.pk}/").json()["steps"] == found
        assert Event.objects.about(sequence).filter(name="sequence.rewritten").count() == 2

    @pytest.mark.parametrize(
        "steps",
        [
            None, {}, "x", [1], [{}], [{"position": 1}], [{"position": "1", "action": "end"}],
            [{"position": 1, "action": "end", "who": 1}], [{"position": 1, "action": "fly"}],
            [{"position": 1, "action": "end", "days": 1000}], [{"position": -1, "action": "end"}],
            [{"position": 1, "action": "end", "id": 999999}], [{"position": True, "action": "end"}],
            [{"position": 1, "action": "mail", "template": 999999}], [{"position": 1, "action": "end", "value": ["a"]}],
            [{"position": 1, "action": "end"}, {"position": 1, "action": "end"}],
            [{"position": 2, "action": "ask", "question": "opened", "yes": 1}], [{"position": 10**30, "action": "end"}],
            [{"position": 1, "action": "end", "value": "x" * 99}],
        ],
    )  # fmt: skip
    def test_nonsense_is_said_and_nothing_written(self, marketing, sequence, steps):
        assert self.write(marketing, sequence, steps).status_code == 422
        assert not sequence.steps.exists()

    def test_a_nul_is_no_text(self, marketing, sequence):
        assert self.write(marketing, sequence, [{"position": 1, "action": "end", "value": "\x00"}]).status_code == 400

    def test_not_while_people_are_on_their_way_and_not_by_sales(self, cast, caller_of, marketing):
        active = SequenceFactory(state="active", owner=cast.marketing)
        assert self.write(marketing, active, []).status_code == 409
        assert self.write(caller_of(cast.sales), active, []).status_code == 403
        assert active.steps.exists()


def test_who_has_not_agreed_is_not_put_in(cast, caller_of, marketing):
    """Nobody without a valid consent, whoever asks: a program of marketing's, of a manager's, of an administrator's."""
    sequence, lead = SequenceFactory(state="active", owner=cast.marketing), LeadFactory(owner=cast.sales)
    for user in (cast.marketing, cast.manager, cast.admin, cast.sales):
        answer = caller_of(user).post("enrolments/", {"sequence": sequence.pk, "lead": lead.pk})
        assert answer.status_code == 409 and "no valid consent" in answer.json()["reasons"][0]["message"]
    assert not sequence.enrolments.exists()


def test_a_mailing_is_scheduled_and_called_off(cast, caller_of, marketing):
    PurposeFactory(code="newsletter")
    mailing = MailingFactory(owner=cast.marketing)
    url, on = f"mailings/{mailing.pk}/", (timezone.localdate() + timedelta(days=2)).isoformat()
    assert caller_of(cast.sales).post(f"{url}schedule/", {"on": on, "hour": 9}).status_code == 403
    assert marketing.post(f"{url}schedule/", {"on": "2020-01-01", "hour": 9}).status_code == 422
    answer = marketing.post(f"{url}schedule/", {"on": on, "hour": 9})
    assert answer.status_code == 200, answer.content
    assert answer.json()["state"] == "scheduled" and answer.json()["scheduled_for"].startswith(on)
    assert marketing.patch(url, {"name": "Another"}).status_code == 409
    assert marketing.post(f"{url}call_off/").json()["scheduled_for"] is None
