"""Employees: kept by human resources; pay is for their eyes only, in every channel; one's own profile."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from core.lifecycle import Refused
from core.models import Event
from people.models import CostRate, Employee, Leave
from people.services import add_leave, remove_leave, set_cost_rate
from tests.factories import CostRateFactory, EmployeeFactory

pytestmark = pytest.mark.django_db
PAY = Decimal("47.11")


@pytest.fixture
def employee():
    return EmployeeFactory()


def body(answer):
    return (b"".join(answer.streaming_content) if answer.streaming else answer.content).decode(errors="ignore")


def test_human_resources_add_and_change_an_employee(cast, client_of):
    client = client_of(cast.hr)
    data = {"first_name": "Sara", "last_name": "Galli", "hired_on": "2026-01-07", "weekly_hours": "38.5"}
    assert client.post("/employees/new/", data).status_code == 302
    employee = Employee.objects.get()
    assert (str(employee), employee.weekly_hours) == ("Sara Galli", Decimal("38.5"))
    data |= {"user": cast.care.pk, "left_on": "2026-01-01"}
    assert client.post(f"/employees/{employee.pk}/edit/", data).status_code == 422
    assert client.post(f"/employees/{employee.pk}/edit/", data | {"left_on": ""}).status_code == 302
    employee.refresh_from_db()
    assert employee.user == cast.care
    assert "Galli" in body(client.get("/employees/"))


@pytest.mark.parametrize("wrong", [{"weekly_hours": "61"}, {"first_name": ""}, {"hired_on": "x"}, {"email": "x"}])
def test_errors_stand_beside_their_field(cast, client_of, wrong):
    data = {"first_name": "Sara", "last_name": "Galli", "hired_on": "2026-01-07", "weekly_hours": "38"} | wrong
    answer = client_of(cast.hr).post("/employees/new/", data)
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == set(wrong)


def test_an_account_belongs_to_one_employee(cast, client_of):
    EmployeeFactory(user=cast.care)
    data = {"first_name": "Sara", "last_name": "Galli", "hired_on": "2026-01-07", "weekly_hours": "38"}
    answer = client_of(cast.hr).post("/employees/new/", data | {"user": cast.care.pk})
    assert "user" in answer.context["form"].errors


def test_cost_rates_are_set_and_replaced_on_the_same_day(employee, cast, client_of):
    url = f"/employees/{employee.pk}/rate/"
    client = client_of(cast.hr)
    assert client.post(url, {"starts_on": "2026-01-01", "hourly_cost": "30"}).status_code == 302
    assert client.post(url, {"starts_on": "2026-01-01", "hourly_cost": "31.50"}).status_code == 302
    assert client.post(url, {"starts_on": "2026-01-01", "hourly_cost": "-1"}).status_code == 422
    assert CostRate.objects.get().hourly_cost == Decimal("31.50")
    assert employee.cost_rate_on(date(2026, 5, 1)) == Decimal("31.50")
    assert employee.cost_rate_on(date(2025, 12, 31)) == 0
    assert "31.50" in body(client.get(employee.get_absolute_url()))


def test_pay_is_read_by_human_resources_only(employee, cast, client_of):
    CostRateFactory(employee=employee, hourly_cost=PAY)
    set_cost_rate(employee=employee, starts_on=date(2026, 2, 1), hourly_cost=PAY, by=cast.hr)
    pages = [employee.get_absolute_url(), "/employees/", "/employees/export/?format=csv"]
    admin = [
        "costrate/",
        f"employee/{employee.pk}/change/",
        "employee/",
        f"costrate/{CostRate.objects.first().pk}/change/",
    ]
    pages += [f"/admin/people/{page}" for page in admin]
    for who in (name for name in vars(cast) if name not in ("hr", "admin")):
        client = client_of(getattr(cast, who))
        for page in (*pages, f"{pages[0]}?kind=edit", f"{pages[0]}?kind=act"):
            assert "47.11" not in body(client.get(page)), (who, page)
        assert client.get(f"/employees/{employee.pk}/rate/").status_code == 403
    assert "47.11" in body(client_of(cast.hr).get(pages[0]))


def test_the_history_says_that_a_rate_was_set_but_not_which(employee, cast):
    set_cost_rate(employee=employee, starts_on=date(2026, 2, 1), hourly_cost=PAY, by=cast.hr)
    event = Event.objects.about(employee).get()
    assert event.name == "employee.rate_set"
    assert "47" not in str(event.data)


def test_only_human_resources_set_rates_and_leave(employee, cast):
    with pytest.raises(PermissionDenied):
        set_cost_rate(employee=employee, starts_on=date(2026, 2, 1), hourly_cost=PAY, by=cast.manager)
    with pytest.raises(PermissionDenied):
        add_leave(employee=employee, kind="sick", starts_on=date(2026, 2, 1), ends_on=date(2026, 2, 1), by=cast.pm)
    assert not CostRate.objects.exists()


def test_leave_is_added_and_removed(employee, cast, client_of):
    client = client_of(cast.hr)
    url = f"/employees/{employee.pk}/leave/"
    days = {"kind": "holiday", "starts_on": "2026-08-03", "ends_on": "2026-08-21"}
    assert client.post(url, days).status_code == 302
    leave = Leave.objects.get()
    assert client.post(url, days | {"starts_on": "2026-08-21", "ends_on": "2026-08-30"}).status_code == 409
    assert client.post(url, days | {"ends_on": "2026-08-01"}).status_code == 422
    assert client_of(cast.pm).post(f"/leaves/{leave.pk}/remove/").status_code == 403
    assert client.get(f"/leaves/{leave.pk}/remove/").status_code == 405
    assert client.post(f"/leaves/{leave.pk}/remove/").status_code == 302
    assert not Leave.objects.exists()


def test_two_leaves_do_not_meet(employee, cast):
    days = {"employee": employee, "kind": "holiday", "by": cast.hr}
    first = add_leave(starts_on=date(2026, 8, 3), ends_on=date(2026, 8, 7), **days)
    with pytest.raises(Refused, match="7.Aug.2026"):
        add_leave(starts_on=date(2026, 8, 7), ends_on=date(2026, 8, 9), **days)
    remove_leave(leave=first, by=cast.hr)
    add_leave(starts_on=date(2026, 8, 7), ends_on=date(2026, 8, 9), **days)


def test_why_somebody_is_away_is_for_human_resources(employee, cast, client_of):
    Leave.objects.create(employee=employee, kind="sick", starts_on=date(2026, 1, 5), ends_on=date(2026, 1, 9))
    assert "Sick leave" in body(client_of(cast.hr).get(employee.get_absolute_url()))
    assert "Sick leave" not in body(client_of(cast.pm).get(employee.get_absolute_url()))


def test_rights_on_employees(employee, cast, client_of):
    seen = {who: client_of(getattr(cast, who)).get(employee.get_absolute_url()).status_code for who in vars(cast)}
    assert seen == {who: 200 if who in ("hr", "pm", "admin") else 403 for who in seen}
    assert client_of(cast.pm).get("/employees/new/").status_code == 403
    assert client_of(cast.pm).get(f"/employees/{employee.pk}/edit/").status_code == 403


def test_filters_of_employees(employee, cast, client_of):
    EmployeeFactory(last_name="Gonewest", left_on=date(2025, 1, 1))
    client = client_of(cast.hr)
    assert "Gonewest" not in body(client.get("/employees/?here=true"))
    assert "Gonewest" in body(client.get("/employees/?here=false"))
    assert "Gonewest" in body(client.get("/employees/?q=gone"))


def test_my_profile(cast, client_of):
    client = client_of(cast.nobody)
    assert client.get("/profile/").status_code == 200
    data = {"first_name": "Nadia", "last_name": "Rossi", "phone": "+39 02 1", "language": "it", "theme": "dark"}
    answer = client.post("/profile/", data | {"dense": "on", "is_superuser": "on"})
    assert answer.status_code == 302
    cast.nobody.refresh_from_db()
    user = cast.nobody
    assert (user.first_name, user.language, user.theme, user.dense) == ("Nadia", "it", "dark", True)
    assert not user.is_superuser
    assert answer.cookies["zencrm_theme"].value == "dark"
    assert answer.cookies["zencrm_density"].value == "compact"
    assert client.post("/profile/", data | {"language": "xx"}).status_code == 422
    assert client.get("/profile/").headers["Content-Language"] == "it"
