"""Leads and campaigns in the REST API."""

from operator import attrgetter
from typing import Any, ClassVar

from core.api import DocumentApi
from core.api.outputs import AMOUNT, Output, Schema
from leads.campaign_api import AddCost, RemoveCost, costs_of
from leads.models import Campaign, CampaignMember, Enrolment, Lead, Mailing, Segment, Sequence
from leads.nurture.step_api import WriteSteps, steps_of

_NUMBER: Schema = {"type": "integer"}
_MAYBE: Schema = {"type": ["integer", "null"]}
_TEXT: Schema = {"type": "string"}


def _list_of(description: str, **properties: Schema) -> Schema:
    item = {"type": "object", "properties": properties, "required": list(properties)}
    return {"type": "array", "description": description, "items": item}


COSTS = _list_of(
    "Its costs, the latest first.",
    id=_NUMBER, on={"type": "string", "format": "date"}, what=_TEXT, amount=AMOUNT, reference=_TEXT,
)  # fmt: skip
STEPS = _list_of(
    "Its steps in their order; `yes` and `no` are positions, null is the next step and 0 the end.",
    id=_NUMBER, position=_NUMBER, days=_NUMBER, hours=_NUMBER, action=_TEXT, template=_MAYBE, question=_TEXT, value=_TEXT,
    yes=_MAYBE, no=_MAYBE,
)  # fmt: skip


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
    acts: ClassVar[dict[str, Any]] = {"add_cost": AddCost, "remove_cost": RemoveCost}

    @classmethod
    def further(cls) -> list[Output]:
        """Its costs, how many leads it has brought, and how many of them were converted."""
        counts = [Output(name, attrgetter(name), _NUMBER) for name in ("lead_count", "converted_count")]
        return [*super().further(), Output("costs", costs_of, COSTS), *counts]


class CampaignMemberApi(DocumentApi):
    """Who is on the list of a campaign: a lead or a contact."""

    model = CampaignMember
    prefix = "campaign-members"
    fields = ("campaign", "state", "lead", "contact", "invited_at", "responded_at", "came_at")


class SegmentApi(DocumentApi):
    """`query` is the query string of the list of leads or of contacts."""

    model = Segment
    prefix = "segments"
    fields = ("name", "kind", "query", "owner")


class SequenceApi(DocumentApi):
    """With its steps, which are written all at once."""

    model = Sequence
    prefix = "sequences"
    fields = (
        "name", "state", "kind", "segment", "purpose", "measuring", "owner", "working_days", "from_hour", "to_hour",
        "stop_on_reply", "stop_on_conversion", "stop_on_loss",
    )  # fmt: skip
    acts: ClassVar[dict[str, Any]] = {"write_steps": WriteSteps}

    @classmethod
    def further(cls) -> list[Output]:
        return [*super().further(), Output("steps", steps_of, STEPS)]


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
