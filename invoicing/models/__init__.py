"""Invoices, their lines, and what is paid on them. Once issued, an invoice never changes: it is credited."""

from invoicing.models.collection import Payment, Reminder
from invoicing.models.documents import Invoice, InvoiceLine, InvoiceQuerySet

__all__ = ["Invoice", "InvoiceLine", "InvoiceQuerySet", "Payment", "Reminder"]
