"""Payment reminders: three levels, by e-mail, each at most once for an invoice, whatever happens.

What keeps a reminder from going out twice, from the outside in: the invoice is locked and looked at again; the row
(invoice, level) is unique; so is the delivery's key. Reminder and delivery are written in one transaction: after a crash
there are both or neither.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Case, Exists, F, IntegerField, Max, OuterRef, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy

from core import history, outbox
from core.access import JOB
from core.models import Delivery
from invoicing import printing
from invoicing.models import Invoice, Reminder
from invoicing.models.collection import first_due_date_for
from invoicing.services import billing_address

history.register("invoice.reminded", gettext_lazy("a payment reminder was sent"))


@dataclass(frozen=True)
class Run:
    """What a run did: reminders written, and invoices whose customer has no e-mail address."""

    sent: int = 0
    without_address: int = 0


def due(*, on: date) -> Any:
    """Invoices whose next reminder is due on this day, each with the `level` to send, in one query.

    Only the highest level reached counts, and only if it was not sent. Paid, credited and disputed invoices get none, and
    nobody hears from us twice within `Reminder.PAUSE_DAYS`.
    """
    reached = [When(due_on__lte=first_due_date_for(n, on=on), then=Value(n)) for n in sorted(Reminder.LEVELS)[::-1]]
    sent = Reminder.objects.filter(invoice=OuterRef("pk")).order_by().values("invoice")
    lately = Reminder.objects.filter(invoice=OuterRef("pk"), on__gt=on - timedelta(days=Reminder.PAUSE_DAYS))
    return (
        Invoice.objects.overdue(on=on)
        .filter(disputed_on=None)
        .annotate(
            level=Case(*reached, default=Value(0), output_field=IntegerField()),
            last_level=Coalesce(Subquery(sent.annotate(last=Max("level")).values("last")), 0),
        )
        .filter(level__gt=0, last_level__lt=F("level"))
        .exclude(Exists(lately))
        .order_by("pk")
    )


def remind_overdue(*, on: date | None = None) -> Run:
    """Send every reminder that is due. Any number of runs may go on at the same time."""
    day = on or timezone.localdate()
    sent = without = 0
    for pk in list(due(on=day).values_list("pk", flat=True)):
        delivery = remind(pk, on=day)
        sent += delivery is not None
        without += delivery is None and not _address(Invoice.objects.select_related("company", "contact").get(pk=pk))
    return Run(sent, without)


def remind(pk: int, *, on: date) -> Delivery | None:
    """Send the reminder of one invoice, if it is still due and nobody else is at it."""
    if (invoice := Invoice.objects.filter(pk=pk).first()) is None or not _address(invoice):
        return None
    pdf = printing.printed(invoice)  # before the lock: printing takes its time
    with transaction.atomic(), history.acting(JOB):
        if not Invoice.objects.select_for_update(of=("self",), skip_locked=True).filter(pk=pk).exists():
            return None
        # A fresh look under the lock: what another run has done meanwhile is committed now, and seen.
        found = due(on=on).select_related("company", "contact").filter(pk=pk).first()
        return _send(found, found.level, on=on, pdf=pdf) if found else None


def _send(invoice: Invoice, level: int, *, on: date, pdf: Any) -> Delivery:
    title, text = printing.mail(f"reminder_{level}", invoice, days=invoice.overdue_days(on=on))
    delivery: Delivery = outbox.send_mail(
        key=f"invoice-{invoice.pk}-reminder-{level}",
        subject=invoice,
        to=[_address(invoice)],
        title=title,
        text=text,
        files=[pdf],
    )
    Reminder.objects.create(invoice=invoice, level=level, on=on, delivery=delivery)
    history.record("invoice.reminded", invoice, by=JOB, data={"level": level, "note": title})
    return delivery


def _address(invoice: Invoice) -> str:
    address = billing_address(invoice)
    try:
        validate_email(address)
    except ValidationError:
        return ""
    return address
