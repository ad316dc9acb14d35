"""The first half of the story: leads, opportunities, quotes, and the day the customer says yes."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from activities.models import Activity, Note
from core.money import ZERO
from leads.models import Lead, LostReason
from opportunities.models import Opportunity
from people.models import User
from quotes.models import Quote, QuoteLine
from zencrm.demo import market
from zencrm.demo.market import Firm
from zencrm.demo.vocabulary import ACTIVITIES, FIRST_NAMES, INTERESTS, JOB_TITLES, LAST_NAMES, NEEDS, NOTES, SOURCES
from zencrm.demo.world import LineSketch, World, amounts

CUSTOMER_SOURCES = {name: float(weight) for name, weight in SOURCES}
REASONS = dict(zip(LostReason.values, (20, 18, 14, 16, 14, 8, 4, 6), strict=True))


@dataclass
class Deal:
    """A deal under way: what later stages need to know of it."""

    firm: Firm
    owner: User
    thread: int
    opened: date
    name: str
    lead: int = 0
    opportunity: int = 0
    quote: int = 0
    quote_number: str = ""
    accepted: date | None = None
    payment_days: int = 30
    lines: list[LineSketch] = field(default_factory=list)

    @property
    def amounts(self) -> dict[str, Any]:
        return amounts(self.lines)

    @property
    def cost(self) -> Decimal:
        return sum((line.product.cost.amount * line.quantity for line in self.lines), ZERO)


def sell(world: World, leads: int, campaigns: list[tuple[int, str, date]]) -> Iterator[Deal]:
    """Invent leads and what became of them; yields the deals that were won, in no order."""
    known: list[Firm] = []
    for _turn in range(leads):
        created = world.day_of_growth()
        returning = bool(known) and world.chance(0.22)
        firm = world.rng.choice(known) if returning else market.invent_firm(world)
        deal = _lead(world, firm, created, campaigns)
        if deal is None:
            continue
        if not returning:
            known.append(firm)
        if won := _opportunity(world, deal):
            yield won


def _fate(world: World, age: int) -> str:
    if age < 7:
        return world.pick({"new": 60, "working": 40})
    if age < 30:
        return world.pick({"new": 12, "working": 38, "qualified": 24, "lost": 14, "converted": 12})
    if age < 90:
        return world.pick({"new": 1, "working": 9, "qualified": 7, "lost": 49, "converted": 34})
    return world.pick({"lost": 61, "converted": 39})


def _lead(world: World, firm: Firm, created: date, campaigns: list[tuple[int, str, date]]) -> Deal | None:
    rng, people = world.rng, world.people
    fate = _fate(world, (world.today - created).days)
    owner = people["sales"] if firm.town[1] in "TO MI BG BS VR VI PD GE NO CO MB TV UD TN BZ" else people["sales2"]
    at = world.moment(created)
    thread = world.thread(at)
    person = firm.person if firm.key == 0 else (rng.choice(FIRST_NAMES), rng.choice(LAST_NAMES))
    worked = world.later(created, 0, 6)
    closed = world.later(worked, 2, 28)
    if closed > world.today:
        closed = world.today
    filled = fate in ("qualified", "converted") or world.chance(0.3)
    interest = rng.choice(INTERESTS)
    deal = Deal(firm=firm, owner=owner, thread=thread, opened=closed, name=interest)
    if fate == "converted" and firm.key == 0:
        market.enter(world, firm, on=closed, owner=owner.pk)
    campaign = next((c for c in rng.sample(campaigns, 3) if c[2] <= created), None) if world.chance(0.55) else None
    key = world.tables[Lead].add(
        state=fate,
        thread_id=thread,
        owner_id=None if fate == "new" and world.chance(0.7) else owner.pk,
        created_at=at,
        first_name=person[0],
        last_name=person[1],
        company_name=firm.name,
        job_title=rng.choice(JOB_TITLES) if world.chance(0.7) else "",
        email=market.email_of(firm, person) if world.chance(0.93) else "",
        phone=market.identifiers.phone(rng),
        vat_number=firm.vat_number if filled and world.chance(0.6) else "",
        city=firm.town[0],
        province=firm.town[1],
        source=campaign[1] if campaign else world.pick(CUSTOMER_SOURCES),
        campaign_id=campaign[0] if campaign else None,
        interest=interest,
        need=rng.choice(NEEDS) if filled else "",
        budget=Decimal(rng.randint(4, 90) * 500) if filled and world.chance(0.7) else None,
        currency="EUR",
        authority=rng.choice(JOB_TITLES) if filled and world.chance(0.6) else "",
        decision_by=created + timedelta(days=rng.randint(30, 160)) if filled and world.chance(0.5) else None,
        attributes={"visits": rng.randint(0, 14), "emails_opened": rng.randint(0, 6)},
        lost_reason=world.pick(REASONS) if fate == "lost" else "",
        closed_at=world.moment(closed) if fate in ("lost", "converted") else None,
        company_id=firm.key if fate == "converted" else None,
        contact_id=firm.contact_key if fate == "converted" else None,
    )
    _lead_history(world, key, thread, fate, (created, worked, closed), owner)
    if fate != "converted":
        if fate in ("working", "qualified") and world.chance(0.8):
            plan(world, Lead, key, owner)
        return None
    deal.lead = key
    return deal


def _lead_history(world: World, key: int, thread: int, fate: str, days: tuple[date, date, date], owner: User) -> None:
    created, worked, closed = days
    at = world.moment(created)
    world.act(Lead, key, "created", at=at, by="ZenCRM", thread=thread, target="new")
    steps: list[tuple[str, str, Any, Any]] = []
    if fate != "new":
        steps.append(("taken", "working", max(at, world.moment(worked)), owner))
    if fate in ("qualified", "converted"):
        steps.append(("qualified", "qualified", max(steps[-1][2], world.moment(closed)), owner))
    if fate in ("converted", "lost"):
        steps.append((fate, fate, max(steps[-1][2], world.moment(closed)), owner))
    world.path(Lead, key, thread, steps, "new")
    if fate != "new" and world.chance(0.35):
        note(world, Lead, key, owner, worked)


def plan(world: World, model: Any, key: int, owner: User) -> None:
    """The next thing to do, now and then overdue."""
    kind, summary = world.rng.choice(ACTIVITIES)
    world.tables[Activity].add(
        subject_type_id=world.kind(model),
        subject_id=key,
        kind=kind,
        summary=summary,
        due_on=world.today + timedelta(days=world.rng.randint(-6, 14)),
        owner_id=owner.pk,
    )


def note(world: World, model: Any, key: int, author: User, on: date) -> None:
    world.tables[Note].add(
        subject_type_id=world.kind(model),
        subject_id=key,
        author_id=author.pk,
        body=world.rng.choice(NOTES),
        created_at=world.moment(on),
    )


# --- opportunity ----------------------------------------------------------------------------------------------------------

#: How long an offer is good, and how long somebody still hopes for a deal whose day has passed.
VALID_DAYS, STALLED_DAYS = 30, 60
STAGES = ("identified", "qualified", "proposal", "negotiation")
EVENTS = {"qualified": "qualified", "proposal": "proposed", "negotiation": "negotiated", "won": "won", "lost": "lost"}


def _opportunity(world: World, deal: Deal) -> Deal | None:
    """The deal as an opportunity with its quotes; returned when it was won."""
    rng = world.rng
    length = max(8, int(rng.lognormvariate(3.7, 0.5)))
    deal.lines = _sketch_lines(world)
    end = world.workday(deal.opened + timedelta(days=length))
    if end > world.today:
        progress = (world.today - deal.opened).days / length
        state = STAGES[min(3, int(progress * 4.6))]
    elif (world.today - end).days < STALLED_DAYS:
        state = world.pick({"won": 43, "lost": 41, "negotiation": 11, "proposal": 5})
    else:
        state = world.pick({"won": 45, "lost": 55})
    at = world.moment(deal.opened)
    deal.opportunity = world.tables[Opportunity].add(
        number=world.number("OP", deal.opened),
        state=state,
        thread_id=deal.thread,
        owner_id=deal.owner.pk,
        created_at=at,
        name=deal.name,
        company_id=deal.firm.key,
        contact_id=deal.firm.contact_key,
        lead_id=deal.lead,
        source=world.pick(CUSTOMER_SOURCES),
        value=deal.amounts["net"],
        currency="EUR",
        probability=Opportunity.PROBABILITIES[state],
        expected_close=end,
        next_step="" if state in ("won", "lost") else rng.choice(ACTIVITIES)[1],
        lost_reason=world.pick(REASONS) if state == "lost" else "",
        closed_on=end if state in ("won", "lost") else None,
    )
    _opportunity_history(world, deal, state, end)
    if state in ("proposal", "negotiation", "won") or (state == "lost" and world.chance(0.7)):
        _quotes(world, deal, state, end)
    if state in STAGES and world.chance(0.85):
        plan(world, Opportunity, deal.opportunity, deal.owner)
    if world.chance(0.4):
        note(world, Opportunity, deal.opportunity, deal.owner, deal.opened)
    return deal if state == "won" else None


def _opportunity_history(world: World, deal: Deal, state: str, end: date) -> None:
    last = min(end, world.today)
    span = max(1, (last - deal.opened).days)
    reached = STAGES.index(state) if state in STAGES else 3 if state == "won" else world.rng.randint(1, 3)
    at = world.moment(deal.opened)
    world.act(Opportunity, deal.opportunity, "drafted", at=at, by=deal.owner, thread=deal.thread, target="identified")
    steps = []
    for place, stage in enumerate(STAGES[1 : reached + 1], start=1):
        day = world.workday(deal.opened + timedelta(days=span * place // 5))
        steps.append((EVENTS[stage], stage, max(at, world.moment(day)), deal.owner))
    if state in ("won", "lost"):
        steps.append((state, state, world.moment(last), deal.owner))
    world.path(Opportunity, deal.opportunity, deal.thread, steps, "identified")


def _sketch_lines(world: World) -> list[LineSketch]:
    """Two to six lines: plant, hours and sometimes a subscription, at list price with the usual discounts."""
    rng = world.rng
    by_kind = {kind: [p for p in world.products if p.kind == kind] for kind in ("goods", "service", "subscription")}
    chosen = rng.sample(by_kind["goods"], rng.randint(1, 3)) + rng.sample(by_kind["service"], rng.randint(1, 2))
    if world.chance(0.4):
        chosen.append(rng.choice(by_kind["subscription"]))
    discount = Decimal(rng.choice((0, 0, 0, 5, 5, 8, 10, 12)))
    return [
        LineSketch(
            product=product,
            quantity=Decimal(rng.randint(4, 60) if product.kind == "service" else _pieces(world, product)),
            unit_price=product.list_price.amount,
            discount=Decimal(0) if product.kind == "subscription" else discount,
        )
        for product in chosen
    ]


def _pieces(world: World, product: Any) -> int:
    if product.kind == "subscription":
        return 1
    return world.rng.randint(4, 40) if product.list_price.amount < 200 else world.rng.choice((1, 1, 1, 2, 2, 3))


# --- quotes ---------------------------------------------------------------------------------------------------------------


def _quotes(world: World, deal: Deal, outcome: str, end: date) -> None:
    """One to three revisions; the last one tells how it ended."""
    revisions = world.rng.choices((1, 2, 3), (6, 3, 1))[0]
    last = min(end, world.today)
    span = max(1, (last - deal.opened).days)
    number = world.number("PV", deal.opened)
    previous = None
    for revision in range(1, revisions + 1):
        on = world.workday(deal.opened + timedelta(days=span * revision // (revisions + 2)))
        state = "superseded" if revision < revisions else _quote_state(world, outcome, on)
        previous = _quote(world, deal, number, revision, previous, state, (on, last))


def _quote_state(world: World, outcome: str, on: date) -> str:
    if outcome == "won":
        return "accepted"
    overdue = (world.today - on).days > VALID_DAYS
    if outcome == "lost":
        return world.pick({"declined": 7, "expired": 3}) if overdue else "declined"
    if overdue:
        return world.pick({"expired": 5, "draft": 1, "sent": 2})
    return world.pick({"draft": 2, "pending_approval": 2, "approved": 1.5, "sent": 5})


def _quote(
    world: World, deal: Deal, number: str, revision: int, previous: int | None, state: str, days: tuple[date, date]
) -> int:
    on, last = days
    valid = on + timedelta(days=VALID_DAYS)
    if state in ("draft", "pending_approval", "approved", "sent"):
        valid = max(valid, world.today + timedelta(days=world.rng.randint(2, 28)))
    if state == "accepted":
        valid = max(valid, last)
    submitted = state != "draft"
    approved = state not in ("draft", "pending_approval")
    sent = approved and state != "approved"
    answered = world.moment(last) if state in ("accepted", "declined") else None
    signer = " ".join(deal.firm.person)
    key = world.tables[Quote].add(
        **deal.firm.snapshot(),
        **deal.amounts,
        number=number,
        revision=revision,
        revises_id=previous,
        state=state,
        thread_id=deal.thread,
        owner_id=deal.owner.pk,
        created_at=world.moment(on),
        opportunity_id=deal.opportunity,
        company_id=deal.firm.key,
        contact_id=deal.firm.contact_key,
        title=deal.name,
        valid_until=valid,
        payment_days=deal.payment_days,
        submitted_by_id=deal.owner.pk if submitted else None,
        approved_by_id=world.people["manager"].pk if approved else None,
        token=f"{world.rng.getrandbits(256):064x}",
        sent_at=world.moment(world.workday(on)) if sent else None,
        answered_at=answered,
        answer_note=world.rng.choice(("Troppo caro.", "Abbiamo scelto un altro fornitore."))
        if state == "declined"
        else "",
        signer_name=signer if state == "accepted" else "",
        signer_email=market.email_of(deal.firm, deal.firm.person) if state == "accepted" else "",
    )
    for position, line in enumerate(deal.lines):
        world.tables[QuoteLine].add(quote_id=key, **line.values(position))
    _quote_history(world, deal, key, state, days, signer)
    if state == "accepted":
        deal.quote, deal.quote_number, deal.accepted = key, number, last
    return key


def _quote_history(world: World, deal: Deal, key: int, state: str, days: tuple[date, date], signer: str) -> None:
    on, last = days
    at = world.moment(on)
    manager = world.people["manager"]
    world.act(Quote, key, "drafted", at=at, by=deal.owner, thread=deal.thread, target="draft")
    ways: dict[str, list[tuple[str, str, Any]]] = {
        "draft": [],
        "pending_approval": [("submitted", "pending_approval", deal.owner)],
    }
    ways["approved"] = [*ways["pending_approval"], ("approved", "approved", manager)]
    ways["sent"] = [*ways["approved"], ("sent", "sent", deal.owner)]
    ways["accepted"] = [*ways["sent"], ("accepted", "accepted", signer)]
    ways["declined"] = [*ways["sent"], ("declined", "declined", signer)]
    ways["expired"] = [*ways["sent"], ("expired", "expired", "ZenCRM")]
    ways["superseded"] = [*ways["sent"], ("revised", "superseded", deal.owner)]
    final = world.moment(last)
    steps = [
        (event, target, max(at, final if place >= 3 else at), by)
        for place, (event, target, by) in enumerate(ways[state])
    ]
    world.path(Quote, key, deal.thread, steps, "draft")
