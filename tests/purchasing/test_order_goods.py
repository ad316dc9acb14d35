"""Orders to suppliers: commitment when approved, cost when received, and what they leave of the budget."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from core import history
from core.access import JOB
from core.lifecycle import Refused
from core.models import Event
from projects.services import book_expense
from purchasing.models import PurchaseOrder, consumption
from purchasing.services import order_goods
from tests.factories import CompanyFactory, ProductFactory, ProjectFactory, PurchaseOrderFactory

pytestmark = pytest.mark.django_db
LINES = [
    {"description": "Motor", "quantity": 2, "unit_price": Decimal("150.00"), "vat_rate": Decimal(22)},
    {"description": "Manual", "quantity": 1, "unit_price": Decimal("10.00"), "vat_rate": Decimal(4)},
]


@pytest.fixture
def project(cast):
    found = ProjectFactory(state="in_progress", owner=cast.pm)
    found.book(kind="budget", on=date(2026, 1, 1), description="Budget", amount=Decimal(1000), source=found.contract)
    return found


def ordered(project, price, by=JOB):
    line = {"description": "Motor", "quantity": 1, "unit_price": Decimal(price)}
    return order_goods(supplier=CompanyFactory(is_supplier=True), project=project, title="Motors", lines=[line], by=by)


def sums(project):
    return {kind: amount for kind, amount in project.totals_by_kind().items() if amount}


def test_an_order_is_drafted_with_lines_and_totals(project, cast):
    supplier = CompanyFactory(is_supplier=True)
    order = order_goods(supplier=supplier, project=project, title="Motors", lines=LINES, by=cast.buyer)
    assert (order.state, order.owner, order.supplier) == ("draft", cast.buyer, supplier)
    assert order.thread_id == project.thread_id
    assert (order.net.amount, order.vat.amount) == (Decimal("310.00"), Decimal("66.40"))
    assert order.gross.amount == Decimal("376.40")
    assert Event.objects.about(order).get().name == "purchaseorder.drafted"
    assert [entry.kind for entry in history.timeline(order, cast.buyer)] == ["act"], "drafting is no edit"
    assert sums(project) == {"budget": Decimal(1000)}


def test_a_line_may_come_from_the_catalogue(cast):
    product = ProductFactory()
    order = order_goods(supplier=CompanyFactory(), title="Stock", lines=[product.as_line()], by=cast.buyer)
    assert order.lines.get().product == product
    assert order.project is None


def test_without_the_right_nothing_happens(project, cast):
    with pytest.raises(PermissionDenied):
        ordered(project, 10, by=cast.care)
    assert not PurchaseOrder.objects.exists()


def test_approved_is_a_commitment_received_a_cost(project):
    order = ordered(project, 300)
    order.approve(by=JOB)
    assert sums(project) == {"budget": Decimal(1000), "commitment": Decimal(300)}
    order.receive(by=JOB)
    assert sums(project) == {"budget": Decimal(1000), "cost": Decimal(300)}
    assert order.received_on


def test_cancelling_frees_the_commitment(project, cast):
    for by in (cast.admin, JOB):
        order = ordered(project, 300)
        order.approve(by=by)
        order.cancel(by=JOB, reason="Too late")
    assert sums(project) == {"budget": Decimal(1000)}


def test_cancelling_a_draft_posts_nothing(project):
    ordered(project, 300).cancel(by=JOB, reason="Not needed")
    assert not project.entries.filter(kind="commitment").exists()


def test_an_empty_order_is_not_approved(project):
    order = PurchaseOrderFactory(project=project, line_count=0)
    with pytest.raises(Refused, match="at least one line"):
        order.approve(by=JOB)


def test_the_second_order_shows_what_it_exceeds(project):
    ordered(project, 700)
    found = consumption(project, net=Decimal(400))
    assert (found.remaining, found.after) == (Decimal(300), Decimal(-100))


@pytest.mark.parametrize("verbs", [[], ["approve"], ["approve", "receive"]])
def test_what_others_have_taken_counts_in_every_state(project, cast, verbs):
    first = ordered(project, 700)
    for verb in verbs:
        getattr(first, verb)(by=JOB)
    book_expense(project=project, on=date(2026, 2, 1), description="Crane", amount=Decimal(50), by=cast.pm)
    assert consumption(project, net=Decimal(0)).remaining == Decimal(250)


def test_an_order_does_not_count_itself_twice(project):
    order = ordered(project, 700)
    assert consumption(project, net=Decimal(700), order=order).after == Decimal(300)


def test_over_budget_needs_other_eyes(project, cast):
    ordered(project, 700)
    order = ordered(project, 400, by=cast.buyer)
    with pytest.raises(Refused, match="100"):
        order.approve(by=cast.buyer)
    order.approve(by=cast.manager)
    assert (order.state, order.approved_by) == ("approved", cast.manager)


def test_within_the_budget_the_buyer_approves(project, cast):
    order = ordered(project, 1000, by=cast.buyer)
    order.approve(by=cast.buyer)
    assert order.state == "approved"
