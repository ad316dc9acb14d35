"""Reminders never go out twice: not from two runs, not from four at once, not after a crash in the middle."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from core import outbox
from core.models import Delivery, File
from invoicing.models import Invoice, Reminder
from invoicing.reminders import remind_overdue
from tests.concurrency.test_numbering import together
from tests.factories import InvoiceFactory

pytestmark = pytest.mark.django_db(transaction=True)


def overdue(count: int) -> None:
    due_on = timezone.localdate() - timedelta(days=10)
    pdf = File.store(name="Fattura.pdf", mime="application/pdf", content=b"%PDF-1.7")
    for _turn in range(count):
        invoice = InvoiceFactory(state="issued", issued_on=due_on - timedelta(days=30), due_on=due_on)
        Invoice.objects.filter(pk=invoice.pk).update(pdf=pdf)


def test_four_runs_at_once(mailoutbox):
    overdue(12)
    assert together(lambda _n: remind_overdue(), threads=4) == []
    assert Reminder.objects.count() == 12 == Delivery.objects.count()
    assert together(lambda _n: outbox.deliver_due(), threads=4) == []
    outbox.deliver_due()
    assert len(mailoutbox) == 12 == len({mail.extra_headers["Message-ID"] for mail in mailoutbox})
    assert remind_overdue().sent == 0


#: Another process that reminds, and stands still before it commits its third reminder.
CRASHING = """
import sys, time
import django
django.setup()
from invoicing import reminders
history_record, seen = reminders.history.record, []
def stand_still(*args, **kwargs):
    seen.append(1)
    if len(seen) == 3:
        print("third", flush=True)
        time.sleep(600)
    return history_record(*args, **kwargs)
reminders.history.record = stand_still
reminders.remind_overdue()
"""


def test_a_run_killed_in_the_middle_leaves_both_or_neither(process_environ, mailoutbox):
    overdue(5)
    crashing = subprocess.Popen(
        [sys.executable, "-c", CRASHING], env=process_environ, cwd=settings.BASE_DIR, stdout=subprocess.PIPE
    )
    assert crashing.stdout and crashing.stdout.readline() == b"third\n"
    os.kill(crashing.pid, signal.SIGKILL)
    crashing.wait(20)
    crashing.stdout.close()
    for _turn in range(100):
        if Reminder.objects.count() == 2 and remind_overdue().sent + 2 == 5:
            break
        time.sleep(0.1)
    assert Reminder.objects.count() == 5 == Delivery.objects.count()
    outbox.deliver_due()
    assert len(mailoutbox) == 5
