"""Letters about invoices, with the PDF of those that are issued."""

from django.utils.translation import gettext_lazy as _

from core.letters import Letters, MergeField
from invoicing import printing
from invoicing.models import Invoice

LETTERS = (
    Letters(
        Invoice,
        (
            *("number", "title", "customer_name", "contact.first_name", "contact.last_name", "contract.number"),
            *("issued_on", "due_on", "net", "vat", "gross", "paid"),
            MergeField("open_amount", _("Still to pay"), lambda invoice: invoice.open_amount),
        ),
        people=("company", "contact"),
        pdf=printing.printed,
        pdf_states=tuple(state for state in Invoice.State.values if state != Invoice.State.DRAFT),
    ),
)
