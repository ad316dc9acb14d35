"""The first half of the story: what leads became, and the day the customer says yes."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from opportunities.models import Opportunity
from opportunities.models.stages import probability_of
from zencrm.demo import market, quoting
from zencrm.demo.attracting import Campaign, attract
from zencrm.demo.deals import CUSTOMER_SOURCES, REASONS, Deal, note, plan
from zencrm.demo.market import Firm
from zencrm.demo.vocabulary import ACTIVITIES
from zencrm.demo.world import LineSketch, World

#: How long somebody still hopes for a deal whose day has passed.
STALLED_DAYS = 60
STAGES = ("identified", "qualified", "proposal", "negotiation")
EVENTS = {"qualified": "qualified", "proposal": "proposed", "negotiation": "negotiated", "won": "won", "lost": "lost"}


def sell(world: World, leads: int, campaigns: list[Campaign]) -> Iterator[Deal]:
    """Invent leads and what became of them; yields the deals that were won, in no order."""
    known: list[Firm] = []
    for _turn in range(leads):
        created = world.day_of_growth()
        returning = bool(known) and world.chance(0.22)
        firm = world.rng.choice(known) if returning else market.invent_firm(world)
        deal = attract(world, firm, created, campaigns)
        if deal is None:
            continue
        if not returning:
            known.append(firm)
        if _pursue(world, deal):
            yield deal


def _pursue(world: World, deal: Deal) -> bool:
    """The deal as an opportunity with its quotes; whether it was won."""
    length = max(8, int(world.rng.lognormvariate(3.7, 0.5)))
    deal.lines = _sketch_lines(world)
    end = world.workday(deal.opened + timedelta(days=length))
    state = _state(world, deal, length, end)
    at = world.moment(deal.opened)
    deal.opportunity = world.tables[Opportunity].add(**_columns(world, deal, state, end), created_at=at)
    _history(world, deal, state, end)
    if state in ("proposal", "negotiation", "won") or (state == "lost" and world.chance(0.7)):
        quoting.quote(world, deal, state, end)
    if state in STAGES and world.chance(0.85):
        plan(world, Opportunity, deal.opportunity, deal.owner)
    if world.chance(0.4):
        note(world, Opportunity, deal.opportunity, deal.owner, deal.opened)
    return state == "won"


def _state(world: World, deal: Deal, length: int, end: date) -> str:
    if end > world.today:
        progress = (world.today - deal.opened).days / length
        return STAGES[min(3, int(progress * 4.6))]
    if (world.today - end).days < STALLED_DAYS:
        return world.in_turn("deal due", {"won": 43, "lost": 41, "negotiation": 11, "proposal": 5})
    return world.pick({"won": 45, "lost": 55})


def _columns(world: World, deal: Deal, state: str, end: date) -> dict[str, Any]:
    ended = state in ("won", "lost")
    return deal.columns() | {
        "number": world.number("OP", deal.opened),
        "state": state,
        "name": deal.name,
        "lead_id": deal.lead,
        "source": world.pick(CUSTOMER_SOURCES),
        "value": deal.amounts["net"],
        "currency": "EUR",
        "probability": probability_of(state),
        "expected_close": end,
        "next_step": "" if ended else world.rng.choice(ACTIVITIES)[1],
        "lost_reason": world.pick(REASONS) if state == "lost" else "",
        "closed_on": end if ended else None,
    }


def _history(world: World, deal: Deal, state: str, end: date) -> None:
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
