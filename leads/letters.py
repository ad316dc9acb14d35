"""Letters to leads."""

from core.letters import Letters
from leads.models import Lead

LETTERS = (
    Letters(
        Lead,
        ("first_name", "last_name", "company_name", "job_title", "city", "interest", "need", "campaign.name"),
        known_by="email",
    ),
)
