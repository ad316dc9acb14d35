"""The week's grid: written at once, what was typed is kept, closed and coming days are read only, for oneself only."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from projects.models import TimeEntry
from projects.reports import week_of
from projects.services import log_hours
from tests.factories import EmployeeFactory, ProjectFactory

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 3, 9)
URL = "/timesheets/week/?week=2026-03-09"


@pytest.fixture
def employee(cast):
    return EmployeeFactory(user=cast.care)


def cell(project, day):
    return f"h{project.pk}_{day:%Y%m%d}"


def typed(*projects, **cells):
    return {"row": [project.pk for project in projects], **cells}


def hours(employee):
    rows = TimeEntry.objects.filter(employee=employee, hours__gt=0)
    return {(row.project_id, row.on): row.hours for row in rows}


def test_four_projects_of_five_days_are_written_at_once(cast, client_of, employee):
    projects = [ProjectFactory(state="in_progress") for _ in range(4)]
    wanted = {(p, MONDAY + timedelta(days=n)): Decimal(2) for p in projects for n in range(5)}
    answer = client_of(cast.care).post(URL, typed(*projects, **{cell(*key): "2" for key in wanted}))
    assert (answer.status_code, answer.url) == (302, URL)
    assert hours(employee) == {(p.pk, day): 2 for p, day in wanted}


def test_cells_are_changed_emptied_and_moved(cast, client_of, employee):
    one, two = (ProjectFactory(state="in_progress") for _ in range(2))
    log_hours(project=one, employee=employee, on=MONDAY, hours=Decimal(20), by=cast.care)
    answer = client_of(cast.care).post(URL, typed(one, two, **{cell(one, MONDAY): "", cell(two, MONDAY): "20"}))
    assert answer.status_code == 302
    assert hours(employee) == {(two.pk, MONDAY): 20}
    assert one.totals_by_kind()["cost"] == 0


def test_writings_of_hours(cast, client_of, employee):
    project = ProjectFactory(state="in_progress")
    texts = ["7,5", "7.5", "7:30", "0", ".5", " 8 ", "24"]
    days = {cell(project, MONDAY + timedelta(days=n)): text for n, text in enumerate(texts)}
    assert client_of(cast.care).post(URL, typed(project, **days)).status_code == 302
    found = [hours(employee).get((project.pk, MONDAY + timedelta(days=n))) for n in range(7)]
    assert found == [Decimal(t) if t else None for t in ("7.5", "7.5", "7.5", "", "0.5", "8", "24")]


@pytest.mark.parametrize("text", ["x", "25", "-1", "7.3", "1e9", "9" * 50, "7:75", "NaN"])
def test_nonsense_is_told_and_nothing_typed_is_lost(cast, client_of, employee, text):
    project = ProjectFactory(state="in_progress")
    tuesday = MONDAY + timedelta(days=1)
    answer = client_of(cast.care).post(
        URL, typed(project, **{cell(project, MONDAY): text, cell(project, tuesday): "8"})
    )
    assert answer.status_code == 422
    form = answer.context["form"]
    assert cell(project, MONDAY) in form.errors
    assert [str(form[cell(project, day)].value()) for day in (MONDAY, tuesday)] == [text, "8"]
    assert hours(employee) == {}


def test_too_many_hours_in_a_day_save_nothing(cast, client_of, employee):
    one, two = (ProjectFactory(state="in_progress") for _ in range(2))
    answer = client_of(cast.care).post(URL, typed(one, two, **{cell(one, MONDAY): "13", cell(two, MONDAY): "12"}))
    assert answer.status_code == 409
    assert "A day has 24 hours" in answer.content.decode()
    assert 'value="13"' in answer.content.decode()
    assert hours(employee) == {}


def test_cells_of_closed_projects_and_days_to_come_are_read_only(cast, client_of, employee):
    today = timezone.localdate()
    project = ProjectFactory(state="completed", contract__line_count=0)
    log_hours(project=project, employee=employee, on=today, hours=Decimal(2), by=cast.care)
    from core.access import JOB

    project.close(by=JOB)
    open_one = ProjectFactory(state="in_progress")
    days = week_of(today)
    data = typed(project, open_one, **{cell(project, today): "5", cell(open_one, today + timedelta(days=1)): "5"})
    url = "/timesheets/week/"
    assert client_of(cast.care).post(url, data).status_code == 302
    assert hours(employee) == {(project.pk, today): 2}
    form = client_of(cast.care).get(url).context["form"]
    assert all(form.fields[cell(project, day)].disabled for day in days)


def test_a_week_is_ones_own_unless_one_may_see_all(cast, client_of, employee):
    other = EmployeeFactory()
    assert client_of(cast.care).get(f"/timesheets/week/?employee={other.pk}").status_code == 404
    assert client_of(cast.hr).get(f"/timesheets/week/?employee={other.pk}").status_code == 200
    project = ProjectFactory(state="in_progress")
    url = f"{URL}&employee={other.pk}"
    assert client_of(cast.hr).post(url, typed(project, **{cell(project, MONDAY): "5"})).status_code == 403
    assert client_of(cast.pm).post(url, typed(project, **{cell(project, MONDAY): "5"})).status_code == 302
    assert hours(other) == {(project.pk, MONDAY): 5}


def test_without_an_employee_the_page_says_whom_to_ask(cast, client_of):
    answer = client_of(cast.sales).get("/timesheets/week/")
    assert "not linked to an employee" in answer.content.decode()
    assert client_of(cast.sales).post("/timesheets/week/", {}).status_code == 404
    assert client_of(cast.nobody).get("/timesheets/week/").status_code == 403


@pytest.mark.parametrize("query", ["week=x", "week=0001-01-01", "week=9999-12-31", "employee=0", "employee=x", "add=x"])
def test_bent_addresses_are_no_error(cast, client_of, employee, query):
    assert client_of(cast.pm).get(f"/timesheets/week/?{query}").status_code in (200, 404)


def test_a_project_one_may_not_see_cannot_be_added(cast, client_of):
    EmployeeFactory(user=cast.sales)
    hidden = ProjectFactory(state="in_progress")
    form = client_of(cast.sales).get(f"{URL}&add={hidden.pk}").context["form"]
    assert form.projects == []


def test_the_same_queries_for_any_number_of_rows(cast, client_of, employee, django_assert_max_num_queries):
    client = client_of(cast.care)
    for _ in range(12):
        log_hours(
            project=ProjectFactory(state="in_progress"), employee=employee, on=MONDAY, hours=Decimal(1), by=cast.care
        )
    client.get(URL)
    with django_assert_max_num_queries(12):
        assert len(client.get(URL).context["form"].projects) == 12
