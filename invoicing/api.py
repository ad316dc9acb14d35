"""Invoices and credit notes in the REST API."""

from core.api import DocumentApi
from invoicing.models import Invoice


class InvoiceApi(DocumentApi):
    model = Invoice
    prefix = "invoices"
    fields = (
        "number", "state", "kind", "owner", "title", "contract", "credits", "company", "contact", "customer_name", "currency",
        "net", "vat", "gross", "paid", "open_amount", "issued_on", "due_on", "payment_days", "disputed_on", "closed_at",
    )  # fmt: skip
    more = (
        "customer_vat_number", "customer_tax_code", "street", "postcode", "city", "province", "country", "language", "notes",
    )  # fmt: skip
