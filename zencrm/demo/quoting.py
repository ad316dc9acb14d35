"""Quotes of a deal: one to three revisions, their approval, and the customer's answer."""

from datetime import date, timedelta
from typing import Any

from quotes.models import Quote, QuoteLine
from zencrm.demo import fields, market
from zencrm.demo.deals import Deal
from zencrm.demo.world import World

#: How long an offer is good.
VALID_DAYS = 30
REFUSALS = ("Troppo caro.", "Abbiamo scelto un altro fornitore.")


def quote(world: World, deal: Deal, outcome: str, end: date) -> None:
    """One to three revisions; the last one tells how it ended."""
    revisions = world.rng.choices((1, 2, 3), (6, 3, 1))[0]
    last = min(end, world.today)
    span = max(1, (last - deal.opened).days)
    number = world.number("PV", deal.opened)
    previous = None
    for revision in range(1, revisions + 1):
        on = world.workday(deal.opened + timedelta(days=span * revision // (revisions + 2)))
        state = "superseded" if revision < revisions else _state(world, outcome, on)
        columns = {"number": number, "revision": revision, "revises_id": previous, "state": state}
        previous = _revision(world, deal, columns, on, last)


def _state(world: World, outcome: str, on: date) -> str:
    if outcome == "won":
        return "accepted"
    overdue = (world.today - on).days > VALID_DAYS
    if outcome == "lost":
        return world.in_turn("quote lost", {"declined": 7, "expired": 3}) if overdue else "declined"
    if overdue:
        return world.in_turn("quote overdue", {"expired": 5, "draft": 1, "sent": 2})
    return world.in_turn("quote", {"sent": 5, "approved": 1.5, "pending_approval": 2, "draft": 2})


def _revision(world: World, deal: Deal, columns: dict[str, Any], on: date, last: date) -> int:
    state = columns["state"]
    valid = _valid_until(world, state, on, last)
    answer = _answer(world, deal, state, last)
    key = world.tables[Quote].add(
        **deal.document(),
        **columns,
        **answer,
        **fields.of_quote(world.dice),
        created_at=world.moment(on),
        opportunity_id=deal.opportunity,
        valid_until=valid,
        token=f"{world.rng.getrandbits(256):064x}",
        **_progress(world, deal, state, on),
        answer_note=world.rng.choice(REFUSALS) if state == "declined" else "",
    )
    for position, line in enumerate(deal.lines):
        world.tables[QuoteLine].add(quote_id=key, **line.values(position))
    _history(world, deal, key, state, on, last)
    if state == "accepted":
        deal.quote, deal.quote_number, deal.accepted = key, columns["number"], last
    return key


def _valid_until(world: World, state: str, on: date, last: date) -> date:
    valid = on + timedelta(days=VALID_DAYS)
    if state in ("draft", "pending_approval", "approved", "sent"):
        return max(valid, world.today + timedelta(days=world.rng.randint(2, 28)))
    return max(valid, last) if state == "accepted" else valid


def _answer(world: World, deal: Deal, state: str, last: date) -> dict[str, Any]:
    """When the customer answered, and who signed."""
    accepted = state == "accepted"
    return {
        "answered_at": world.moment(last) if accepted or state == "declined" else None,
        "signer_name": " ".join(deal.firm.person) if accepted else "",
        "signer_email": market.email_of(deal.firm, deal.firm.person) if accepted else "",
    }


def _progress(world: World, deal: Deal, state: str, on: date) -> dict[str, Any]:
    """How far it came inside the house: submitted, approved, sent."""
    approved = state not in ("draft", "pending_approval")
    return {
        "submitted_by_id": deal.owner.pk if state != "draft" else None,
        "approved_by_id": world.people["manager"].pk if approved else None,
        "sent_at": world.moment(world.workday(on)) if approved and state != "approved" else None,
    }


def _history(world: World, deal: Deal, key: int, state: str, on: date, last: date) -> None:
    at, signer = world.moment(on), " ".join(deal.firm.person)
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
