"""Pages of assignment: rules are kept by managers, tried before they go live, and say who got what and why."""

from datetime import date, datetime, timedelta

import pytest
from django.utils import timezone

from leads.assigning import asking, giving, simulating
from leads.assigning.matching import active_rules
from leads.models import Assignment, AssignmentMember, AssignmentRule, Lead
from people.models import Leave, WorkingCalendar
from tests.factories import (
    AssignmentRuleFactory,
    CampaignFactory,
    EmployeeFactory,
    LeadFactory,
    WorkingCalendarFactory,
)

pytestmark = pytest.mark.django_db
WEDNESDAY = timezone.make_aware(datetime(2026, 11, 18, 10))
HOSTILE = ("", "x", "-1", "9" * 5000, "<script>alert(1)</script>", "' OR 1=1 --", "٣")


def facts(cast, **changes):
    found = {
        "name": "North", "position": "1", "regions": ["lombardia", "piemonte"], "countries": "", "provinces": "",
        "sources": "website, fair", "interests": "", "languages": ["it"], "score_from": "", "score_to": "",
        "sla_minutes": "120", "minutes_per_lead": "30", "minutes_per_open_lead": "5", "minutes_per_activity": "15",
        "give_when_full": "on", f"weight_{cast.sales.pk}": "3", f"weight_{cast.sales2.pk}": "1",
    }  # fmt: skip
    return found | changes


# --- Refused --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["sales", "marketing", "pm", "nobody"])
def test_only_managers_keep_rules_and_ask_why(cast, client_of, who):
    rule = AssignmentRuleFactory(members={cast.sales: 1})
    client = client_of(getattr(cast, who))
    pages = ("/settings/assignment/", rule.get_absolute_url(), rule.edit_url, f"{rule.get_absolute_url()}simulation/",
             "/settings/assignment/new/", "/leads/why-not-me/", f"/leads/why-not-me/?person={cast.sales.pk}")  # fmt: skip
    assert {page: client.get(page).status_code for page in pages} == dict.fromkeys(pages, 403)
    assert client.post(rule.edit_url, facts(cast)).status_code == 403
    assert client.post("/settings/assignment/new/", facts(cast)).status_code == 403


@pytest.mark.parametrize("who", ["sales", "marketing", "pm", "nobody"])
def test_only_human_resources_and_managers_keep_calendars(cast, client_of, who):
    calendar = WorkingCalendarFactory()
    client = client_of(getattr(cast, who))
    for page in ("/settings/calendars/", calendar.get_absolute_url(), calendar.edit_url, "/settings/calendars/new/"):
        assert client.get(page).status_code == 403


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"position": "0"}, "position"),
        ({"regions": ["atlantis"]}, "regions"),
        ({"provinces": "Milano, Atlantide"}, "provinces"),
        ({"countries": "Freedonia"}, "countries"),
        ({"sources": ", ".join(map(str, range(200)))}, "sources"),
        ({"sources": "x" * 81}, "sources"),
        ({"languages": ["xx"]}, "languages"),
        ({"campaigns": ["999999"]}, "campaigns"),
        ({"score_from": "60", "score_to": "40"}, "score_to"),
        ({"score_to": "101"}, "score_to"),
        ({"sla_minutes": "0"}, "sla_minutes"),
        ({"minutes_per_lead": "0"}, "minutes_per_lead"),
        ({"minutes_per_lead": "9" * 30}, "minutes_per_lead"),
    ],
)
def test_what_is_no_rule(cast, client_of, wrong, field):
    answer = client_of(cast.manager).post("/settings/assignment/new/", facts(cast, **wrong))
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {field}
    assert not AssignmentRule.objects.exists()


def test_a_weight_is_a_number_and_an_active_rule_has_people(cast, client_of):
    client = client_of(cast.manager)
    weights = {f"weight_{cast.sales.pk}": "", f"weight_{cast.sales2.pk}": ""}
    for value in ("0", "101", "x", "-3"):
        answer = client.post("/settings/assignment/new/", facts(cast, **weights | {f"weight_{cast.sales.pk}": value}))
        assert set(answer.context["form"].errors) == {f"weight_{cast.sales.pk}"}
    answer = client.post("/settings/assignment/new/", facts(cast, **weights, active="on"))
    assert set(answer.context["form"].errors) == {"active"}
    stranger = facts(cast, **weights) | {f"weight_{cast.marketing.pk}": "5"}
    assert client.post("/settings/assignment/new/", stranger).status_code == 302
    assert not AssignmentMember.objects.exists()


@pytest.mark.parametrize("value", HOSTILE)
def test_hostile_addresses(cast, client_of, value):
    rule = AssignmentRuleFactory(members={cast.sales: 1})
    client = client_of(cast.manager)
    assert client.get(f"{rule.get_absolute_url()}simulation/", {"days": value, "panel": "result"}).status_code == 200
    assert client.get("/leads/why-not-me/", {"days": value}).status_code == 200
    assert client.get("/leads/why-not-me/", {"person": value}).status_code == (404 if value else 200)


# --- Rules ----------------------------------------------------------------------------------------------------------------


def test_a_rule_is_written_tried_and_made_active(cast, client_of):
    client = client_of(cast.manager)
    fair = CampaignFactory()
    sent = facts(cast, provinces="Genova, sv", countries="Germania, at", campaigns=[str(fair.pk)])
    assert client.post("/settings/assignment/new/", sent).status_code == 302
    rule = AssignmentRule.objects.get()
    assert (rule.regions, rule.provinces, rule.countries) == (["lombardia", "piemonte"], ["GE", "SV"], ["DE", "AT"])
    assert (rule.sources, list(rule.campaigns.all()), rule.active) == (["website", "fair"], [fair], False)
    assert dict(rule.members.values_list("user", "weight")) == {cast.sales.pk: 3, cast.sales2.pk: 1}
    page = client.get(rule.get_absolute_url()).content.decode()
    for words in ("Lombardy, Piedmont", "Genova, Savona", "Germany, Austria", "2 hours", "room for 16 new leads"):
        assert words in page
    form = client.get(rule.edit_url).context["form"]
    assert "GE, SV" in str(form["provinces"])
    rule.members.update(credit=0.5)
    began = timezone.now()
    assert client.post(rule.edit_url, sent | {"active": "on"}).status_code == 302
    rule.refresh_from_db()
    assert rule.active and rule.active_since >= began
    assert set(rule.members.values_list("credit", flat=True)) == {0.5}  # the same people: turns go on
    assert client.post(rule.edit_url, sent | {"active": "on", f"weight_{cast.sales.pk}": ""}).status_code == 302
    assert list(rule.members.values_list("user", "credit")) == [(cast.sales2.pk, 0)]


def test_who_has_left_stays_in_the_form_and_can_be_taken_out(cast, client_of):
    rule = AssignmentRuleFactory(members={cast.sales: 2, cast.sales2: 1})
    cast.sales2.is_active = False
    cast.sales2.save()
    client = client_of(cast.manager)
    assert client.get(rule.edit_url).context["form"][f"weight_{cast.sales2.pk}"].value() == 1
    assert "no longer works leads" in client.get(rule.get_absolute_url()).content.decode()


def test_the_page_of_a_lead_says_why_this_owner(cast, client_of):
    AssignmentRuleFactory(members={cast.sales: 1}, name="Everybody", position=7)
    lead = LeadFactory()
    giving.give(lead.pk, active_rules())
    page = client_of(cast.sales).get(lead.get_absolute_url()).content.decode()
    assert "Why this owner" in page
    assert "Rule 7 “Everybody”: Sales Test 1/16" in page
    assert "First contact awaited" in page
    assert client_of(cast.sales2).get(lead.get_absolute_url()).status_code == 404
    assert "Why this owner" not in client_of(cast.manager).get(LeadFactory().get_absolute_url()).content.decode()


# --- Simulation -----------------------------------------------------------------------------------------------------------


def test_a_hundred_leads_of_last_month_by_weight_with_somebody_on_leave(cast, client_of):
    for user in (cast.sales, cast.sales2, cast.manager):
        EmployeeFactory(user=user)
    Leave.objects.create(employee=cast.manager.employee, starts_on=date(2026, 10, 1), ends_on=date(2026, 12, 24))
    rule = AssignmentRuleFactory(members={cast.sales: 3, cast.sales2: 1, cast.manager: 4}, active=False)
    for n in range(100):
        LeadFactory(created_at=WEDNESDAY - timedelta(hours=6 * n + 1))
    found = simulating.simulate(rule, now=WEDNESDAY)
    got = {pk: tally.got for pk, tally in found.tallies.items()}
    assert got[cast.manager.pk] == 0
    assert found.shared_out == found.fitting == 100
    assert abs(got[cast.sales.pk] - 75) <= 1
    assert abs(got[cast.sales2.pk] - 25) <= 1
    assert found.widest <= 1
    assert found.tallies[cast.manager.pk].days_away == 23
    assert "Manager Test on leave" in found.given[0].reason
    assert not Assignment.objects.exists()
    assert not Lead.objects.exclude(owner=None).exists()
    assert set(rule.members.values_list("credit", flat=True)) == {0}


def test_a_simulation_leaves_to_other_rules_what_is_theirs(cast):
    AssignmentRuleFactory(members={cast.sales2: 1}, position=1, regions=["veneto"])
    rule = AssignmentRuleFactory(members={cast.sales: 1}, position=2, countries=["IT"], give_when_full=False)
    now = timezone.now()
    for province, country in (("VR", "IT"), ("MI", "IT"), ("", "DE"), ("MI", "IT")):
        LeadFactory(province=province, country=country, created_at=now - timedelta(days=1), owner=cast.manager)
    LeadFactory(created_at=now - timedelta(days=40))
    found = simulating.simulate(rule)
    assert (found.seen, found.fitting, found.earlier, found.nobody, found.shared_out) == (4, 3, 1, 0, 2)


def test_the_page_of_a_simulation(cast, client_of, django_assert_max_num_queries):
    rule = AssignmentRuleFactory(members={cast.sales: 2, cast.sales2: 1}, active=False)
    LeadFactory.create_batch(9, created_at=timezone.now() - timedelta(days=2))
    client = client_of(cast.manager)
    with django_assert_max_num_queries(30):
        answer = client.get(f"{rule.get_absolute_url()}simulation/?days=7&panel=result")
    assert [tally.got for tally in answer.context["tallies"]] == [6, 3]
    assert "Not active" in answer.content.decode()
    empty = client.get(f"{AssignmentRuleFactory().get_absolute_url()}simulation/?panel=result")
    assert empty.status_code == 200


# --- Why not me -----------------------------------------------------------------------------------------------------------


def test_why_not_me(cast, client_of):
    EmployeeFactory(user=cast.sales2)
    both = AssignmentRuleFactory(members={cast.sales: 1, cast.sales2: 1}, name="Both", provinces=["MI"])
    AssignmentRuleFactory(members={cast.sales: 1}, name="Only one", provinces=["TO"])
    today = timezone.localdate()
    for lead in LeadFactory.create_batch(2, province="MI"):
        giving.give(lead.pk, active_rules())
    Leave.objects.create(employee=cast.sales2.employee, starts_on=today, ends_on=today + timedelta(days=9), kind="sick")
    for lead in (LeadFactory(province="MI"), LeadFactory(province="TO")):
        giving.give(lead.pk, active_rules())
    answer = asking.ask(cast.sales2, cast.manager)
    assert (answer.got, answer.missed) == (1, 2)
    assert dict(answer.reasons) == {"It was somebody else's turn": 1, "On leave": 1}
    assert answer.not_in == [("Only one", 1)]
    assert [row.rule for row in answer.passed] == ["Both", "Both"]
    page = client_of(cast.manager).get(f"/leads/why-not-me/?person={cast.sales2.pk}&days=7").content.decode()
    for words in ("On leave", "Sales2 Test on leave", "Not in the rule “Only one”", str(answer.passed[0].lead)):
        assert words in page
    assert "Sick" not in page
    assert both.assignments.count() == 3


def test_names_of_leads_are_told_to_those_who_see_them(cast):
    rule = AssignmentRuleFactory(members={cast.sales: 1, cast.sales2: 1})
    giving.give(LeadFactory().pk, active_rules())
    given = Assignment.objects.get()
    loser = cast.sales2 if given.user == cast.sales else cast.sales
    assert asking.ask(loser, loser).passed[0].lead is None
    assert asking.ask(loser, cast.manager).passed[0].lead == given.lead
    assert rule.assignments.count() == 1


# --- Calendars ------------------------------------------------------------------------------------------------------------


def test_a_calendar_is_kept_and_given_to_somebody(cast, client_of):
    client = client_of(cast.hr)
    sent = {"name": "Milano", "country": "it", "province": "mi", "is_default": "on", "starts_at": "08:30",
            "break_starts_at": "12:30", "break_ends_at": "13:30", "saturday": "0", "sunday": "0",
            **dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), "7.5")}  # fmt: skip
    assert client.post("/settings/calendars/new/", sent).status_code == 302
    calendar = WorkingCalendar.objects.get()
    assert (calendar.country, calendar.province, calendar.weekly_hours) == ("IT", "MI", 37.5)
    page = client.get(calendar.get_absolute_url()).content.decode()
    assert "Ambrose" in page
    again = client.post("/settings/calendars/new/", sent | {"name": "Roma", "province": "RM"})
    assert set(again.context["form"].errors) == {"is_default"}
    for wrong in ({"monday": "25"}, {"starts_at": "x"}, {"province": "ZZ"}, {"country": "??"}, {"break_ends_at": ""}):
        assert client.post(calendar.edit_url, sent | wrong).status_code == 422
    employee = EmployeeFactory(user=cast.sales)
    data = {"first_name": "Sara", "last_name": "Galli", "hired_on": "2020-01-07", "weekly_hours": "40"}
    assert client.post(employee.edit_url, data | {"calendar": calendar.pk}).status_code == 302
    employee.refresh_from_db()
    assert employee.calendar == calendar


# --- The demo -------------------------------------------------------------------------------------------------------------


def test_the_demo_tells_of_its_rules_and_leaves_most_leads_to_be_taken(db, client_of):
    from people.models import User
    from zencrm.demo import story

    story.tell(leads=400, seed=1)
    rules = list(AssignmentRule.objects.filter(active=True))
    log = Assignment.objects.exclude(rule=None).select_related("rule", "user")
    assert len(rules) == AssignmentRule.objects.count() == 5
    assert log.count() >= 10
    assert log.exclude(moved_on_at=None).count() >= 2
    assert len({row.rule for row in log}) >= 2
    assert all(f"Regola {row.rule.position} “{row.rule.name}”" in row.reason for row in log)
    assert not [row for row in log if "although" in row.reason or "benché" in row.reason or "anche se" in row.reason]
    assert not log.filter(first_contact_at=None, moved_on_at=None).exists()
    before = Lead.objects.unassigned().count()
    assert before
    assert giving.assign_waiting() == 0
    client = client_of(User.objects.get(username="manager"))
    for rule in rules:
        assert client.get(rule.get_absolute_url()).status_code == 200
        assert client.get(f"{rule.get_absolute_url()}simulation/?panel=result").status_code == 200
    north = AssignmentRule.objects.get(name="Nord")
    found = simulating.simulate(north)
    assert found.shared_out > 5
    assert found.widest <= 1
    _every_lead_has_somebody_though_one_is_on_leave(rules)
    _todays_conversion_can_be_undone()


def _every_lead_has_somebody_though_one_is_on_leave(rules):
    """From anywhere, of any source: each of these is given, none to who is away today."""
    away = Leave.objects.filter(starts_on=timezone.localdate()).get().employee.user
    morning = timezone.make_aware(datetime.combine(timezone.localdate(), datetime.min.time()))
    for where in ({"province": "MI"}, {"province": "NA"}, {"province": "CA"}, {"country": "DE"}, {"country": "JP"}):
        for source in ("website", "", "LinkedIn"):
            given = giving.give(LeadFactory(source=source, **where).pk, active_rules(), morning)
            assert given is not None
            assert given.user != away
    assert {row.rule.name for row in Assignment.objects.order_by("-pk")[:15]} == {
        "Nord", "Centro, Sud e isole", "Estero", "Tutti gli altri",
    }  # fmt: skip


def _todays_conversion_can_be_undone():
    from opportunities import undoing
    from opportunities.models import Conversion

    conversion = Conversion.objects.get()
    assert (conversion.lead.state, undoing.why_not(conversion.lead)) == ("converted", [])
