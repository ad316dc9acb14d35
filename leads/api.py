"""Leads and campaigns in the REST API."""

from core.api import DocumentApi
from leads.models import Campaign, Lead


class LeadApi(DocumentApi):
    model = Lead
    prefix = "leads"
    fields = (
        "state", "owner", "first_name", "last_name", "company_name", "job_title", "email", "phone", "website", "vat_number",
        "city", "province", "country", "language", "source", "campaign", "interest", "currency", "budget", "authority",
        "decision_by", "fit", "score", "lost_reason", "closed_at", "company", "contact", "external_key",
    )  # fmt: skip
    more = ("need", "message", "attributes", "score_reasons")


class CampaignApi(DocumentApi):
    model = Campaign
    prefix = "campaigns"
    fields = ("name", "channel", "starts_on", "ends_on", "currency", "budget", "cost", "owner")
