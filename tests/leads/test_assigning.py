"""Leads are given by rules: to whom, why, never twice, never to somebody on leave; and not at all without a rule."""

from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone, translation

from activities.models import Activity, Notification
from core import history, outbox
from core.models import Event
from leads.assigning import giving, wording
from leads.assigning.matching import active_rules
from leads.models import Assignment, AssignmentMember, AssignmentRule, Lead
from leads.services import create_lead
from people.models import Leave
from tests.factories import (
    ActivityFactory,
    AssignmentRuleFactory,
    CampaignFactory,
    EmployeeFactory,
    LeadFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
WEDNESDAY = timezone.make_aware(datetime(2026, 11, 18, 10))
DAY = WEDNESDAY.date()


@pytest.fixture
def trio(sellers):
    return sellers("Rossi", "Bianchi", "Verdi")


@pytest.fixture
def sellers(db):
    from django.contrib.auth.models import Group

    def make(*names):
        made = [UserFactory(first_name="Ada", last_name=name) for name in names]
        for user in made:
            user.groups.add(Group.objects.get(name="sales"))
            EmployeeFactory(user=user)
        return made

    return make


def away(user, day=DAY):
    Leave.objects.create(employee=user.employee, kind="sick", starts_on=day, ends_on=day)


def give(lead, now=WEDNESDAY):
    return giving.give(lead.pk, active_rules(), now)


def owners(leads):
    return list(Lead.objects.filter(pk__in=[lead.pk for lead in leads]).order_by("pk").values_list("owner", flat=True))


# --- Refused --------------------------------------------------------------------------------------------------------------


def test_without_an_active_rule_leads_wait_to_be_taken(cast):
    AssignmentRuleFactory(members={cast.sales: 1}, active=False)
    lead = create_lead(by=cast.marketing, company_name="Pompe S.p.A.")
    outbox.relay()
    giving.assign_waiting()
    lead.refresh_from_db()
    assert (lead.owner, lead.state) == (None, "new")


def test_what_somebody_owns_or_is_closed_is_never_given(cast):
    AssignmentRuleFactory(members={cast.sales: 1})
    for lead in (LeadFactory(owner=cast.sales2), LeadFactory(state="lost"), LeadFactory(state="converted")):
        assert give(lead) is None
    assert not Assignment.objects.exists()


def test_who_is_on_leave_on_holiday_or_gone_gets_nothing(trio):
    rossi, bianchi, verdi = trio
    away(bianchi)
    verdi.is_active = False
    verdi.save()
    AssignmentRuleFactory(members=dict.fromkeys(trio, 1))
    leads = LeadFactory.create_batch(6)
    given = [give(lead) for lead in leads]
    assert owners(leads) == [rossi.pk] * 6
    assert "Bianchi on leave" in wording.reason(given[0].facts)
    assert "Verdi no longer works leads" in wording.reason(given[0].facts)
    assert "sick" not in str(given[0].facts).lower() + given[0].reason.lower()


def test_nobody_there_at_all(trio, cast):
    AssignmentRuleFactory(members={cast.marketing: 1})  # may not work leads
    AssignmentRuleFactory()
    assert give(LeadFactory()) is None


def test_leads_older_than_the_rule_are_left_to_people(trio):
    AssignmentRuleFactory(members={trio[0]: 1}, active_since=timezone.now())
    old = LeadFactory(created_at=timezone.now() - timedelta(hours=1))
    new = LeadFactory()
    assert giving.assign_waiting() == 1
    assert owners([old, new]) == [None, trio[0].pk]


def test_the_log_stays_as_it_was_written(trio):
    AssignmentRuleFactory(members={trio[0]: 1})
    given = give(LeadFactory())
    for change in ({"reason": "x"}, {"user": trio[1]}, {"at": timezone.now()}, {"facts": {}}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Assignment.objects.filter(pk=given.pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        Assignment.objects.all().delete()
    assert Assignment.objects.filter(pk=given.pk).update(first_contact_at=timezone.now()) == 1


# --- By weight ------------------------------------------------------------------------------------------------------------


def test_a_hundred_leads_by_weight_with_somebody_on_leave(trio, sellers):
    rossi, bianchi, verdi = trio
    (neri,) = sellers("Neri")
    away(bianchi)
    AssignmentRuleFactory(
        members={rossi: 3, bianchi: 5, verdi: 2, neri: 1}, minutes_per_lead=4, minutes_per_open_lead=0
    )
    leads = LeadFactory.create_batch(100)
    for lead in leads:
        give(lead)
    got = {user: Lead.objects.filter(owner=user).count() for user in (rossi, bianchi, verdi, neri)}
    assert got[bianchi] == 0
    assert sum(got.values()) == 100
    for user, weight in ((rossi, 3), (verdi, 2), (neri, 1)):
        assert abs(got[user] - 100 * weight / 6) <= 1


def test_who_comes_back_gets_a_share_and_no_heap(trio):
    rossi, bianchi, verdi = trio
    away(bianchi)
    AssignmentRuleFactory(members=dict.fromkeys(trio, 1), minutes_per_lead=2, minutes_per_open_lead=0)
    for lead in LeadFactory.create_batch(20):
        give(lead)
    tomorrow = WEDNESDAY + timedelta(days=1)
    later = LeadFactory.create_batch(30)
    for lead in later:
        give(lead, tomorrow)
    assert all(abs(owners(later).count(user.pk) - 10) <= 1 for user in trio)


def test_weights_hold_over_many_days_and_while_leads_are_worked(trio):
    AssignmentRuleFactory(members=dict(zip(trio, (2, 2, 1), strict=True)))
    for n in range(50):
        give(LeadFactory(), WEDNESDAY + timedelta(days=n // 10))
    got = [Assignment.objects.filter(user=user).count() for user in trio]
    assert all(abs(count - due) <= 1 for count, due in zip(got, (20, 20, 10), strict=True))


# --- Room -----------------------------------------------------------------------------------------------------------------


def test_who_has_no_time_left_is_passed_over(trio):
    rossi, bianchi, _verdi = trio
    ActivityFactory.create_batch(32, owner=rossi, due_on=DAY)  # 32 quarters of an hour are a day
    AssignmentRuleFactory(members={rossi: 9, bianchi: 1}, minutes_per_lead=240)
    first, second = give(LeadFactory()), give(LeadFactory())
    assert {first.user, second.user} == {bianchi}
    assert "Rossi full (0/0)" in wording.reason(first.facts)
    assert "Bianchi 1/2 today" in wording.reason(first.facts)
    facts = next(one for one in first.facts["others"] if one["user"] == rossi.pk)
    assert wording.room(facts) == ("8 hours less 32 activities due and 0 open leads: room for 0 new leads, 0 given")


def test_when_all_are_full_the_rule_says_what_happens(trio):
    rule = AssignmentRuleFactory(members={trio[0]: 1}, minutes_per_lead=480, give_when_full=False)
    assert give(LeadFactory()).user == trio[0]
    waits = LeadFactory()
    assert give(waits) is None
    assert give(waits, WEDNESDAY + timedelta(days=1)) is None  # yesterday's lead is open, and takes five minutes a day
    rule.minutes_per_open_lead = 0
    rule.save()
    assert give(waits, WEDNESDAY + timedelta(days=1)).user == trio[0]
    rule.give_when_full = True
    rule.save()
    given = give(LeadFactory(), WEDNESDAY + timedelta(days=1))
    assert "2/1 today, although nobody has time left" in wording.reason(given.facts)


def test_what_comes_at_the_weekend_is_mondays(trio):
    rossi, bianchi, _verdi = trio
    saturday = WEDNESDAY + timedelta(days=3)
    away(bianchi, DAY + timedelta(days=5))
    AssignmentRuleFactory(members={rossi: 1, bianchi: 9})
    given = give(LeadFactory(), saturday)
    assert (given.user, given.counts_on) == (rossi, DAY + timedelta(days=5))
    assert "Rossi 1/16 on 23 Nov 2026" in wording.reason(given.facts).replace("\xa0", " ")
    assert timezone.localtime(given.due_by).strftime("%a %H:%M") == "Mon 13:00"


def test_who_has_gone_home_waits_for_tomorrow(trio):
    rossi, bianchi, _verdi = trio
    type(rossi.employee).objects.filter(pk=rossi.employee.pk).update(weekly_hours=20)  # mornings
    AssignmentRuleFactory(members={rossi: 9, bianchi: 1})
    given = give(LeadFactory(), WEDNESDAY + timedelta(hours=5))
    assert given.user == bianchi
    assert "Rossi has finished for the day" in wording.reason(given.facts)


# --- Matching -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "fits", "fits_not"),
    [
        ({"regions": ["lombardia"]}, {"province": "bg"}, {"province": "TO"}),
        ({"regions": ["lombardia"]}, {"province": "Milano", "country": "Italia"}, {"province": "MI", "country": "US"}),
        ({"regions": ["emilia-romagna"]}, {"province": "Forlì-Cesena"}, {"province": ""}),
        ({"provinces": ["TO"], "regions": ["liguria"]}, {"province": "GE"}, {"province": "CN"}),
        ({"countries": ["DE", "AT"]}, {"country": "Germania"}, {"country": "IT"}),
        ({"countries": ["DE"], "provinces": ["BZ"]}, {"province": "Bolzano"}, {"province": "TN"}),
        ({"sources": ["fiera", "web"]}, {"source": "Sito Web"}, {"source": "Telefono"}),
        ({"interests": ["pompe"]}, {"interest": "Pompe dosatrici"}, {"interest": "Filtri"}),
        ({"languages": ["en"]}, {"language": "en"}, {"language": "it"}),
        ({"score_from": 60}, {"score": 60}, {"score": 59}),
        ({"score_from": 60}, {"score": 99}, {"score": None}),
        ({"score_to": 20}, {"score": 0}, {"score": 21}),
        ({"score_from": 10, "score_to": 20}, {"score": 15}, {"score": 25}),
        ({}, {"country": "", "province": "?"}, None),
    ],
)
def test_which_leads_fit(trio, asked, fits, fits_not):
    AssignmentRuleFactory(members={trio[0]: 1}, **asked)
    assert give(LeadFactory(**fits)) is not None
    assert fits_not is None or give(LeadFactory(**fits_not)) is None


def test_a_campaigns_leads(trio):
    fair = CampaignFactory(name="Fiera di Bologna")
    AssignmentRuleFactory(members={trio[0]: 1}).campaigns.add(fair)
    assert give(LeadFactory(campaign=CampaignFactory())) is None
    assert "campaign “Fiera di Bologna”" in wording.reason(give(LeadFactory(campaign=fair)).facts)


def test_the_first_rule_that_has_somebody_gives(trio):
    rossi, bianchi, _verdi = trio
    away(rossi)
    AssignmentRuleFactory(position=1, name="Nord", regions=["piemonte"], members={rossi: 1})
    AssignmentRuleFactory(position=2, name="Tutti", members={bianchi: 1})
    given = give(LeadFactory(province="TO"))
    assert given.user == bianchi
    assert wording.reason(given.facts) == "Rule 2 “Tutti”: Ada Bianchi 1/16 today. Rule 1 had nobody."
    with translation.override("it"):
        assert wording.reason(given.facts) == "Regola 2 “Tutti”: Ada Bianchi 1/16 oggi. La regola 1 non aveva nessuno."
    assert given.reason == "Regola 2 “Tutti”: Ada Bianchi 1/16 oggi. La regola 1 non aveva nessuno."


# --- How it comes about ---------------------------------------------------------------------------------------------------


def test_a_new_lead_is_scored_then_assigned_then_told(cast):
    AssignmentRuleFactory(members={cast.sales: 1}, score_to=100, name="Tutti")
    lead = create_lead(by=cast.marketing, company_name="Pompe S.p.A.", province="MI")
    outbox.relay()
    lead.refresh_from_db()
    given = Assignment.objects.get()
    assert (lead.owner, lead.state, given.lead, given.user) == (cast.sales, "new", lead, cast.sales)
    assert [event.name for event in Event.objects.about(lead).order_by("pk")] == ["lead.created", "lead.assigned"]
    note = next(entry.body for entry in history.timeline(lead, cast.manager) if entry.kind == "act")
    assert note == given.reason
    assert Notification.objects.get(user=cast.sales).name == "lead.assigned"


def test_what_the_reaction_could_not_give_the_job_gives(trio):
    rule = AssignmentRuleFactory(members=dict.fromkeys(trio, 1), regions=["veneto"])
    lead = LeadFactory(province="MI")
    assert giving.assign_waiting() == 0
    Lead.objects.filter(pk=lead.pk).update(province="VR")
    assert giving.assign_waiting() == 1
    assert giving.assign_waiting() == 0
    assert rule.assignments.count() == 1


def test_a_failed_transaction_gives_no_turn_away(trio):
    AssignmentRuleFactory(members=dict.fromkeys(trio, 1))
    lead = LeadFactory()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        give(lead)
        raise ZeroDivisionError
    assert not Assignment.objects.exists()
    assert set(AssignmentMember.objects.values_list("credit", flat=True)) == {0}


def test_queries_do_not_grow_with_the_team(sellers, django_assert_max_num_queries):
    AssignmentRuleFactory(members=dict.fromkeys(sellers(*"ABCDEFGHIJ"), 1))
    lead = LeadFactory()
    with django_assert_max_num_queries(22):
        assert give(lead)


def test_many_are_given_in_the_queries_of_one(sellers, django_assert_max_num_queries):
    """Rules, calendars, open work and turns are read once, and what was given is written once, for a hundred leads."""
    people = sellers(*"ABCDE")
    AssignmentRuleFactory(members=dict.fromkeys(people, 1), regions=["veneto"], minutes_per_lead=1)
    AssignmentRuleFactory(members={people[0]: 2, people[1]: 1}, minutes_per_lead=1, minutes_per_open_lead=0)
    LeadFactory.create_batch(60, province="VR")
    LeadFactory.create_batch(40, province="MI")
    with django_assert_max_num_queries(26):
        assert giving.assign_waiting() == 100
    assert Event.objects.filter(name="lead.assigned").count() == Assignment.objects.count() == 100
    first, second = (rule.assignments for rule in AssignmentRule.objects.order_by("position"))
    assert {first.filter(user=user).count() for user in people} == {12}
    assert abs(second.filter(user=people[0]).count() - 40 * 2 / 3) <= 1
    assert second.order_by("pk").last().facts["chosen"]["got"] > 12  # what the first rule gave takes room in the second


def test_open_work_is_counted_once(trio):
    AssignmentRuleFactory(members={trio[0]: 1})
    LeadFactory.create_batch(6, owner=trio[0])
    Activity.objects.filter(owner=trio[0]).delete()
    first, second = give(LeadFactory()), give(LeadFactory())
    assert (first.facts["chosen"]["open_leads"], second.facts["chosen"]["open_leads"]) == (6, 6)
    assert first.facts["chosen"]["places"] == second.facts["chosen"]["places"] == 15
    assert [given.facts["chosen"]["got"] for given in (first, second)] == [1, 2]
