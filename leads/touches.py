"""Writing touches down, however somebody came."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from leads.models import Campaign, Lead, Touch

#: What a touch says in words, and how much of each is kept.
WORDS = ("source", "medium", "term", "content", "utm_campaign", "referrer", "page")
_LENGTHS: dict[str, int] = {f.name: f.max_length or 0 for f in Touch._meta.concrete_fields if f.name in WORDS}


def record(lead: Lead, *, at: datetime, channel: str, campaign: Campaign | None = None, **words: Any) -> Touch:
    """Write one touch. `words` are those of `WORDS`, by strangers: they are cut and cleaned."""
    touch = build(lead, at=at, channel=channel, campaign=campaign, **words)
    touch.save(force_insert=True)
    return touch


def build(lead: Lead, *, at: datetime, channel: str, campaign: Campaign | None = None, **words: Any) -> Touch:
    """A touch that is not written yet, for those who write many at once."""
    cleaned = {name: clean(value, _LENGTHS[name]) if name in _LENGTHS else value for name, value in words.items()}
    return Touch(lead=lead, at=at, channel=channel, campaign=campaign, **cleaned)


def clean(value: Any, longest: int | None) -> str:
    """One line of a stranger's text: without what PostgreSQL cannot keep, no longer than its column."""
    text = str(value or "").encode("utf-8", errors="replace").decode("utf-8")
    return "".join(c for c in text if c.isprintable()).strip()[:longest]


def of_new_leads(leads: Iterable[Lead], channel: str) -> list[Touch]:
    """The touches of leads that came in together, of those of whom a campaign or a source is known."""
    return [
        Touch(
            lead=lead, at=lead.created_at, channel=channel, campaign_id=lead.campaign_id, source=clean(lead.source, 120)
        )
        for lead in leads
        if lead.campaign_id or lead.source
    ]
