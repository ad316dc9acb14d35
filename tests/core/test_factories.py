"""The factories make every document in every state: what all other tests stand on."""

import pytest

from tests import factories

DOCUMENTS = [
    factories.LeadFactory,
    factories.OpportunityFactory,
    factories.QuoteFactory,
    factories.SalesOrderFactory,
    factories.ContractFactory,
    factories.ProjectFactory,
    factories.PurchaseOrderFactory,
    factories.InvoiceFactory,
    factories.CaseFactory,
]
STATES = [(factory, state) for factory in DOCUMENTS for state in factory._meta.model.State.values]


@pytest.mark.django_db
@pytest.mark.parametrize(("factory", "state"), STATES, ids=lambda value: getattr(value, "__name__", value))
def test_every_state_can_be_made(factory, state):
    document = factory(state=state)
    document.refresh_from_db()
    assert document.state == state
    assert document.thread_id
