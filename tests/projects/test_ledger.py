"""The ledger: every sum equals the documents' own; nothing changes what stands; a closed project takes nothing."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.access import JOB
from core.lifecycle import Refused
from core.money import cents
from projects.models import Entry, Expense, Project, TimeEntry
from projects.services import book_expense, correct_hours, log_hours, reverse_expense
from projects.views import LedgerList
from purchasing.models import PurchaseOrder
from purchasing.services import order_goods
from tests.factories import CompanyFactory, CostRateFactory, EmployeeFactory, ProjectFactory

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 10)
amounts = st.decimals(min_value="0.01", max_value="99999.99", places=2)
quarters = st.integers(min_value=1, max_value=40).map(lambda n: Decimal(n) / 4)
days = st.integers(min_value=0, max_value=200).map(lambda n: DAY + timedelta(days=n))
acts = st.lists(
    st.one_of(
        st.tuples(st.just("hours"), quarters, days),
        st.tuples(st.just("correct"), st.integers(0, 5), st.one_of(st.just(Decimal(0)), quarters)),
        st.tuples(st.just("expense"), amounts, days),
        st.tuples(st.just("reverse"), st.integers(0, 5)),
        st.tuples(st.just("order"), amounts, st.integers(1, 9)),
        st.tuples(st.just("approve"), st.integers(0, 5)),
        st.tuples(st.just("receive"), st.integers(0, 5)),
        st.tuples(st.just("cancel"), st.integers(0, 5)),
    ),
    max_size=25,
)


class Office:
    """People who do what hypothesis tells them, some of it nonsense that is refused."""

    def __init__(self):
        self.project = ProjectFactory(state="in_progress")
        self.employee = EmployeeFactory()
        self.supplier = CompanyFactory(is_supplier=True)
        for start, cost in ((date(2026, 1, 1), "31.37"), (date(2026, 4, 1), "33.33"), (date(2026, 6, 1), "41.19")):
            CostRateFactory(employee=self.employee, starts_on=start, hourly_cost=Decimal(cost))

    def act(self, name, *args):
        try:
            with transaction.atomic():
                getattr(self, name)(*args)
        except Refused:
            return

    def hours(self, hours, on):
        log_hours(project=self.project, employee=self.employee, on=on, hours=hours, by=JOB)

    def correct(self, index, hours):
        if row := self.pick(TimeEntry, index):
            correct_hours(row=row, hours=hours, by=JOB)

    def expense(self, amount, on):
        book_expense(project=self.project, on=on, description="Cable", amount=amount, by=self.pm)

    def reverse(self, index):
        if expense := self.pick(Expense, index):
            reverse_expense(expense=expense, reason="Wrong project", by=self.pm)

    def order(self, price, quantity):
        line = {"description": "Motor", "unit_price": price, "quantity": quantity}
        order_goods(supplier=self.supplier, project=self.project, title="Motors", lines=[line], by=JOB)

    def approve(self, index):
        if order := self.pick(PurchaseOrder, index):
            order.approve(by=JOB)

    def receive(self, index):
        if order := self.pick(PurchaseOrder, index):
            order.receive(by=JOB)

    def cancel(self, index):
        if order := self.pick(PurchaseOrder, index):
            order.cancel(by=JOB, reason="Too late")

    def pick(self, model, index):
        rows = list(model.objects.order_by("pk"))
        return rows[index % len(rows)] if rows else None


def independent_sums(project):
    """What the documents say, without the ledger."""
    orders = PurchaseOrder.objects.filter(project=project).prefetch_related("lines")
    net = {state: Decimal(0) for state in PurchaseOrder.State.values}
    for order in orders:
        net[order.state] += sum(cents(line.quantity * line.unit_price) for line in order.lines.all())
    hours = sum(cents(row.hours * row.cost_rate) for row in TimeEntry.objects.filter(project=project))
    expenses = sum(e.amount.amount for e in Expense.objects.filter(project=project, reversed_on=None))
    return {"cost": hours + expenses + net["received"], "commitment": net["approved"]}


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(script=acts)
def test_every_sum_equals_the_documents(cast, script):
    with transaction.atomic():
        office = Office()
        office.pm = cast.pm
        for name, *args in script:
            office.act(name, *args)
        sums = office.project.totals_by_kind()
        assert {kind: sums[kind] for kind in ("cost", "commitment")} == independent_sums(office.project)
        transaction.set_rollback(True)


def test_a_cost_is_booked_and_reversed_by_a_contra_posting(cast):
    project = ProjectFactory(state="in_progress")
    expense = book_expense(project=project, on=DAY, description="Crane", amount=Decimal("350"), by=cast.pm)
    reverse_expense(expense=expense, reason="Booked twice", by=cast.pm)
    found = list(project.entries.order_by("pk").values_list("kind", "amount", "on"))
    assert found == [("cost", Decimal(350), DAY), ("cost", Decimal(-350), timezone.localdate())]
    with pytest.raises(Refused, match="reversed already"):
        reverse_expense(expense=expense, reason="Again", by=cast.pm)


@pytest.mark.parametrize("amount", ["0", "-5", "0.004"])
def test_a_cost_is_more_than_nothing(cast, amount):
    with pytest.raises(Refused, match="more than zero"):
        book_expense(project=ProjectFactory(), on=DAY, description="Crane", amount=Decimal(amount), by=cast.pm)


def test_a_reversal_needs_a_reason_and_the_right(cast):
    expense = book_expense(project=ProjectFactory(), on=DAY, description="Crane", amount=Decimal(5), by=cast.pm)
    with pytest.raises(Refused, match="Say why"):
        reverse_expense(expense=expense, reason=" ", by=cast.pm)
    with pytest.raises(PermissionDenied):
        reverse_expense(expense=expense, reason="I say so", by=cast.sales)


def test_a_closed_project_takes_nothing_by_any_way(cast):
    project = ProjectFactory(state="completed", contract__line_count=0)
    expense = book_expense(project=project, on=DAY, description="Crane", amount=Decimal(5), by=cast.pm)
    stale = Project.objects.get(pk=project.pk)
    project.close(by=JOB)
    for closed in (project, stale):
        with pytest.raises(Refused, match="closed project"):
            book_expense(project=closed, on=DAY, description="Late", amount=Decimal(5), by=cast.pm)
        with pytest.raises(Refused, match="closed project"):
            closed.book(kind="revenue", on=DAY, description="Late", amount=Decimal(5), source=expense)
        with pytest.raises(Refused, match="closed project"):
            order_goods(supplier=CompanyFactory(is_supplier=True), project=closed, title="Late", by=JOB)
    with pytest.raises(Refused, match="closed project"):
        reverse_expense(expense=expense, reason="Late", by=cast.pm)
    with pytest.raises(DatabaseError, match="frozen"), transaction.atomic():
        Entry.objects.create(project=project, kind="cost", on=DAY, description="Raw", amount=5, source=expense)
    with pytest.raises(DatabaseError, match="frozen"), transaction.atomic():
        Project.objects.filter(pk=project.pk).update(name="Other")


def test_the_ledger_itself_never_changes(cast):
    expense = book_expense(project=ProjectFactory(), on=DAY, description="Crane", amount=Decimal(5), by=cast.pm)
    for act in (lambda rows: rows.update(amount=1), lambda rows: rows.delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            act(Entry.objects.all())
    with pytest.raises(DatabaseError), transaction.atomic():
        Expense.objects.filter(pk=expense.pk).update(amount=6)


def test_the_ledger_adds_up_what_is_few_enough(cast, client_of, monkeypatch):
    project = ProjectFactory(state="in_progress", owner=cast.pm)
    expense = book_expense(project=project, on=DAY, description="Crane", amount=Decimal("5.10"), by=cast.pm)
    project.book(kind="revenue", on=DAY, description="Invoice", amount=Decimal(9), source=expense)
    project.book(kind="revenue", on=DAY, description="Invoice", amount=Decimal("0.50"), source=expense)
    client = client_of(cast.manager)
    assert client.get("/ledger/").context["sums"] == [("Cost", Decimal("5.10")), ("Revenue", Decimal("9.50"))]
    assert client.get("/ledger/", {"kind": "cost"}).context["sums"] == [("Cost", Decimal("5.10"))]
    monkeypatch.setattr(LedgerList, "sum_up_to", 2)
    page = client.get("/ledger/")
    assert page.context["sums"] is None
    assert "Too many entries to add up here" in page.content.decode()
    assert client.get("/ledger/", {"kind": "revenue"}).context["sums"] == [("Revenue", Decimal("9.50"))]


def test_costs_of_the_ledger_are_for_those_who_may_see_them(cast):
    project = ProjectFactory(state="in_progress", owner=cast.pm)
    expense = book_expense(project=project, on=DAY, description="Crane", amount=Decimal(5), by=cast.pm)
    project.book(kind="revenue", on=DAY, description="Invoice", amount=Decimal(9), source=expense)
    kinds = {
        who: set(Entry.objects.visible_to(getattr(cast, who)).values_list("kind", flat=True)) for who in vars(cast)
    }
    assert kinds["pm"] == kinds["manager"] == kinds["accountant"] == {"cost", "revenue"}
    assert kinds["care"] == {"revenue"}
    assert kinds["sales"] == kinds["marketing"] == kinds["nobody"] == set()
