"""What must be closed before: the project before its contract, the purchase orders before the project."""

import pytest

from core.access import JOB
from core.lifecycle import Refused
from purchasing.models import PurchaseOrder
from tests.factories import ContractFactory, ProjectFactory, PurchaseOrderFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("state", ["planned", "in_progress", "on_hold", "completed"])
def test_a_contract_waits_for_its_project(state):
    project = ProjectFactory(state=state)
    with pytest.raises(Refused, match=project.number) as refusal:
        project.contract.close(by=JOB)
    assert project.get_absolute_url() in {reason.fix_url for reason in refusal.value.reasons}


@pytest.mark.parametrize("state", ["draft", "approved"])
def test_a_project_waits_for_its_purchase_orders(state):
    project = ProjectFactory(state="completed")
    orders = [PurchaseOrderFactory(project=project, state=state) for _ in range(2)]
    with pytest.raises(Refused) as refusal:
        project.close(by=JOB)
    reasons = " ".join(str(reason) for reason in refusal.value.reasons)
    assert all(order.number in reasons for order in orders)


@pytest.mark.parametrize("state", [s for s in PurchaseOrder.State.values if s not in ("draft", "approved")])
def test_orders_that_are_done_are_no_obstacle(state):
    order = PurchaseOrderFactory(project=ProjectFactory(state="completed"), state=state)
    reasons = " ".join(str(reason) for reason in closing_reasons(order.project))
    assert order.number not in reasons


def closing_reasons(project):
    try:
        project.close(by=JOB)
    except Refused as refusal:
        return refusal.reasons
    return []


def test_work_starts_only_under_a_contract_in_force():
    project = ProjectFactory(contract=ContractFactory(state="draft"))
    with pytest.raises(Refused, match="not signed"):
        project.start(by=JOB)
