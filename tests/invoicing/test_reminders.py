"""Reminders: the right level, the right invoices, in the customer's language, each at most once."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from core import outbox
from core.access import JOB
from core.models import Delivery, Event, File
from invoicing.models import Reminder
from invoicing.reminders import due, remind_overdue
from invoicing.services import credit_invoice
from tests.factories import CompanyFactory, InvoiceFactory

pytestmark = pytest.mark.django_db


def overdue(days: int, **kwargs):
    """An invoice printed when it was issued, as a worker does it."""
    due_on = timezone.localdate() - timedelta(days=days)
    invoice = InvoiceFactory(state="issued", issued_on=due_on - timedelta(days=30), due_on=due_on, **kwargs)
    invoice.pdf = File.store(name="Fattura.pdf", mime="application/pdf", content=b"%PDF-1.7")
    invoice.save(update_fields=["pdf"])
    return invoice


@pytest.mark.parametrize(("days", "level"), [(0, 0), (6, 0), (7, 1), (20, 1), (21, 2), (44, 2), (45, 3), (400, 3)])
def test_the_highest_level_reached(days, level):
    overdue(days)
    remind_overdue()
    assert list(Reminder.objects.values_list("level", flat=True)) == ([level] if level else [])


def test_each_level_in_its_turn_and_never_twice(mailoutbox):
    invoice = overdue(7)
    start = timezone.localdate()
    for day in range(60):
        on = start + timedelta(days=day)
        remind_overdue(on=on)
        remind_overdue(on=on)
    outbox.deliver_due()
    outbox.deliver_due()
    sent = invoice.reminders.order_by("level").values_list("level", "on")
    assert list(sent) == [(1, start), (2, start + timedelta(days=14)), (3, start + timedelta(days=38))]
    assert len(mailoutbox) == 3 == Delivery.objects.filter(state="delivered").count()
    assert Event.objects.about(invoice).filter(name="invoice.reminded").count() == 3


def test_a_late_run_leaves_a_pause_between_two_levels():
    invoice = overdue(20)
    start = timezone.localdate()
    for day in range(8):
        remind_overdue(on=start + timedelta(days=day))
    assert list(invoice.reminders.order_by("level").values_list("on", flat=True)) == [start, start + timedelta(days=7)]


def test_nobody_is_reminded_of_what_is_paid_credited_or_disputed():
    paid, credited, disputed, partly = (overdue(10) for _turn in range(4))
    paid.register_payment(by=JOB, amount=paid.gross.amount, on=timezone.localdate())
    credit_invoice(invoice=credited, by=JOB, reason="Errore")
    disputed.dispute(by=JOB, reason="Merce difettosa")
    partly.register_payment(by=JOB, amount=Decimal(1), on=timezone.localdate())
    InvoiceFactory()
    assert remind_overdue().sent == 1
    assert Reminder.objects.get().invoice == partly
    disputed.end_dispute(by=JOB)
    assert remind_overdue().sent == 1


def test_words_firmer_each_time_in_the_customers_language(mailoutbox):
    for days in (7, 21, 45):
        overdue(days, language="it")
        overdue(days, language="en")
    remind_overdue()
    outbox.deliver_due()
    subjects = sorted(mail.subject for mail in mailoutbox)
    assert len(subjects) == 6 and sum("romemoria" in s or "ollecito" in s for s in subjects) == 3
    english = sorted(s for s in subjects if "eminder" in s)
    assert [s.split()[0] for s in english] == ["A", "Final", "Second"]
    for mail in mailoutbox:
        assert "2.440,00" in mail.body or "2,440.00" in mail.body
        assert mail.attachments[0][1].startswith(b"%PDF")


def test_without_an_address_nothing_goes_out_and_the_run_says_so():
    invoice = overdue(10, company=CompanyFactory(email=""))
    assert remind_overdue().without_address == 1
    invoice.company.email = "cliente@example.it"
    invoice.company.save()
    assert remind_overdue().sent == 1


def test_selection_is_one_query(django_assert_num_queries):
    for _turn in range(3):
        overdue(30)
    with django_assert_num_queries(1):
        assert [invoice.level for invoice in due(on=timezone.localdate())] == [2, 2, 2]
