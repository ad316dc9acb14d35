"""Quotes in the REST API."""

from core.api import DocumentApi
from quotes.models import Quote


class QuoteApi(DocumentApi):
    model = Quote
    prefix = "quotes"
    fields = (
        "number", "revision", "revises", "state", "owner", "title", "opportunity", "company", "contact", "customer_name",
        "currency", "net", "vat", "gross", "valid_until", "payment_days", "sent_at", "answered_at",
    )  # fmt: skip
    more = (
        "customer_vat_number", "customer_tax_code", "street", "postcode", "city", "province", "country", "language",
        "introduction", "notes", "submitted_by", "approved_by", "viewed_at", "answer_note", "signer_name", "signer_email",
    )  # fmt: skip
