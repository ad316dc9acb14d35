"""Invoices, their lines, and what is paid on them. Once issued, an invoice never changes: it is credited."""

from invoicing.models.collection import Payment, Reminder
from invoicing.models.documents import Invoice, InvoiceQuerySet
from invoicing.models.lines import InvoiceLine

__all__ = ["Invoice", "InvoiceLine", "InvoiceQuerySet", "Payment", "Reminder"]
