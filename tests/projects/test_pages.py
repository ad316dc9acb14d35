"""Pages of projects: who sees what, what the result says, the hand-over, hours and costs from the project's page."""

from datetime import date
from decimal import Decimal

import pytest
from django.utils import timezone

from projects.models import Entry, Expense, Project, TimeEntry
from projects.services import book_expense, log_hours
from tests.factories import (
    CompanyFactory,
    ContractFactory,
    CostRateFactory,
    EmployeeFactory,
    ProjectFactory,
)

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 10)


@pytest.fixture
def project(cast):
    found = ProjectFactory(state="in_progress", owner=cast.pm, revenue=2000)
    found.book(kind="budget", on=DAY, description="Budget", amount=Decimal(1200), source=found.contract)
    book_expense(project=found, on=DAY, description="Crane", amount=Decimal("333.33"), by=cast.pm)
    return found


def test_the_result_adds_up_and_every_figure_opens_its_rows(project, cast, client_of):
    project.book(kind="revenue", on=DAY, description="FT", amount=Decimal(500), source=project.contract)
    project.book(kind="commitment", on=DAY, description="OF", amount=Decimal(100), source=project.contract)
    page = client_of(cast.pm).get(project.get_absolute_url())
    rows = {row.label: row for row in page.context["result"]}
    revenue, costs, margin = rows["Revenue, net"], rows["Costs"], rows["Margin"]
    assert (revenue.planned.amount, revenue.actual.amount, revenue.left.amount) == (2000, 500, 1500)
    assert (costs.planned.amount, costs.committed.amount, costs.actual.amount) == (1200, 100, Decimal("333.33"))
    assert costs.left.amount == Decimal("766.67")
    assert (margin.planned.amount, margin.actual.amount) == (800, Decimal("166.67"))
    for row in (revenue, costs, margin):
        for figure in (row.planned, row.committed, row.actual):
            assert figure.amount is None or client_of(cast.pm).get(figure.url).status_code == 200


def test_a_figure_opens_exactly_its_rows(project, cast, client_of):
    other = ProjectFactory(state="in_progress")
    book_expense(project=other, on=DAY, description="Other job", amount=Decimal(9), by=cast.pm)
    costs = next(r for r in client_of(cast.pm).get(project.get_absolute_url()).context["result"] if r.label == "Costs")
    text = client_of(cast.pm).get(costs.actual.url).content.decode()
    assert "Crane" in text
    assert "€333.33" in text
    assert "Budget" not in text.partition("<tbody>")[2].partition("</tbody>")[0]
    assert "Other job" not in text
    assert Expense.objects.get(description="Crane").get_absolute_url() in text


def test_costs_are_not_in_the_page_of_those_who_may_not_see_them(project, cast, client_of):
    client = client_of(cast.care)
    text = client.get(project.get_absolute_url()).content.decode()
    assert "2,000.00" in text
    for hidden in ("333.33", "1,200.00", "Crane", "Margin"):
        assert hidden not in text
    for url in ("/ledger/", f"/ledger/?project={project.pk}&kind=cost", "/ledger/export/?format=csv"):
        answer = client.get(url)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert answer.status_code == 200
        assert b"333.33" not in body


def test_whoever_sold_the_job_sees_it_others_do_not(project, cast, client_of):
    assert client_of(cast.sales).get(project.get_absolute_url()).status_code == 404
    assert client_of(cast.marketing).get(project.get_absolute_url()).status_code == 403
    sold = ProjectFactory(contract=ContractFactory(state="active", owner=cast.sales))
    assert client_of(cast.sales).get(sold.get_absolute_url()).status_code == 200


def test_a_contract_becomes_a_project(cast, client_of):
    contract = ContractFactory(state="active")
    client = client_of(cast.pm)
    url = f"/projects/from-contract/{contract.pk}/"
    assert b"Project manager" in client.get(url).content
    answer = client.post(url, {"manager": cast.pm.pk})
    project = Project.objects.get()
    assert (answer.status_code, answer.url) == (302, project.get_absolute_url())
    assert project.owner == cast.pm


def test_a_second_project_is_refused_on_the_page(cast, client_of):
    project = ProjectFactory()
    answer = client_of(cast.pm).post(f"/projects/from-contract/{project.contract_id}/", {"manager": cast.pm.pk})
    assert answer.status_code == 409
    assert project.number in answer.content.decode()


def test_only_those_who_run_projects_are_offered_as_managers(cast, client_of):
    contract = ContractFactory(state="active")
    url = f"/projects/from-contract/{contract.pk}/"
    assert client_of(cast.pm).post(url, {"manager": cast.sales.pk}).status_code == 422
    assert client_of(cast.care).get(url).status_code == 403


def test_a_project_is_changed_until_it_is_closed(project, cast, client_of):
    url = f"/projects/{project.pk}/edit/"
    data = {"name": "New name", "owner": cast.pm.pk, "starts_on": "2026-03-01", "ends_on": "2026-02-01", "progress": 40}
    client = client_of(cast.pm)
    assert client.post(url, data).status_code == 422
    assert client.post(url, data | {"ends_on": "2026-12-01", "progress": 101}).status_code == 422
    assert client.post(url, data | {"ends_on": "2026-12-01"}).status_code == 302
    project.refresh_from_db()
    assert (project.name, project.progress, project.owner) == ("New name", 40, cast.pm)
    closed = ProjectFactory(state="closed", owner=cast.pm)
    assert client.get(f"/projects/{closed.pk}/edit/").status_code == 409
    assert client.post(f"/projects/{closed.pk}/edit/", data | {"ends_on": ""}).status_code == 409


def test_a_cost_is_booked_from_the_project(project, cast, client_of):
    url = f"/expenses/from-project/{project.pk}/"
    client = client_of(cast.pm)
    assert client.get(url).status_code == 200
    for wrong in ({"amount": "0"}, {"amount": "abc"}, {"description": ""}, {"on": "2026-13-01"}, {"amount": "9" * 30}):
        data = {"on": "2026-03-11", "description": "Hotel", "amount": "1,250.50"} | wrong
        answer = client.post(url, data)
        assert answer.status_code == 422
        assert data["description"] in answer.content.decode()
    answer = client.post(url, {"on": "2026-03-11", "description": "Hotel", "amount": "1,250.50"})
    assert (answer.status_code, answer.url) == (302, project.get_absolute_url())
    assert project.entries.get(description="Hotel").amount == Decimal("1250.50")
    late = client.post(url, {"on": "2999-03-11", "description": "Hotel", "amount": "10"})
    assert (late.status_code, late.context["reasons"][0].message) == (409, "That day is still to come.")
    assert client_of(cast.care).post(url, {}).status_code == 403


def test_a_cost_is_reversed_from_its_page(project, cast, client_of):
    expense = Expense.objects.get()
    client = client_of(cast.pm)
    url = f"/expenses/{expense.pk}/reverse/"
    assert url in client.get(expense.get_absolute_url()).content.decode()
    assert client.post(url, {"reason": ""}).status_code == 422
    assert client.post(url, {"reason": "Twice"}).status_code == 302
    assert project.totals_by_kind()[Entry.Kind.COST] == 0
    assert client.post(url, {"reason": "Twice"}).status_code == 409
    assert url not in client.get(expense.get_absolute_url()).content.decode()
    assert client_of(cast.accountant).post(url, {"reason": "Twice"}).status_code == 403


def test_hours_are_logged_from_the_project(project, cast, client_of):
    client = client_of(cast.care)
    url = f"/timesheets/from-project/{project.pk}/"
    answer = client.post(url, {"on": "2026-03-11", "hours": "7:30"})
    assert (answer.status_code, b"not linked" in answer.content) == (409, True)
    EmployeeFactory(user=cast.care)
    assert client.post(url, {"on": "2026-03-11", "hours": "7:30", "activity": "Wiring"}).status_code == 302
    assert TimeEntry.objects.get().hours == Decimal("7.5")
    assert client.post(url, {"on": "2026-03-11", "hours": "7.3"}).status_code == 422


def test_a_project_manager_logs_for_others(project, cast, client_of):
    other = EmployeeFactory()
    data = {"employee": other.pk, "on": "2026-03-11", "hours": "2"}
    assert client_of(cast.pm).post(f"/timesheets/from-project/{project.pk}/", data).status_code == 302
    assert TimeEntry.objects.get().employee == other


def test_hours_are_corrected_from_their_page(project, cast, client_of):
    own = EmployeeFactory(user=cast.care)
    row = log_hours(project=project, employee=own, on=DAY, hours=Decimal(4), by=cast.care)
    assert client_of(cast.sales).get(row.get_absolute_url()).status_code == 404
    url = f"/timesheets/{row.pk}/correct/"
    assert url in client_of(cast.care).get(row.get_absolute_url()).content.decode()
    assert client_of(cast.care).post(url, {"hours": "3", "activity": "Less"}).status_code == 302
    row.refresh_from_db()
    assert (row.hours, row.activity) == (3, "Less")
    assert client_of(cast.accountant).post(url, {"hours": "1"}).status_code == 403


def test_hours_without_a_rate_are_told(project, cast, client_of):
    log_hours(project=project, employee=EmployeeFactory(), on=DAY, hours=Decimal("2.5"), by=cast.pm)
    assert "2.5 hours cost nothing here" in client_of(cast.pm).get(project.get_absolute_url()).content.decode()


def test_nobody_reads_the_rate_of_a_person(project, cast, client_of):
    employee = EmployeeFactory()
    CostRateFactory(employee=employee, hourly_cost=Decimal("47.11"))
    row = log_hours(project=project, employee=employee, on=DAY, hours=Decimal(3), by=cast.pm)
    pages = (row.get_absolute_url(), "/timesheets/", "/timesheets/export/?format=csv", f"/employees/{employee.pk}/")
    for who in (cast.pm, cast.accountant, cast.manager):
        for url in pages:
            answer = client_of(who).get(url)
            body = b"".join(answer.streaming_content) if answer.streaming else answer.content
            assert b"47.11" not in body


def test_lists_and_board_open(project, cast, client_of):
    client = client_of(cast.pm)
    queries = f"?state=in_progress&owner={cast.pm.pk}&ends_on_after=2026-01-01&company={CompanyFactory().pk}"
    for url in (
        "/projects/",
        "/projects/board/",
        "/timesheets/",
        "/expenses/",
        "/ledger/?q=crane",
        f"/projects/{queries}",
    ):
        assert client.get(url).status_code == 200, url
    bad = "/ledger/?project=x&kind=nothing&on_after=1&sort=nonsense&after=zzz"
    assert client.get(bad).status_code == 200


@pytest.mark.parametrize("count", [3, 30])
def test_the_ledger_takes_the_same_queries_for_any_length(cast, client_of, count, django_assert_max_num_queries):
    project = ProjectFactory(state="in_progress", owner=cast.pm)
    for n in range(count):
        book_expense(project=project, on=DAY, description=f"Cost {n}", amount=Decimal(5), by=cast.pm)
    client = client_of(cast.pm)
    client.get("/ledger/")
    with django_assert_max_num_queries(10):
        client.get("/ledger/")
    with django_assert_max_num_queries(20):
        client.get(project.get_absolute_url())


def test_verbs_from_the_page(project, cast, client_of):
    client = client_of(cast.pm)
    assert client.post(f"/projects/{project.pk}/do/hold/", {"reason": "Waiting for parts"}).status_code == 302
    assert client.post(f"/projects/{project.pk}/do/resume/").status_code == 302
    assert client.post(f"/projects/{project.pk}/do/complete/").status_code == 302
    project.refresh_from_db()
    assert (project.state, project.progress, project.ends_on) == ("completed", 100, timezone.localdate())
