"""Activity plans: a named set of activities, started on a record with one click, once at a time."""

from datetime import date

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from activities import services
from activities.models import Activity, Plan, PlanStep
from core.lifecycle import Refused
from core.models import Event
from leads.models import Lead
from tests.factories import CompanyFactory, LeadFactory, QuoteFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan():
    found = Plan.objects.create(name="First contact", subject_type=ContentType.objects.get_for_model(Lead))
    PlanStep.objects.create(plan=found, days=0, kind="call", summary="Introduce us")
    PlanStep.objects.create(plan=found, days=2, kind="email", summary="Send references")
    return found


def page(record):
    return reverse("activities:plan_start", args=[record._meta.app_label, record._meta.model_name, record.pk])


def test_one_click_plans_every_step(cast, client_of, plan):
    lead = LeadFactory(owner=cast.sales)
    client = client_of(cast.sales)
    assert page(lead) in client.get(lead.get_absolute_url()).text
    shown = client.get(page(lead)).text
    assert "First contact" in shown and "Send references" in shown
    assert client.post(page(lead), {"plan": plan.pk}).url == lead.get_absolute_url()
    rows = Activity.objects.about(lead).order_by("due_on")
    assert [(row.kind, row.summary, row.owner) for row in rows] == [
        ("call", "Introduce us", cast.sales),
        ("email", "Send references", cast.sales),
    ]
    assert Event.objects.filter(name="activity.scheduled", actor=cast.sales).count() == 2


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        (date(2026, 11, 20), 0, date(2026, 11, 20)),
        (date(2026, 11, 20), 1, date(2026, 11, 23)),  # Friday -> Monday
        (date(2026, 11, 21), 0, date(2026, 11, 23)),  # Saturday
        (date(2026, 12, 7), 1, date(2026, 12, 9)),  # 8 December is a holiday
        (date(2026, 12, 24), 1, date(2026, 12, 28)),  # Christmas, Saint Stephen's, Sunday
    ],
)
def test_steps_fall_on_working_days(start, days, due):
    assert services.working_day(start, days) == due


def test_it_runs_once_at_a_time(cast, client_of, plan):
    lead = LeadFactory(owner=cast.sales)
    services.start_plan(plan=plan, subject=lead, by=cast.sales)
    answer = client_of(cast.sales).post(page(lead), {"plan": plan.pk})
    assert answer.status_code == 409 and "under way" in answer.text
    assert Activity.objects.about(lead).count() == 2
    for activity in Activity.objects.about(lead):
        services.complete(activity=activity, by=cast.sales)
    assert len(services.start_plan(plan=plan, subject=lead, by=cast.sales)) == 2


def test_a_plan_is_offered_where_it_fits(cast, client_of, plan):
    everywhere = Plan.objects.create(name="Visit")
    PlanStep.objects.create(plan=everywhere, summary="Go there")
    Plan.objects.create(name="Retired", is_active=False)
    company, quote = CompanyFactory(), QuoteFactory(owner=cast.sales)
    for record in (company, quote):
        shown = client_of(cast.sales).get(page(record)).text
        assert "Visit" in shown and "First contact" not in shown and "Retired" not in shown
        assert client_of(cast.sales).post(page(record), {"plan": plan.pk}).status_code == 409
    assert not Activity.objects.exists()


def test_an_empty_plan_is_refused(cast):
    empty = Plan.objects.create(name="Empty")
    with pytest.raises(Refused):
        services.start_plan(plan=empty, subject=CompanyFactory(), by=cast.sales)


@pytest.mark.parametrize("chosen", ["", "x", "-1", "9" * 30, "²"])
def test_nonsense_is_answered(cast, client_of, chosen):
    lead = LeadFactory(owner=cast.sales)
    assert client_of(cast.sales).post(page(lead), {"plan": chosen}).status_code == 409


def test_strangers_and_people_without_the_right_start_nothing(cast, client_of, plan):
    lead = LeadFactory(owner=cast.sales)
    assert client_of(cast.sales2).post(page(lead), {"plan": plan.pk}).status_code == 404
    assert client_of(cast.nobody).post(page(lead), {"plan": plan.pk}).status_code == 403
    with pytest.raises(PermissionDenied):
        services.start_plan(plan=plan, subject=lead, by=cast.nobody)
    assert not Activity.objects.exists()


def test_a_manager_makes_plans_in_the_admin(cast, client_of):
    url = reverse("admin:activities_plan_add")
    assert client_of(cast.manager).get(url).status_code == 200
    lines = {"steps-TOTAL_FORMS": 1, "steps-INITIAL_FORMS": 0, "steps-0-days": 3, "steps-0-kind": "call"}
    answer = client_of(cast.manager).post(
        url, {"name": "Follow up", "is_active": "on", **lines, "steps-0-summary": "Ask"}
    )
    assert answer.status_code == 302
    assert Plan.objects.get(name="Follow up").steps.get().days == 3
    assert client_of(cast.sales).get(url).status_code in (302, 403)
