"""How the people of the story came to us: one touch each, and for two in five another one before it."""

from datetime import date, datetime, timedelta

from leads.models import Touch
from zencrm.demo.world import World

#: The channel of a campaign, or the source of a lead without one -> (channel of the touch, source, medium).
_ROADS = {
    "Fiera": ("event", "", ""),
    "Evento": ("event", "", ""),
    "Webinar": ("form", "webinar", "event"),
    "E-mail": ("mail", "newsletter", "email"),
    "Newsletter": ("mail", "newsletter", "email"),
    "Motore di ricerca": ("form", "google", "cpc"),
    "Social": ("social", "linkedin", "paid_social"),
    "Passaparola": ("other", "", "referral"),
    "Modulo web": ("form", "", ""),
    "Telefono": ("phone", "", ""),
}
#: What people had seen of us before, where no campaign of ours showed it to them.
_BEFORE = (("google", "organic"), ("linkedin", "social"), ("assistenzaindustria.example", "referral"))


def touch(
    world: World,
    lead: int,
    source: str,
    campaign: tuple[int, str, date] | None,
    campaigns: list[tuple[int, str, date]],
    at: datetime,
) -> None:
    """The touches of one lead; the last one is that of its own campaign and source."""
    table, dice = world.tables[Touch], world.roads
    if dice.random() < 0.4:
        earlier = at - timedelta(days=dice.randint(2, 40), minutes=dice.randint(0, 600))
        seen, name, medium = dice.choice(campaigns), *dice.choice(_BEFORE)
        ours = dice.random() < 0.5 and seen[2] <= earlier.date()
        words = {"campaign_id": seen[0], "medium": "cpc"} if ours else {"source": name, "medium": medium}
        table.add(lead_id=lead, at=earlier, channel="page", page="/prodotti/", **words)
    channel, name, medium = _ROADS.get(source, ("other", "", ""))
    key = campaign[0] if campaign else None
    table.add(lead_id=lead, at=at, channel=channel, campaign_id=key, source=name, medium=medium)
