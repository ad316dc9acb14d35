"""Hours: the rate of their day, 24 in a day, one's own, none to come, none on a closed project."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction
from django.utils import timezone

from core.access import JOB
from core.lifecycle import Refused
from projects.models import Entry, Project, TimeEntry
from projects.services import correct_hours, log_hours, set_hours
from tests.factories import CostRateFactory, EmployeeFactory, ProjectFactory

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 10)


@pytest.fixture
def project():
    return ProjectFactory(state="in_progress", contract__line_count=0)


@pytest.fixture
def employee(cast):
    found = EmployeeFactory(user=cast.care)
    CostRateFactory(employee=found, starts_on=date(2026, 1, 1), hourly_cost=Decimal("32.50"))
    CostRateFactory(employee=found, starts_on=date(2026, 3, 11), hourly_cost=Decimal("40.00"))
    return found


def ledger(project):
    return list(project.entries.filter(kind=Entry.Kind.COST).order_by("pk").values_list("amount", flat=True))


def test_hours_cost_the_rate_of_their_day(project, employee, cast):
    row = log_hours(project=project, employee=employee, on=DAY, hours=Decimal("7.5"), activity="Wiring", by=cast.care)
    assert row.cost_rate == Decimal("32.50")
    entry = project.entries.get(kind=Entry.Kind.COST)
    assert (entry.amount, entry.on, entry.source) == (Decimal("243.75"), DAY, row)
    next_day = log_hours(
        project=project, employee=employee, on=DAY + timedelta(days=1), hours=Decimal(1), activity="", by=cast.care
    )
    assert next_day.cost_rate == Decimal("40.00")


def test_a_later_rate_changes_nothing_that_stands(project, employee, cast):
    row = log_hours(project=project, employee=employee, on=DAY, hours=Decimal(2), activity="", by=cast.care)
    employee.cost_rates.update(hourly_cost=99)
    corrected = correct_hours(row=row, hours=Decimal(3), by=cast.care)
    assert corrected.cost_rate == Decimal("32.50")
    assert ledger(project) == [Decimal("65.00"), Decimal("32.50")]


def test_the_ledger_does_not_name_who_worked(project, employee, cast):
    log_hours(project=project, employee=employee, on=DAY, hours=Decimal(2), activity="Wiring", by=cast.care)
    assert employee.last_name not in project.entries.get(kind=Entry.Kind.COST).description


@pytest.mark.parametrize("hours", ["0", "0.1", "24.25", "-1", "7.33"])
def test_hours_are_quarters_of_one_day(project, employee, cast, hours):
    with pytest.raises(Refused, match="quarters"):
        log_hours(project=project, employee=employee, on=DAY, hours=Decimal(hours), by=cast.care)
    assert not TimeEntry.objects.exists()


def test_a_day_has_24_hours_over_all_projects(project, employee, cast):
    log_hours(project=ProjectFactory(), employee=employee, on=DAY, hours=Decimal(20), by=cast.care)
    with pytest.raises(Refused, match="24 hours"):
        log_hours(project=project, employee=employee, on=DAY, hours=Decimal("4.25"), by=cast.care)
    log_hours(project=project, employee=employee, on=DAY, hours=Decimal(4), by=cast.care)
    log_hours(project=project, employee=EmployeeFactory(), on=DAY, hours=Decimal(24), by=JOB)


def test_no_hours_of_days_to_come(project, employee, cast):
    tomorrow = timezone.localdate() + timedelta(days=1)
    with pytest.raises(Refused, match="still to come"):
        log_hours(project=project, employee=employee, on=tomorrow, hours=Decimal(1), by=cast.care)


def test_no_hours_outside_of_employment(project, cast):
    employee = EmployeeFactory(hired_on=date(2026, 2, 1), left_on=date(2026, 3, 1))
    for day in (date(2026, 1, 31), date(2026, 3, 2)):
        with pytest.raises(Refused, match="did not work here"):
            log_hours(project=project, employee=employee, on=day, hours=Decimal(1), by=JOB)


def test_only_ones_own_hours(project, employee, cast):
    with pytest.raises(PermissionDenied):
        log_hours(project=project, employee=employee, on=DAY, hours=Decimal(1), by=cast.sales)
    assert log_hours(project=project, employee=employee, on=DAY, hours=Decimal(1), by=cast.pm).employee == employee


def test_nobody_without_the_right_logs_even_their_own(project, cast):
    own = EmployeeFactory(user=cast.nobody)
    with pytest.raises(PermissionDenied):
        log_hours(project=project, employee=own, on=DAY, hours=Decimal(1), by=cast.nobody)


def test_a_closed_project_takes_no_hours(employee):
    project = ProjectFactory(state="closed")
    with pytest.raises(Refused, match="closed project"):
        log_hours(project=project, employee=employee, on=DAY, hours=Decimal(1), by=JOB)


def test_a_project_closed_by_somebody_else_meanwhile_takes_no_hours(employee):
    project = ProjectFactory(state="completed", contract__line_count=0)
    Project.objects.get(pk=project.pk).close(by=JOB)
    assert project.state == "completed"  # this copy does not know
    with pytest.raises(Refused, match="closed project"):
        log_hours(project=project, employee=employee, on=DAY, hours=Decimal(1), by=JOB)


def test_a_closed_project_keeps_its_hours(project, employee, cast):
    row = log_hours(project=project, employee=employee, on=DAY, hours=Decimal(1), by=cast.care)
    project.complete(by=JOB)
    project.close(by=JOB)
    with pytest.raises(Refused, match="closed project"):
        correct_hours(row=row, hours=Decimal(2), by=JOB)
    with pytest.raises(DatabaseError), transaction.atomic():
        TimeEntry.objects.update(hours=5)


def test_a_correction_posts_the_difference(project, employee, cast):
    row = log_hours(project=project, employee=employee, on=DAY, hours=Decimal(8), activity="Wiring", by=cast.care)
    correct_hours(row=row, hours=Decimal(6), by=cast.care)
    correct_hours(row=row, hours=Decimal(0), by=cast.care)
    assert ledger(project) == [Decimal("260.00"), Decimal("-65.00"), Decimal("-195.00")]
    row.refresh_from_db()
    assert (row.hours, row.activity) == (0, "Wiring")


@pytest.mark.parametrize(("wanted", "expected"), [("9", [2, 7]), ("3", [2, 1]), ("1", [1, 0]), ("7", [2, 5])])
def test_a_cell_of_the_timesheet_changes_the_newest_rows(project, employee, cast, wanted, expected):
    for hours in (2, 5):
        log_hours(project=project, employee=employee, on=DAY, hours=Decimal(hours), by=cast.care)
    set_hours(project=project, employee=employee, on=DAY, hours=Decimal(wanted), by=cast.care)
    rows = TimeEntry.objects.order_by("pk")
    assert [row.hours for row in rows] == expected
    assert sum(ledger(project)) == sum(row.cost for row in rows)


def test_the_database_keeps_rate_and_row(project, employee, cast):
    row = log_hours(project=project, employee=employee, on=DAY, hours=Decimal(1), by=cast.care)
    for act in (
        lambda rows: rows.update(cost_rate=1),
        lambda rows: rows.update(on=date(2026, 1, 1)),
        lambda r: r.delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            act(TimeEntry.objects.filter(pk=row.pk))


def test_too_long_a_text_is_told(project, employee, cast):
    with pytest.raises(ValidationError):
        log_hours(project=project, employee=employee, on=DAY, hours=Decimal(1), activity="x" * 201, by=cast.care)
    assert ledger(project) == []
