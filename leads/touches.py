"""Writing touches down, however somebody came."""

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONObject

from core.written import written
from leads.models import Campaign, Lead, Touch, WebForm
from leads.scoring import reacting

#: What a touch says in words, and how much of each is kept.
WORDS = ("source", "medium", "term", "content", "utm_campaign", "referrer", "page")
#: What a lead's page tells of a touch, and of so many of them.
_SHOWN, _NAMED, _MOST = (
    ("at", "channel", "source", "medium", "referrer", "campaign_id", "form_id"),
    ("campaign", "form"),
    30,
)
_LENGTHS: dict[str, int] = {f.name: f.max_length or 0 for f in Touch._meta.concrete_fields if f.name in WORDS}


def with_touches(rows: QuerySet[Lead]) -> QuerySet[Lead]:
    """Leads with what `shown` makes their first touches of: fetched in the question that fetches the lead."""
    return rows.annotate(met=_met())


@cache
def _met() -> Any:
    columns = {name: name for name in _SHOWN} | {name: f"{name}__name" for name in _NAMED}
    own = Touch.objects.filter(lead=OuterRef("pk")).in_order().values(row=JSONObject(**columns))
    return written(Lead, ArraySubquery(own[:_MOST]))


def shown(lead: Any) -> list[Touch]:
    """The first touches of a lead fetched by `with_touches`, in their order."""
    return [_read(row) for row in lead.met]


def _read(row: dict[str, Any]) -> Touch:
    campaign = Campaign(pk=row["campaign_id"], name=row["campaign"]) if row["campaign_id"] else None
    form = WebForm(pk=row["form_id"], name=row["form"]) if row["form_id"] else None
    words = {name: row[name] for name in ("channel", "source", "medium", "referrer")}
    return Touch(at=datetime.fromisoformat(row["at"]), campaign=campaign, form=form, **words)


def record(lead: Lead, *, at: datetime, channel: str, campaign: Campaign | None = None, **words: Any) -> Touch:
    """Write one touch. `words` are those of `WORDS`, by strangers: they are cut and cleaned."""
    touch = build(lead, at=at, channel=channel, campaign=campaign, **words)
    touch.save(force_insert=True)
    reacting.happened("touches", lead.pk)
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
