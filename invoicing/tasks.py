"""The jobs of invoicing: two lines each."""

from celery import shared_task

from invoicing import printing, reminders
from invoicing.models import Invoice


@shared_task(name="invoicing.print")
def print_invoice(*, invoice_id: int, **_: object) -> None:
    printing.printed(Invoice.objects.get(pk=invoice_id))


@shared_task(name="invoicing.remind")
def remind(**_: object) -> None:
    reminders.remind_overdue()
