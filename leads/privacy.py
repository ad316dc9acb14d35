"""Leads as people: what they have agreed to goes with them."""

from typing import Any

from core.privacy import consent


def keep_consents(event: Any) -> None:
    """Reaction to a conversion: the contact is the same person, so what the lead has said counts for the contact too."""
    lead = event.subject
    if lead is not None and lead.contact is not None:
        consent.carry_over(lead, lead.contact)
