"""Activities: scheduled on any record's page, done once, seen by those who see the record, gathered in my day."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from activities import reports, services
from activities.models import Activity
from core.lifecycle import Refused
from core.models import Event
from tests.factories import ActivityFactory, CompanyFactory, LeadFactory, OpportunityFactory

pytestmark = pytest.mark.django_db


def test_scheduled_on_a_records_page_and_shown_there(cast, client_of):
    deal = OpportunityFactory(owner=cast.sales)
    client = client_of(cast.sales)
    url = reverse("activities:activity_about", args=["opportunities", "opportunity", deal.pk])
    assert url in client.get(deal.get_absolute_url()).text
    day = timezone.localdate() + timedelta(days=3)
    answer = client.post(
        url, {"summary": "Call about the price", "kind": "call", "due_on": day, "owner": cast.sales.pk}
    )
    assert (answer.status_code, answer.url) == (302, deal.get_absolute_url())
    activity = Activity.objects.get()
    assert (activity.subject, activity.owner, activity.due_on) == (deal, cast.sales, day)
    assert Event.objects.filter(name="activity.scheduled", actor=cast.sales).exists()
    assert "Call about the price" in client.get(deal.get_absolute_url()).text


def test_done_with_its_outcome_and_told_in_the_timeline(cast, client_of):
    deal = OpportunityFactory(owner=cast.sales)
    activity = ActivityFactory(subject=deal, owner=cast.sales, kind="call", summary="Call Anna")
    client = client_of(cast.sales)
    url = reverse("activities:activity_complete", args=[activity.pk])
    assert client.get(url).status_code == 200
    assert client.post(url, {"outcome": "She wants 10 % off"}).url == deal.get_absolute_url()
    activity.refresh_from_db()
    assert activity.done_at
    page = client.get(f"{deal.get_absolute_url()}?kind=call").text
    assert "She wants 10 % off" in page
    assert client.post(url, {"outcome": ""}).status_code == 409
    client.post(reverse("activities:activity_reopen", args=[activity.pk]))
    activity.refresh_from_db()
    assert activity.done_at is None
    names = Event.objects.about(activity).values_list("name", flat=True)
    assert set(names) == {"activity.completed", "activity.reopened"}


def test_what_is_wrong_is_said_beside_the_field(cast, client_of):
    lead = LeadFactory(owner=cast.sales)
    url = reverse("activities:activity_about", args=["leads", "lead", lead.pk])
    answer = client_of(cast.sales).post(url, {"summary": "", "kind": "dance", "due_on": "2026-13-45", "owner": "x"})
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"summary", "kind", "due_on", "owner"}


def test_from_nothing_it_is_about_a_company(cast, client_of):
    company = CompanyFactory()
    client = client_of(cast.sales)
    facts = {"summary": "Visit", "kind": "meeting", "due_on": timezone.localdate(), "owner": cast.sales.pk}
    assert client.post("/activities/new/", facts).status_code == 422
    assert client.post("/activities/new/", facts | {"company": company.pk}).status_code == 302
    assert Activity.objects.get().subject == company


def test_strangers_see_nothing_of_it(cast, client_of):
    lead = LeadFactory(owner=cast.sales)
    activity = ActivityFactory(subject=lead, owner=cast.sales)
    other = client_of(cast.sales2)
    for name in ("detail", "edit", "complete", "reopen"):
        assert other.get(reverse(f"activities:activity_{name}", args=[activity.pk])).status_code == 404, name
    about = reverse("activities:activity_about", args=["leads", "lead", lead.pk])
    assert other.get(about).status_code == 404
    assert client_of(cast.nobody).get(activity.get_absolute_url()).status_code == 403
    assert activity.summary not in other.get("/activities/").text


def test_who_sees_the_record_sees_and_finishes_what_is_planned_for_it(cast, client_of):
    lead = LeadFactory(owner=cast.sales)
    activity = ActivityFactory(subject=lead, owner=cast.pm)
    client = client_of(cast.sales)
    assert client.get(activity.get_absolute_url()).status_code == 200
    assert client.post(reverse("activities:activity_complete", args=[activity.pk]), {}).status_code == 302


@pytest.mark.parametrize(
    "path",
    ["core/delivery/1", "auth/group/1", "leads/nonsense/1", "nonsense/lead/1", "leads/lead/99999999999999999999"],
)
def test_addresses_that_name_no_record_of_ours(cast, client_of, path):
    client = client_of(cast.sales)
    assert client.get(f"/activities/about/{path}/").status_code == 404
    assert client.post(f"/notes/about/{path}/", {"note-body": "x"}).status_code == 404


def test_services_demand_the_right_and_somebody_to_do_it(cast):
    lead = LeadFactory()
    with pytest.raises(PermissionDenied):
        services.schedule(subject=lead, summary="x", by=cast.nobody)
    from core.access import JOB

    with pytest.raises(Refused):
        services.schedule(subject=lead, summary="x", by=JOB)
    assert services.schedule(subject=lead, summary="x", by=JOB, owner=cast.sales).due_on == timezone.localdate()


def test_my_day_is_grouped_overdue_first_and_links_each_record(cast, client_of):
    today = timezone.localdate()
    lead = LeadFactory(owner=cast.sales, company_name="Acme Lead")
    hidden = LeadFactory(owner=cast.sales2, company_name="Not for Sales")
    for summary, days, subject in (
        ("Late one", -3, lead),
        ("Today one", 0, lead),
        ("Next week", 5, lead),
        ("Far away", 60, lead),
        ("On a lost record", 0, hidden),
    ):
        ActivityFactory(summary=summary, due_on=today + timedelta(days=days), owner=cast.sales, subject=subject)
    ActivityFactory(summary="Of a colleague", owner=cast.sales2)
    ActivityFactory(summary="Finished", owner=cast.sales, done_at=timezone.now())
    groups = {g.key: [t.activity.summary for t in g.tasks] for g in reports.my_day(cast.sales)}
    assert groups == {
        "overdue": ["Late one"],
        "today": ["Today one", "On a lost record"],
        "coming": ["Next week"],
        "done": ["Finished"],
    }
    page = client_of(cast.sales).get(reverse("activities:my_day")).text
    assert lead.get_absolute_url() in page
    assert "Not for Sales" not in page
    assert page.index("Late one") < page.index("Today one") < page.index("Next week")


def test_my_day_takes_the_same_number_of_queries_for_three_and_for_thirty(cast, client_of, django_assert_num_queries):
    client, url = client_of(cast.sales), reverse("activities:my_day")
    ActivityFactory.create_batch(3, owner=cast.sales)
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.get(url)
    with CaptureQueriesContext(connection) as few:
        client.get(url)
    ActivityFactory.create_batch(27, owner=cast.sales)
    with django_assert_num_queries(len(few)):
        client.get(url)


def test_the_list_and_its_filters(cast, client_of):
    ActivityFactory(owner=cast.sales, summary="Ring", kind="call")
    ActivityFactory(owner=cast.sales, summary="Finished", done_at=timezone.now())
    client = client_of(cast.sales)
    assert "Ring" in client.get("/activities/?done=false").text
    assert "Finished" not in client.get("/activities/?done=false").text
    assert "Ring" not in client.get("/activities/?kind=meeting").text
