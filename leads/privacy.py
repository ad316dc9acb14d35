"""Leads as people: what is known of them, and that what they have agreed to goes with them."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from core.privacy import consent
from core.privacy.registry import REDACT, Holding
from core.privacy.retention import Term, erase_quietly, quiet_since
from leads.models import Lead, Touch

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
    # Which campaign brought somebody stays for the reports; addresses and search words may name them.
    Holding(Touch, dict.fromkeys(("term", "referrer", "page"), ""), paths=("lead",), at="at"),
)

TERMS = (
    Term(
        "lost_leads",
        _("Lost leads"),
        24,
        lambda before: quiet_since(Lead.objects.filter(state=Lead.State.LOST), before),
        erase_quietly,
        _("The person is erased; what the lead was worth and why it was lost stays for the reports."),
    ),
    Term(
        "idle_leads",
        _("Open leads nobody does anything about"),
        36,
        lambda before: quiet_since(Lead.objects.open(), before),
        erase_quietly,
        _("The person is erased; the lead stays without them."),
    ),
)


def keep_consents(event: Any) -> None:
    """Reaction to a conversion: the contact is the same person, so what the lead has said counts for the contact too."""
    lead = event.subject
    if lead is not None and lead.contact is not None:
        consent.carry_over(lead, lead.contact)
