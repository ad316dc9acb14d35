"""Invoice numbers under load: real threads, real transactions, a third of them rolled back."""

import random
import threading
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from core.access import JOB
from core.lifecycle import Refused
from core.models import Series
from invoicing.models import Invoice
from invoicing.services import credit_invoice, draft_free_invoice, draft_invoice, left_to_invoice
from tests.factories import CompanyFactory, ContractFactory

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 16


def together(work: Callable[[int], None], threads: int = THREADS) -> list[BaseException]:
    """Run `work(n)` in threads that start at once, each with its own connection; returns what they raised."""
    start, raised = threading.Barrier(threads), []

    def run(n: int) -> None:
        try:
            start.wait(60)
            work(n)
        except BaseException as error:
            raised.append(error)
        finally:
            connection.close()

    running = [threading.Thread(target=run, args=(n,)) for n in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join(120)
    return raised


class RolledBack(Exception):
    pass


def test_no_gap_no_duplicate_and_dates_never_run_backwards():
    company = CompanyFactory()
    lines = [{"description": "Riga", "unit_price": Decimal(10)}]
    drafts = [
        [draft_free_invoice(company=company, title="Prova", lines=lines, by=JOB) for _each in range(4)]
        for _thread in range(THREADS)
    ]
    today = timezone.localdate()

    def work(n: int) -> None:
        dice = random.Random(n)
        for invoice in drafts[n]:
            on = today - timedelta(days=dice.choice((0, 0, 0, 1)))
            rolled_back = dice.random() < 0.3
            try:
                with transaction.atomic():
                    invoice.issue(by=JOB, on=on)
                    if rolled_back:
                        raise RolledBack
            except (RolledBack, Refused):
                continue

    assert together(work) == []
    issued = list(Invoice.objects.filter(state="issued").order_by("number"))
    years = {invoice.issued_on.year for invoice in issued}
    for year in years:
        found = [invoice for invoice in issued if invoice.issued_on.year == year]
        assert [invoice.number for invoice in found] == [f"FT {year}/{n:04d}" for n in range(1, len(found) + 1)]
        days = [invoice.issued_on for invoice in found]
        assert days == sorted(days)
        assert Series.objects.get(code="FT", year=year).last == len(found)
    assert 10 < len(issued) < THREADS * 4


def test_one_invoice_is_issued_once():
    lines = [{"description": "Riga", "unit_price": Decimal(10)}]
    invoice = draft_free_invoice(company=CompanyFactory(), title="Prova", lines=lines, by=JOB)
    raised = together(lambda _n: Invoice.objects.get(pk=invoice.pk).issue(by=JOB), threads=8)
    assert len(raised) == 7 and all(isinstance(error, Refused) for error in raised)
    assert Series.objects.get(code="FT").last == 1


def test_a_contract_is_never_invoiced_twice():
    contract = ContractFactory(state="active")
    line = contract.lines.first()

    def work(_n: int) -> None:
        draft_invoice(contract=contract, by=JOB, lines={line.pk: Decimal(3)})

    raised = together(work, threads=8)
    assert len(raised) == 5 and all(isinstance(error, Refused) for error in raised)
    assert Invoice.objects.count() == 3 and left_to_invoice(contract)[0].quantity == 1


def test_the_database_alone_keeps_the_contract_too():
    """Two sessions that know nothing of our locks: the second waits for the first, and is refused."""
    contract = ContractFactory(state="active")
    line = contract.lines.first()
    drafts = [
        draft_invoice(contract=contract, by=JOB, lines={line.pk: Decimal(1)}).lines.get().pk for _each in range(2)
    ]

    def work(n: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE invoicing_invoiceline SET quantity = 9, net = 900 WHERE id = %s", [drafts[n]])

    (error,) = together(work, threads=2)
    assert isinstance(error, IntegrityError)
    assert left_to_invoice(contract)[0].quantity == 0 or left_to_invoice(contract)[0].line != line


def test_an_invoice_is_credited_once():
    invoice = draft_invoice(contract=ContractFactory(state="active"), by=JOB)
    invoice.issue(by=JOB)

    def work(_n: int) -> None:
        credit_invoice(invoice=Invoice.objects.get(pk=invoice.pk), by=JOB, reason="Errore")

    raised = together(work, threads=6)
    assert len(raised) == 5 and all(isinstance(error, Refused) for error in raised)
    assert list(Invoice.objects.filter(kind="credit_note").values_list("number", flat=True)) == [
        f"NC {timezone.localdate().year}/0001"
    ]


def test_an_invoice_is_never_paid_beyond_its_total():
    invoice = draft_invoice(contract=ContractFactory(state="active"), by=JOB)
    invoice.issue(by=JOB)

    def work(_n: int) -> None:
        found = Invoice.objects.get(pk=invoice.pk)
        found.register_payment(by=JOB, amount=Decimal(1000), on=timezone.localdate())

    raised = together(work, threads=6)
    invoice.refresh_from_db()
    assert len(raised) == 4 and all(isinstance(error, Refused) for error in raised)
    assert invoice.paid.amount == 2000 and invoice.payments.count() == 2
