"""Leads as people: what is known of them, and that what they have agreed to goes with them."""

from typing import Any

from core.privacy import consent
from core.privacy.registry import REDACT, Holding
from leads.models import Lead

HOLDINGS = (
    Holding(
        Lead,
        {
            **dict.fromkeys(
                (
                    "first_name",
                    "last_name",
                    "job_title",
                    "email",
                    "phone",
                    "website",
                    "vat_number",
                    "need",
                    "authority",
                ),
                "",
            ),
            "message": "",
            "external_key": "",
            "attributes": {},
            "score_reasons": [],
            "custom": {},
            "tags": [],
            "company_name": REDACT,
            "interest": REDACT,
        },
    ),
)


def keep_consents(event: Any) -> None:
    """Reaction to a conversion: the contact is the same person, so what the lead has said counts for the contact too."""
    lead = event.subject
    if lead is not None and lead.contact is not None:
        consent.carry_over(lead, lead.contact)
