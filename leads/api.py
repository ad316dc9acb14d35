"""Leads and campaigns in the REST API."""

from core.api import DocumentApi
from leads.models import Campaign, Enrolment, Lead, Mailing, Segment, Sequence


class LeadApi(DocumentApi):
    model = Lead
    prefix = "leads"
    fields = (
        "state", "owner", "first_name", "last_name", "company_name", "job_title", "email", "phone", "website", "vat_number",
        "tax_code", "sdi_code", "pec", "street", "postcode", "city", "province", "country", "language", "source",
        "campaign", "interest", "currency", "budget", "authority",
        "decision_by", "fit", "score", "lost_reason", "closed_at", "company", "contact", "external_key",
    )  # fmt: skip
    more = ("need", "message", "attributes", "score_reasons")


class CampaignApi(DocumentApi):
    model = Campaign
    prefix = "campaigns"
    fields = ("name", "state", "kind", "channel", "starts_on", "ends_on", "currency", "budget", "cost", "owner")


class SegmentApi(DocumentApi):
    model = Segment
    prefix = "segments"
    fields = ("name", "kind", "query", "owner")


class SequenceApi(DocumentApi):
    """Its steps are written on its page."""

    model = Sequence
    prefix = "sequences"
    fields = (
        "name", "state", "kind", "segment", "purpose", "measuring", "owner", "working_days", "from_hour", "to_hour",
        "stop_on_reply", "stop_on_conversion", "stop_on_loss",
    )  # fmt: skip


class EnrolmentApi(DocumentApi):
    """Nobody without a valid consent is put into a sequence: the same door as the pages'."""

    model = Enrolment
    prefix = "enrolments"
    fields = ("sequence", "subject", "email", "state", "position", "due_at", "why", "ended_at", "owner")


class MailingApi(DocumentApi):
    model = Mailing
    prefix = "mailings"
    fields = (
        "name", "state", "segment", "template", "campaign", "purpose", "measuring", "owner", "scheduled_for",
        "started_at", "ended_at",
    )  # fmt: skip
