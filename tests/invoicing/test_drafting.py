"""From contract to invoice: whole, in parts, never beyond what was agreed, always completed to the cent."""

from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import history
from core.access import JOB
from core.lifecycle import Refused
from core.models import Event
from invoicing.models import Invoice, InvoiceLine
from invoicing.services import credit_invoice, discard_draft, draft_free_invoice, draft_invoice, left_to_invoice
from orders.models import Contract, ContractLine
from tests.factories import CompanyFactory, ContractFactory, _force

pytestmark = pytest.mark.django_db


def contract_of(*lines: tuple[str, str, str]) -> Contract:
    """An active contract with lines (quantity, unit price, discount)."""
    contract = ContractFactory(line_count=0)
    for position, (quantity, price, discount) in enumerate(lines):
        ContractLine.objects.create(
            contract=contract,
            position=position,
            description=f"Fornitura {position}",
            quantity=Decimal(quantity),
            unit_price=Decimal(price),
            discount=Decimal(discount),
        )
    contract.set_totals()
    contract.save()
    _force(contract, "active", {})
    return contract


def lines_of(contract: Contract) -> list[ContractLine]:
    return list(contract.lines.all())


def billed(contract: Contract) -> Decimal:
    return sum((i.net.amount for i in Invoice.objects.filter(contract=contract).billing()), Decimal(0))


def test_everything_left_is_drafted(cast):
    contract = ContractFactory(state="active")
    invoice = draft_invoice(contract=contract, by=cast.accountant)
    assert invoice.state == "draft" and invoice.number is None
    assert (invoice.net.amount, invoice.vat.amount, invoice.gross.amount) == (2000, 440, 2440)
    assert [line.contract_line_id for line in invoice.lines.all()] == [line.pk for line in lines_of(contract)]
    assert invoice.thread == contract.thread and invoice.company == contract.company
    assert invoice.street == contract.company.street
    event = Event.objects.about(invoice).get()
    assert event.name == "invoice.drafted" and event.actor == cast.accountant
    assert [entry.kind for entry in history.timeline(invoice, cast.accountant)] == ["act"], "drafting is no edit"


def test_chosen_quantities(cast):
    contract = ContractFactory(state="active")
    first, second = lines_of(contract)
    part = draft_invoice(contract=contract, by=cast.accountant, lines={first.pk: Decimal(4), second.pk: Decimal(0)})
    assert [(line.contract_line_id, line.quantity, line.net) for line in part.lines.all()] == [
        (first.pk, Decimal(4), Decimal(400))
    ]
    rest = draft_invoice(contract=contract, by=cast.accountant)
    assert [line.quantity for line in rest.lines.all()] == [Decimal(6), Decimal(10)]
    assert left_to_invoice(contract) == []


@pytest.mark.parametrize("quantity", ["10.001", "-1", "11"])
def test_never_more_than_is_left(cast, quantity):
    contract = ContractFactory(state="active")
    line = lines_of(contract)[0]
    with pytest.raises(Refused, match="at most 10"):
        draft_invoice(contract=contract, by=cast.accountant, lines={line.pk: Decimal(quantity)})
    assert not Invoice.objects.exists()


def test_lines_of_another_contract_are_refused(cast):
    contract, other = ContractFactory(state="active"), ContractFactory(state="active")
    with pytest.raises(Refused, match="another contract"):
        draft_invoice(contract=contract, by=cast.accountant, lines={lines_of(other)[0].pk: Decimal(1)})


def test_nothing_chosen_is_refused(cast):
    with pytest.raises(Refused, match="at least one line"):
        draft_invoice(contract=ContractFactory(state="active"), by=cast.accountant, lines={})


def test_an_unsigned_contract_is_not_invoiced(cast):
    with pytest.raises(Refused, match="not signed"):
        draft_invoice(contract=ContractFactory(), by=cast.accountant)


def test_a_second_invoice_of_everything_is_refused_with_the_way_to_the_draft(cast):
    contract = ContractFactory(state="active")
    first = draft_invoice(contract=contract, by=cast.accountant)
    with pytest.raises(Refused) as refusal:
        draft_invoice(contract=contract, by=cast.accountant)
    assert refusal.value.reasons[0].fix_url == first.get_absolute_url()


@pytest.mark.parametrize("who", ["sales", "care", "buyer", "hr", "nobody"])
def test_only_those_with_the_right_draft(cast, who):
    with pytest.raises(PermissionDenied):
        draft_invoice(contract=ContractFactory(state="active"), by=getattr(cast, who))


def test_thirds_add_up(cast):
    contract = contract_of(("3", "33.333", "0"))
    line = lines_of(contract)[0]
    assert line.net == Decimal("100.00")
    nets = [draft_invoice(contract=contract, by=JOB, lines={line.pk: Decimal(1)}).net.amount for _turn in range(3)]
    assert nets == [Decimal("33.33"), Decimal("33.34"), Decimal("33.33")]


def test_a_discarded_draft_frees_what_it_held(cast):
    contract = ContractFactory(state="active")
    invoice = draft_invoice(contract=contract, by=cast.accountant)
    discard_draft(invoice=invoice, by=cast.accountant)
    assert not Invoice.objects.exists() and len(left_to_invoice(contract)) == 2
    assert Event.objects.filter(name="invoice.discarded", subject_id=invoice.pk).exists()


def test_only_drafts_are_discarded(cast):
    invoice = draft_invoice(contract=ContractFactory(state="active"), by=cast.accountant)
    invoice.issue(by=cast.accountant)
    with pytest.raises(Refused, match="Only a draft"):
        discard_draft(invoice=invoice, by=cast.accountant)
    with pytest.raises(PermissionDenied):
        discard_draft(invoice=invoice, by=cast.pm)


def test_an_invoice_without_contract(cast):
    company = CompanyFactory(payment_days=60)
    lines = [{"description": "Sopralluogo", "quantity": Decimal(2), "unit_price": Decimal("80.50")}]
    invoice = draft_free_invoice(company=company, title="Sopralluogo", lines=lines, by=cast.accountant)
    assert invoice.gross.amount == Decimal("196.42") and invoice.payment_days == 60
    assert invoice.customer_name == company.name


def test_the_database_refuses_more_than_agreed(cast):
    contract = ContractFactory(state="active")
    line = lines_of(contract)[0]
    invoice = draft_invoice(contract=contract, by=cast.accountant, lines={line.pk: Decimal(9)})
    for column, value in (("quantity", "11"), ("net", "1000.01"), ("quantity", "-1"), ("net", "-5")):
        with pytest.raises(IntegrityError, match="beyond what was agreed"), transaction.atomic():
            InvoiceLine.objects.filter(invoice=invoice).update(**{column: Decimal(value)})
    copy = InvoiceLine.objects.get(invoice=invoice)
    copy.pk, copy.quantity, copy.net = None, Decimal(2), Decimal(1)
    with pytest.raises(IntegrityError, match="beyond what was agreed"), transaction.atomic():
        InvoiceLine.objects.bulk_create([copy])
    free = draft_free_invoice(company=contract.company, title="Extra", lines=[], by=JOB)
    copy.pk, copy.quantity, copy.net, copy.invoice = None, Decimal(1), Decimal(1), free
    with pytest.raises(IntegrityError, match="beyond what was agreed"), transaction.atomic():
        InvoiceLine.objects.bulk_create([copy])


quantities = st.decimals(min_value="0.001", max_value="500", places=3)
prices = st.decimals(min_value="0.0001", max_value="5000", places=4)
discounts = st.decimals(min_value="0", max_value="99.99", places=2)
moves = st.lists(
    st.tuples(st.sampled_from(["part", "credit", "discard"]), st.floats(0.01, 1), st.integers(0, 99)), max_size=7
)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(agreed=st.lists(st.tuples(quantities, prices, discounts), min_size=1, max_size=3), moves=moves)
def test_parts_and_credits_never_exceed_the_contract_and_complete_it(db, agreed, moves):
    """Row I1: over random sequences the sum invoiced never exceeds the contract, and everything can still be invoiced."""
    with transaction.atomic():
        contract = contract_of(*[(str(q), str(p), str(d)) for q, p, d in agreed])
        for move, part, which in moves:
            _make(move, part, which, contract)
            assert Decimal(0) <= billed(contract) <= contract.net.amount
            for left in left_to_invoice(contract):
                assert Decimal(0) <= left.net <= left.line.net and 0 < left.quantity <= left.line.quantity
        if left_to_invoice(contract):
            draft_invoice(contract=contract, by=JOB)
        assert billed(contract) == contract.net.amount and left_to_invoice(contract) == []
        transaction.set_rollback(True)


def _make(move: str, part: float, which: int, contract: Contract) -> None:
    left = left_to_invoice(contract)
    known = list(Invoice.objects.filter(contract=contract).billing().order_by("pk"))
    if move == "part" and left:
        lines = {line.line.pk: max(Decimal("0.001"), round(line.quantity * Decimal(part), 3)) for line in left}
        invoice = draft_invoice(contract=contract, by=JOB, lines=lines)
        if which % 3:
            invoice.issue(by=JOB)
    elif known:
        invoice = known[which % len(known)]
        if invoice.state == "draft":
            discard_draft(invoice=invoice, by=JOB)
        elif move == "credit":
            note = credit_invoice(invoice=invoice, by=JOB, reason="Errore")
            assert note.net == invoice.net and note.gross == invoice.gross


def test_credited_quantities_can_be_invoiced_again(cast):
    contract = ContractFactory(state="active")
    invoice = draft_invoice(contract=contract, by=cast.accountant)
    invoice.issue(by=cast.accountant)
    credit_invoice(invoice=invoice, by=cast.accountant, reason="Indirizzo sbagliato")
    again = draft_invoice(contract=contract, by=cast.accountant)
    assert again.net == invoice.net
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM invoicing_invoiceline WHERE contract_line_id IS NOT NULL")
        assert cursor.fetchone() == (6,)  # invoice, credit note, and the new one
