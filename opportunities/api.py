"""Opportunities in the REST API."""

from core.api import DocumentApi
from opportunities.models import Opportunity


class OpportunityApi(DocumentApi):
    model = Opportunity
    prefix = "opportunities"
    fields = (
        "number", "state", "owner", "company", "contact", "lead", "kind", "source", "product", "currency", "value",
        "probability", "expected_close", "next_step", "competitors", "lost_reason", "closed_on", "external_key",
    )  # fmt: skip
    more = ("description",)
