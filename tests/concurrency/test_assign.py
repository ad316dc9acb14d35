"""Many workers give away the same leads at once: each lead once, each turn once; and one that is taken by hand meanwhile."""

import pytest
from django.contrib.auth.models import Group

from core.models import Event
from leads.assigning import giving, promises
from leads.assigning.matching import active_rules
from leads.models import Assignment, AssignmentMember, Lead
from tests.concurrency.test_accept import at_once
from tests.factories import AssignmentRuleFactory, LeadFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)

WORKERS, LEADS = 6, 30


@pytest.fixture
def sellers(db):
    found = UserFactory.create_batch(3)
    for user in found:
        user.groups.add(Group.objects.get(name="sales"))
    return found


def test_six_workers_give_each_lead_once_and_keep_the_weights(sellers):
    AssignmentRuleFactory(
        members=dict(zip(sellers, (3, 2, 1), strict=True)), minutes_per_lead=1, minutes_per_open_lead=0
    )
    LeadFactory.create_batch(LEADS)
    at_once([giving.assign_waiting] * WORKERS)
    giving.assign_waiting()  # what two workers were at in the same moment is left for the next turn
    assert Assignment.objects.count() == Event.objects.filter(name="lead.assigned").count() == LEADS
    assert Assignment.objects.values("lead").distinct().count() == LEADS
    got = [Lead.objects.filter(owner=user).count() for user in sellers]
    assert all(abs(count - due) <= 1 for count, due in zip(got, (15, 10, 5), strict=True))
    assert sum(AssignmentMember.objects.values_list("credit", flat=True)) == pytest.approx(0, abs=1e-6)


def test_twelve_workers_and_one_lead(sellers):
    AssignmentRuleFactory(members=dict.fromkeys(sellers, 1))
    lead, rules = LeadFactory(), active_rules()
    answers = at_once([lambda: giving.give(lead.pk, rules)] * 12)
    assert sum(answer is not None for answer in answers) == 1
    assert Assignment.objects.count() == 1


def test_taken_by_hand_while_it_is_given(sellers):
    AssignmentRuleFactory(members={sellers[0]: 1})
    rules = active_rules()
    for _turn in range(8):
        lead = LeadFactory()
        at_once([lambda lead=lead: giving.give(lead.pk, rules), lambda lead=lead: lead.take(by=sellers[1])])
        lead.refresh_from_db()
        log = Assignment.objects.filter(lead=lead).order_by("pk")
        assert lead.owner_id == log.last().user_id
        assert log.exclude(rule=None).count() <= 1
        assert log.filter(rule=None).count() <= 1


def test_two_jobs_move_one_lead_on_once(sellers):
    rule = AssignmentRuleFactory(members=dict.fromkeys(sellers, 1))
    lead = LeadFactory()
    given = giving.give(lead.pk, active_rules())
    Assignment.objects.create(
        lead=LeadFactory(owner=sellers[0]), user=sellers[0], rule=rule, reason="x", counts_on=given.counts_on,
        at=given.at.replace(year=2020), due_by=given.at.replace(year=2020),
    )  # fmt: skip
    assert sum(at_once([promises.keep_promises] * 4)) == 1
    assert Assignment.objects.exclude(moved_on_at=None).count() == 1
