"""Invoices name people; the law keeps what was issued."""

from django.utils.translation import gettext_lazy as _

from core.privacy.registry import REDACT, Duty, Holding
from invoicing.models import Invoice

ISSUED = Duty(
    _("Issued invoices: ten years (art. 2220 c.c., art. 22 DPR 600/1973)."), 120, lambda invoice: invoice.issued_on
)

HOLDINGS = (
    Holding(
        Invoice,
        dict.fromkeys(("title", "notes", "customer_name"), REDACT),
        paths=("contact",),
        files=("pdf",),
        duty=ISSUED,
    ),
)
