"""Contracts: from the order, signed, closed, renewed once."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from core import outbox
from core.lifecycle import Refused
from core.models import Event
from orders.models import Contract
from orders.services import renew_contract, sign_contract
from tests.factories import ContractFactory, SalesOrderFactory

pytestmark = pytest.mark.django_db

COPIED = ("position", "description", "quantity", "unit_price", "discount", "vat_rate", "unit_cost", "net")


def test_an_approved_order_becomes_a_contract_with_its_lines(cast):
    order = SalesOrderFactory(state="approved", owner=cast.sales)
    contract = sign_contract(order=order, by=cast.sales, ends_on=date(2027, 12, 31))
    assert (contract.state, contract.gross, contract.thread_id) == ("draft", order.gross, order.thread_id)
    assert list(contract.lines.values(*COPIED)) == list(order.lines.values(*COPIED))
    assert contract.starts_on == timezone.localdate()
    order.refresh_from_db()
    assert order.state == "contracted"
    assert Event.objects.about(contract).first().name == "contract.drafted"


@pytest.mark.parametrize("state", ["draft", "validated", "contracted", "fulfilled", "cancelled"])
def test_no_contract_without_approval(cast, state):
    order = SalesOrderFactory(state=state)
    with pytest.raises(Refused):
        sign_contract(order=order, by=cast.sales)
    assert not Contract.objects.exists()


def test_the_database_refuses_a_second_contract_of_an_order():
    contract = ContractFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        ContractFactory(order=contract.order)


def test_the_accountant_makes_no_contracts(cast):
    with pytest.raises(PermissionDenied):
        sign_contract(order=SalesOrderFactory(state="approved"), by=cast.accountant)


def test_making_the_contract_over_http(cast, client_of):
    order = SalesOrderFactory(state="approved", owner=cast.sales)
    url = f"/contracts/from-order/{order.pk}/"
    client = client_of(cast.sales)
    assert client.get(url).status_code == 200
    bad = client.post(url, {"starts_on": "2026-05-01", "ends_on": "2026-04-30"})
    assert bad.status_code == 422
    assert "ends_on" in bad.context["form"].errors
    good = client.post(url, {"starts_on": "2026-05-01", "ends_on": "2027-04-30"})
    contract = Contract.objects.get(order=order)
    assert good.url == contract.get_absolute_url()
    assert client.post(url, {"starts_on": "2026-05-01"}).status_code == 409


def test_signing_sets_the_first_day(cast, client_of):
    contract = ContractFactory(owner=cast.sales, starts_on=date(2026, 1, 1), ends_on=date(2026, 12, 31))
    client = client_of(cast.sales)
    assert client.post(contract.act_url("sign"), {"on": "2027-02-01"}).status_code == 422
    client.post(contract.act_url("sign"), {"on": "2026-02-01"})
    contract.refresh_from_db()
    assert (contract.state, contract.starts_on) == ("active", date(2026, 2, 1))
    assert contract.signed_at is not None


def test_signing_never_ends_before_it_starts(cast):
    contract = ContractFactory(starts_on=date(2026, 1, 1), ends_on=date(2026, 12, 31))
    with pytest.raises(Refused):
        contract.sign(by=cast.sales, on=date(2027, 1, 1))


def test_a_closed_contract_fulfils_its_order(cast):
    contract = ContractFactory(state="active", owner=cast.sales, line_count=0)  # nothing left to invoice
    contract.close(by=cast.manager)
    outbox.relay()
    contract.order.refresh_from_db()
    assert contract.order.state == "fulfilled"


def test_renewing_makes_the_next_term_once(cast):
    contract = ContractFactory(state="active", starts_on=date(2026, 1, 1), ends_on=date(2026, 12, 31))
    following = renew_contract(contract=contract, by=cast.sales)
    assert (following.starts_on, following.ends_on) == (date(2027, 1, 1), date(2027, 12, 31))
    assert (following.state, following.renews, following.order_id) == ("draft", contract, None)
    assert list(following.lines.values(*COPIED)) == list(contract.lines.values(*COPIED))
    assert contract.state == "renewed"
    with pytest.raises(Refused):
        renew_contract(contract=contract, by=cast.sales)
    with pytest.raises(IntegrityError), transaction.atomic():
        ContractFactory(renews=contract)


def test_renewing_over_http_and_its_order_is_fulfilled(cast, client_of):
    contract = ContractFactory(state="closed", owner=cast.sales)
    answer = client_of(cast.sales).post(f"/contracts/from-contract/{contract.pk}/")
    following = Contract.objects.get(renews=contract)
    assert answer.url == following.get_absolute_url()
    outbox.relay()
    contract.order.refresh_from_db()
    assert contract.order.state == "fulfilled"


def test_pages_of_a_contract(cast, client_of):
    contract = ContractFactory(owner=cast.sales)
    for url in ("/contracts/", "/contracts/board/", contract.get_absolute_url(), contract.edit_url):
        assert client_of(cast.sales).get(url).status_code == 200, url
    assert client_of(cast.sales2).get(contract.get_absolute_url()).status_code == 404
    assert client_of(cast.nobody).get(contract.get_absolute_url()).status_code == 403
    assert client_of(cast.care).get(contract.get_absolute_url()).status_code == 200


def test_terminating_asks_why(cast, client_of):
    contract = ContractFactory(state="active", owner=cast.sales)
    assert client_of(cast.sales).post(contract.act_url("terminate"), {"reason": " "}).status_code == 422
    client_of(cast.sales).post(contract.act_url("terminate"), {"reason": "Bankrupt"})
    contract.refresh_from_db()
    assert contract.state == "terminated"
