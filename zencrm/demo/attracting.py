"""How the story begins: somebody shows interest, and the sales team finds out more, or loses them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from leads import scoring
from leads.models import CampaignMember, Lead, LeadScore
from people.models import User
from zencrm.demo import fields, market, roads
from zencrm.demo.deals import CUSTOMER_SOURCES, REASONS, Deal, note, plan
from zencrm.demo.market import Firm
from zencrm.demo.vocabulary import FIRST_NAMES, INTERESTS, JOB_TITLES, LAST_NAMES, NEEDS
from zencrm.demo.world import World

#: A campaign as the leads know it: its key, its channel, its first day.
Campaign = tuple[int, str, date]
#: Channels where people meet.
MEETINGS = ("Fiera", "Evento", "Webinar")
#: Provinces of the first sales person; the second has the others.
NORTH = frozenset(["TO", "MI", "BG", "BS", "VR", "VI", "PD", "GE", "NO", "CO", "MB", "TV", "UD", "TN", "BZ"])


@dataclass
class Prospect:
    """A lead to be. `filled` tells whether somebody has asked what they need."""

    firm: Firm
    owner: User
    fate: str
    created: date
    thread: int
    person: tuple[str, str]
    worked: date
    closed: date
    filled: bool
    interest: str


def attract(world: World, firm: Firm, created: date, campaigns: list[Campaign]) -> Deal | None:
    """A lead of that day and what became of it; the deal, if it was converted."""
    fate = _fate(world, (world.today - created).days)
    at = world.moment(created)
    prospect = _meet(world, firm, fate, created, world.thread(at))
    if fate == "converted" and firm.key == 0:
        market.enter(world, firm, on=prospect.closed, owner=prospect.owner.pk)
    campaign = _campaign(world, created, campaigns)
    columns = _person(world, prospect) | _source(world, campaign) | _need(world, prospect) | _end(world, prospect)
    score, reasons = scoring.judge(scoring.facts({**columns, "created_at": at}))
    # Before the lead: the trigger makes a score for those only that come without.
    world.tables[LeadScore].add(
        score=score, score_reasons=reasons, scored_at=world.now, scored_with=scoring.edition(), state=fate
    )
    key = world.tables[Lead].add(
        **columns,
        **fields.of_lead(world.dice, created),
        created_at=at,
        thread_id=prospect.thread,
    )
    _history(world, key, prospect)
    roads.touch(world, key, columns["source"], campaign, campaigns, at)
    if campaign and campaign[1] in MEETINGS:
        _list(world, campaign, key, at)
    if fate != "converted":
        if fate in ("working", "qualified") and world.chance(0.8):
            plan(world, Lead, key, prospect.owner)
        return None
    return Deal(firm, prospect.owner, prospect.thread, prospect.closed, prospect.interest, lead=key)


def _list(world: World, campaign: Campaign, lead: int, met: datetime) -> None:
    """Most of those who came to a fair or a webinar had been invited; some said no, some did not answer."""
    state = world.dice.choices(("came", "responded", "invited", "declined"), (70, 12, 12, 6))[0]
    answered = state in ("responded", "declined") or (state == "came" and world.dice.random() < 0.5)
    world.tables[CampaignMember].add(
        campaign_id=campaign[0],
        lead_id=lead,
        state=state,
        invited_at=met - timedelta(days=14),
        responded_at=met - timedelta(days=6) if answered else None,
        came_at=met if state == "came" else None,
        created_at=met,
    )


def _fate(world: World, age: int) -> str:
    if age < 7:
        return world.in_turn("lead of the week", {"new": 60, "working": 40})
    if age < 30:
        return world.in_turn(
            "lead of the month", {"new": 12, "working": 38, "qualified": 24, "lost": 14, "converted": 12}
        )
    if age < 90:
        return world.in_turn("lead", {"new": 1, "working": 9, "qualified": 7, "lost": 49, "converted": 34})
    return world.pick({"lost": 61, "converted": 39})


def _meet(world: World, firm: Firm, fate: str, created: date, thread: int) -> Prospect:
    rng = world.rng
    person = firm.person if firm.key == 0 else (rng.choice(FIRST_NAMES), rng.choice(LAST_NAMES))
    worked = world.later(created, 0, 6)
    closed = min(world.later(worked, 2, 28), world.today)
    return Prospect(
        firm=firm,
        owner=world.people["sales" if firm.town[1] in NORTH else "sales2"],
        fate=fate,
        created=created,
        thread=thread,
        person=person,
        worked=worked,
        closed=closed,
        filled=fate in ("qualified", "converted") or world.chance(0.3),
        interest=rng.choice(INTERESTS),
    )


def _campaign(world: World, created: date, campaigns: list[Campaign]) -> Campaign | None:
    if not world.chance(0.55):
        return None
    return next((c for c in world.rng.sample(campaigns, 3) if c[2] <= created), None)


def _person(world: World, prospect: Prospect) -> dict[str, Any]:
    firm, person = prospect.firm, prospect.person
    converted = prospect.fate == "converted"
    return {
        "state": prospect.fate,
        "owner_id": None if prospect.fate == "new" and world.chance(0.7) else prospect.owner.pk,
        "first_name": person[0],
        "last_name": person[1],
        "company_name": firm.name,
        "job_title": world.rng.choice(JOB_TITLES) if world.chance(0.7) else "",
        "email": market.email_of(firm, person) if world.chance(0.93) else "",
        "phone": market.identifiers.phone(world.rng),
        "vat_number": firm.vat_number if prospect.filled and world.chance(0.6) else "",
        "city": firm.town[0],
        "province": firm.town[1],
        "company_id": firm.key if converted else None,
        "contact_id": firm.contact_key if converted else None,
    }


def _source(world: World, campaign: Campaign | None) -> dict[str, Any]:
    if campaign:
        return {"source": campaign[1], "campaign_id": campaign[0]}
    return {"source": world.pick(CUSTOMER_SOURCES), "campaign_id": None}


def _need(world: World, prospect: Prospect) -> dict[str, Any]:
    rng, filled = world.rng, prospect.filled
    return {
        "interest": prospect.interest,
        "need": rng.choice(NEEDS) if filled else "",
        "budget": Decimal(rng.randint(4, 90) * 500) if filled and world.chance(0.7) else None,
        "currency": "EUR",
        "authority": rng.choice(JOB_TITLES) if filled and world.chance(0.6) else "",
        "decision_by": _decision(world, prospect.created) if filled and world.chance(0.5) else None,
        "fit": "",
        "attributes": _looked_around(
            rng.randint(0, 14), rng.randint(0, 6), prospect.fate in ("qualified", "converted")
        ),
    }


def _looked_around(visits: int, opened: int, keen: bool) -> dict[str, int]:
    """Those who buy have looked around a little more: something for the score to learn."""
    return {"visits": min(14, visits + 4 * keen), "emails_opened": min(6, opened + 2 * keen)}


def _decision(world: World, created: date) -> date:
    return created + timedelta(days=world.rng.randint(30, 160))


def _end(world: World, prospect: Prospect) -> dict[str, Any]:
    ended = prospect.fate in ("lost", "converted")
    return {
        "lost_reason": world.pick(REASONS) if prospect.fate == "lost" else "",
        "closed_at": world.moment(prospect.closed) if ended else None,
    }


def _history(world: World, key: int, prospect: Prospect) -> None:
    fate, owner, thread = prospect.fate, prospect.owner, prospect.thread
    at = world.moment(prospect.created)
    world.act(Lead, key, "created", at=at, by="ZenCRM", thread=thread, target="new")
    steps: list[tuple[str, str, Any, Any]] = []
    if fate != "new":
        steps.append(("taken", "working", max(at, world.moment(prospect.worked)), owner))
    if fate in ("qualified", "converted"):
        steps.append(("qualified", "qualified", max(steps[-1][2], world.moment(prospect.closed)), owner))
    if fate in ("converted", "lost"):
        steps.append((fate, fate, max(steps[-1][2], world.moment(prospect.closed)), owner))
    world.path(Lead, key, thread, steps, "new")
    if fate != "new" and world.chance(0.35):
        note(world, Lead, key, owner, prospect.worked)
