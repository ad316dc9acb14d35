"""Issuing, collecting, disputing, crediting, sending; and what the database refuses."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from core import identity, outbox
from core.access import JOB
from core.lifecycle import Refused
from core.models import Delivery, Event, Series
from invoicing.gates import all_is_invoiced, all_is_paid
from invoicing.models import Invoice
from invoicing.services import credit_invoice, draft_invoice, send_invoice
from projects.models import Entry
from tests.factories import CompanyFactory, ContractFactory, InvoiceFactory, ProjectFactory, _force

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate


def issued(contract=None, on=None, **facts) -> Invoice:
    invoice = draft_invoice(contract=contract or ContractFactory(state="active"), by=JOB, **facts)
    invoice.issue(by=JOB, on=on)
    return invoice


# --- Issue ----------------------------------------------------------------------------------------------------------------


def test_issue_numbers_and_dates(cast):
    invoice = draft_invoice(contract=ContractFactory(state="active"), by=cast.accountant)
    invoice.issue(by=cast.accountant, on=TODAY())
    assert invoice.number == f"FT {TODAY().year}/0001"
    assert (invoice.issued_on, invoice.due_on) == (TODAY(), TODAY() + timedelta(days=30))
    event = Event.objects.about(invoice).first()
    assert (event.name, event.source, event.target, event.actor) == (
        "invoice.issued",
        "draft",
        "issued",
        cast.accountant,
    )


def test_dates_never_run_backwards_and_a_refusal_takes_no_number():
    yesterday = TODAY() - timedelta(days=1)
    issued()
    late = draft_invoice(contract=ContractFactory(state="active"), by=JOB)
    if yesterday.year == TODAY().year:
        with pytest.raises(Refused, match="choose that day or a later one"):
            late.issue(by=JOB, on=yesterday)
    with pytest.raises(Refused, match="in the future"):
        late.issue(by=JOB, on=TODAY() + timedelta(days=1))
    assert Series.objects.get(code="FT", year=TODAY().year).last == 1
    late.issue(by=JOB)
    assert late.number.endswith("/0002")


def test_credit_notes_have_their_own_dates_and_numbers():
    invoice = issued()
    note = credit_invoice(invoice=invoice, by=JOB, reason="Merce resa")
    assert note.number == f"NC {TODAY().year}/0001" and note.due_on == note.issued_on
    assert issued().number.endswith("/0002")


def test_an_incomplete_customer_is_named_with_the_page_that_mends_it(rf):
    invoice = draft_invoice(contract=ContractFactory(state="active"), by=JOB)
    company = invoice.company
    company.vat_number = company.tax_code = company.street = ""
    company.save()
    from invoicing.models.conditions import customer_is_complete

    pytest.importorskip("parties.urls")
    reasons = customer_is_complete(invoice)
    assert len(reasons) == 2 and all(reason.fix_url == company.edit_url for reason in reasons)


def test_nothing_is_issued_in_the_name_of_nobody(settings):
    invoice = draft_invoice(contract=ContractFactory(state="active"), by=JOB)
    settings.COMPANY = identity.Company(name="Officine Prova S.r.l.")
    with pytest.raises(Refused) as refused:
        invoice.issue(by=JOB)
    said = [str(reason) for reason in refused.value.reasons]
    assert [text.rpartition(": ")[2] for text in said] == ["street.", "city.", "VAT number."]
    settings.COMPANY = identity.Company(
        name="Prova S.r.l.", street="Via Roma 1", city="Milano", vat_number="08341570151"
    )
    invoice.issue(by=JOB)
    assert invoice.state == "issued"


def test_the_customer_is_who_they_are_on_the_day_of_issue():
    contract = ContractFactory(state="active")
    invoice = draft_invoice(contract=contract, by=JOB)
    company = invoice.company
    company.street, company.name = "Via Nuova 9", "Nuova Ragione Sociale S.r.l."
    company.save()
    invoice.issue(by=JOB)
    assert (invoice.street, invoice.customer_name) == ("Via Nuova 9", "Nuova Ragione Sociale S.r.l.")
    company.street = "Via Altrove 1"
    company.save()
    invoice.refresh_from_db()
    assert invoice.street == "Via Nuova 9"


# --- Collect --------------------------------------------------------------------------------------------------------------


def test_partial_and_final_payment(cast):
    invoice = issued()
    invoice.register_payment(by=cast.accountant, amount=Decimal("440"), on=TODAY(), reference="CRO 1")
    assert invoice.state == "partly_paid" and invoice.open_amount.amount == 2000 and invoice.closed_at is None
    invoice.register_payment(by=cast.accountant, amount=Decimal("2000"), on=TODAY())
    assert invoice.state == "paid" and invoice.open_amount.amount == 0 and invoice.closed_at
    assert [payment.amount for payment in invoice.payments.all()] == [2000, 440]


@pytest.mark.parametrize("amount", ["0", "-1", "2440.01"])
def test_payments_that_make_no_sense(amount):
    invoice = issued()
    with pytest.raises(Refused, match="more than zero and at most"):
        invoice.register_payment(by=JOB, amount=Decimal(amount), on=TODAY())
    assert not invoice.payments.exists() and invoice.state == "issued"


def test_payments_of_tomorrow_and_of_long_ago():
    invoice = issued()
    for on in (TODAY() + timedelta(days=1), TODAY() - timedelta(days=400)):
        with pytest.raises(Refused, match="dated"):
            invoice.register_payment(by=JOB, amount=Decimal(1), on=on)


def test_a_dispute_is_noted_and_ended(cast):
    invoice = issued()
    invoice.dispute(by=cast.accountant, reason="Quantità sbagliata")
    assert invoice.disputed_on == TODAY() and invoice.state == "issued"
    with pytest.raises(Refused):
        invoice.dispute(by=cast.accountant, reason="Ancora")
    invoice.end_dispute(by=cast.accountant, note="Chiarito")
    assert invoice.disputed_on is None
    assert [e.name for e in Event.objects.about(invoice)[:2]] == ["invoice.dispute_ended", "invoice.disputed"]


# --- Credit ---------------------------------------------------------------------------------------------------------------


def test_credit_note_mirrors_the_invoice(cast):
    invoice = issued()
    invoice.register_payment(by=cast.accountant, amount=Decimal("100"), on=TODAY())
    note = credit_invoice(invoice=invoice, by=cast.accountant, reason="Prezzo errato")
    assert invoice.state == "credited" and note.credits == invoice and note.state == "issued"
    assert (note.net, note.vat, note.gross) == (invoice.net, invoice.vat, invoice.gross)
    assert [line.net for line in note.lines.all()] == [line.net for line in invoice.lines.all()]
    assert note.customer_snapshot() == invoice.customer_snapshot() and note.thread == invoice.thread
    assert invoice.payments.count() == 1 and invoice.paid.amount == 100
    assert Event.objects.about(invoice).first().data == {"reason": "Prezzo errato"}


def test_credit_once_with_a_reason_and_never_a_credit_note(cast):
    invoice = issued()
    with pytest.raises(Refused, match="why"):
        credit_invoice(invoice=invoice, by=cast.accountant, reason="  ")
    note = credit_invoice(invoice=invoice, by=cast.accountant, reason="Errore")
    for record in (invoice, note):
        with pytest.raises(Refused):
            credit_invoice(invoice=record, by=cast.accountant, reason="Errore")
    with pytest.raises(Refused):
        note.register_payment(by=JOB, amount=Decimal(1), on=TODAY())
    with pytest.raises(PermissionDenied):
        credit_invoice(invoice=issued(), by=cast.sales, reason="Errore")
    assert Invoice.objects.filter(kind="credit_note").count() == 1


# --- Ledger and gates -----------------------------------------------------------------------------------------------------


def revenue(project) -> Decimal:
    return project.totals_by_kind()["revenue"]


def test_revenue_is_posted_once_and_taken_back():
    project = ProjectFactory()
    invoice = issued(project.contract)
    outbox.relay()
    outbox.relay()
    assert revenue(project) == 2000 and Entry.objects.get(project=project).source == invoice
    note = credit_invoice(invoice=invoice, by=JOB, reason="Errore")
    outbox.relay()
    assert revenue(project) == 0
    assert Entry.objects.filter(project=project).order_by("-pk").first().source == note


def test_after_closing_the_result_stays_and_the_timeline_says_so():
    project = ProjectFactory()
    invoice = issued(project.contract)
    outbox.relay()
    _force(project, "closed", {})
    credit_invoice(invoice=invoice, by=JOB, reason="Errore")
    outbox.relay()
    assert revenue(project) == 2000
    assert Event.objects.about(project).first().name == "project.result_kept"
    assert not Event.objects.waiting().exists()


def test_a_contract_closes_when_all_is_invoiced_and_paid():
    contract = ContractFactory(state="active")
    assert "2,000.00" in str(all_is_invoiced(contract)) or "2.000,00" in str(all_is_invoiced(contract))
    draft = draft_invoice(contract=contract, by=JOB)
    assert all_is_invoiced(contract).fix_url == draft.get_absolute_url()
    with pytest.raises(Refused) as refusal:
        contract.close(by=JOB)
    assert len(refusal.value.reasons) == 1
    draft.issue(by=JOB)
    assert all_is_invoiced(contract) is None
    assert [reason.fix_url for reason in all_is_paid(contract)] == [draft.get_absolute_url()]
    draft.register_payment(by=JOB, amount=Decimal("2440"), on=TODAY())
    contract.close(by=JOB)
    assert contract.state == "closed"


def test_a_project_closes_when_all_is_invoiced():
    project = ProjectFactory(state="completed")
    with pytest.raises(Refused, match="not invoiced yet"):
        project.close(by=JOB)
    issued(project.contract)
    project.close(by=JOB)
    assert project.state == "closed"


# --- Send -----------------------------------------------------------------------------------------------------------------


def test_send_puts_the_pdf_in_the_post(cast, mailoutbox):
    invoice = issued()
    delivery = send_invoice(invoice=invoice, by=cast.accountant, message="Come d'accordo.")
    assert delivery.files.get() == invoice.pdf
    outbox.deliver(delivery.pk)
    (mail,) = mailoutbox
    assert mail.to == [invoice.company.email] and invoice.number in mail.subject
    assert "Come d'accordo." in mail.body and "Fattura" in mail.subject
    name, content, mime = mail.attachments[0]
    assert (name, content, mime) == (invoice.pdf.name, bytes(invoice.pdf.content), "application/pdf")
    assert Event.objects.about(invoice).first().name == "invoice.sent"
    again = send_invoice(invoice=invoice, by=cast.accountant, to="altro@cliente.example")
    assert again.pk != delivery.pk and Delivery.objects.count() == 2


def test_send_without_an_address_is_refused(cast):
    pytest.importorskip("parties.urls")
    invoice = issued(ContractFactory(state="active", company=CompanyFactory(email="")))
    with pytest.raises(Refused, match="no e-mail address"):
        send_invoice(invoice=invoice, by=cast.accountant)
    assert not Delivery.objects.exists()


# --- The database -----------------------------------------------------------------------------------------------------------


def test_raw_sql_cannot_change_what_was_issued(cast):
    invoice = issued()
    invoice.register_payment(by=JOB, amount=Decimal(440), on=TODAY())
    statements = [
        "UPDATE invoicing_invoice SET net = 1 WHERE id = {0}",
        "UPDATE invoicing_invoice SET number = 'FT 1/1' WHERE id = {0}",
        "UPDATE invoicing_invoice SET issued_on = '2020-01-01' WHERE id = {0}",
        "UPDATE invoicing_invoice SET paid = 0 WHERE id = {0}",
        "UPDATE invoicing_invoice SET kind = 'credit_note' WHERE id = {0}",
        "UPDATE invoicing_invoice SET state = 'draft' WHERE id = {0}",
        "UPDATE invoicing_invoice SET state = 'issued' WHERE id = {0}",
        "DELETE FROM invoicing_invoice WHERE id = {0}",
        "UPDATE invoicing_invoiceline SET net = 1 WHERE invoice_id = {0}",
        "UPDATE invoicing_invoiceline SET description = 'x' WHERE invoice_id = {0}",
        "DELETE FROM invoicing_invoiceline WHERE invoice_id = {0}",
        "INSERT INTO invoicing_invoiceline (invoice_id, position, description, quantity, unit, unit_price, discount, "
        "vat_rate, vat_nature, unit_cost, net) VALUES ({0}, 1, 'x', 1, 'pz', 1, 0, 22, '', 0, 1)",
        "UPDATE invoicing_payment SET amount = 1 WHERE invoice_id = {0}",
        "DELETE FROM invoicing_payment WHERE invoice_id = {0}",
    ]
    for statement in statements:
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement.format(invoice.pk))


def test_raw_sql_cannot_pay_a_draft_nor_swap_a_pdf():
    draft = InvoiceFactory()
    insert = (
        'INSERT INTO invoicing_payment (invoice_id, amount, "on", method, reference, created_at) '
        "VALUES (%s, 1, now(), 'cash', '', now())"
    )
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(insert, [draft.pk])
    invoice = issued()
    send_invoice(invoice=invoice, by=JOB)
    with pytest.raises(DatabaseError), transaction.atomic():
        Invoice.objects.filter(pk=invoice.pk).update(pdf=None)
