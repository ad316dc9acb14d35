"""What a customer's yes sets going: the order, its way to the ERP, the contract, and the contract that renews it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any

from core.models import Delivery
from orders.models import Contract, ContractLine, SalesOrder, SalesOrderLine
from zencrm.demo.deals import Deal
from zencrm.demo.world import World


@dataclass
class Job:
    """A contract being carried out: what invoices, cases and costs hang on."""

    deal: Deal
    contract: int
    lines: list[int]
    starts: date
    ends: date
    state: str
    project: int = 0
    project_state: str = ""

    @property
    def thread(self) -> int:
        return self.deal.thread


def order(world: World, deal: Deal) -> Job | None:
    """The order of a won deal; its contract, if it came to that."""
    state = _order_state(world, deal)
    key = _order(world, deal, state)
    if state not in ("contracted", "fulfilled"):
        return None
    signed = min(world.today, world.later(deal.accepted_on, 3, 12))
    return _contract(world, deal, signed, fulfilled=state == "fulfilled", order_id=key)


def _order_state(world: World, deal: Deal) -> str:
    age = (world.today - deal.accepted_on).days
    if age < 20:
        return world.in_turn("new order", {"validated": 4, "draft": 3, "approved": 3})
    if age < 35:
        return world.in_turn("order", {"approved": 2, "contracted": 8})
    if age > 200:
        return world.in_turn("old order", {"fulfilled": 82, "contracted": 15, "cancelled": 3})
    return world.in_turn("order under way", {"contracted": 97, "cancelled": 3})


def _order(world: World, deal: Deal, state: str) -> int:
    rng, on = world.rng, deal.accepted_on
    approved = state in ("approved", "contracted", "fulfilled")
    key = world.tables[SalesOrder].add(
        **deal.document(),
        number=world.number("OV", on),
        state=state,
        created_at=world.moment(on),
        quote_id=deal.quote,
        opportunity_id=deal.opportunity,
        ordered_on=on,
        deliver_by=on + timedelta(days=rng.randint(30, 120)),
        customer_reference=f"ODA {rng.randint(100, 9999)}" if world.chance(0.6) else "",
        validated_by_id=deal.owner.pk if state not in ("draft", "cancelled") else None,
        approved_by_id=world.people["manager"].pk if approved else None,
        approved_at=world.moment(world.later(on, 1, 3)) if approved else None,
        erp_number=f"ERP-{rng.randint(10_000, 99_999)}" if approved and world.chance(0.9) else "",
    )
    for position, line in enumerate(deal.lines):
        world.tables[SalesOrderLine].add(order_id=key, **line.values(position))
    if approved:
        _export(world, deal, key, on)
    _order_history(world, deal, key, state)
    return key


def _order_history(world: World, deal: Deal, key: int, state: str) -> None:
    on = deal.accepted_on
    at = world.moment(on)
    world.act(SalesOrder, key, "drafted", at=at, by="ZenCRM", thread=deal.thread, target="draft")
    ways: dict[str, list[tuple[str, str, Any]]] = {"draft": [], "cancelled": [("cancelled", "cancelled", deal.owner)]}
    ways["validated"] = [("validated", "validated", deal.owner)]
    ways["approved"] = [*ways["validated"], ("approved", "approved", world.people["manager"])]
    ways["contracted"] = [*ways["approved"], ("contracted", "contracted", deal.owner)]
    ways["fulfilled"] = [*ways["contracted"], ("fulfilled", "fulfilled", "ZenCRM")]
    steps = [
        (e, t, world.moment(min(world.today, on + timedelta(days=n))), by)
        for n, (e, t, by) in enumerate(ways[state], 1)
    ]
    world.path(SalesOrder, key, deal.thread, steps, "draft")


def _export(world: World, deal: Deal, order: int, on: date) -> None:
    """The order went to the ERP; once in a while the ERP said no."""
    failed = world.chance(0.03)
    at = world.moment(world.later(on, 1, 3))
    world.tables[Delivery].add(
        channel="ubl",
        key=f"salesorder-{order}-ubl",
        subject_type_id=world.kind(SalesOrder),
        subject_id=order,
        thread_id=deal.thread,
        state="failed" if failed else "delivered",
        payload={"order": order},
        payload_hash=sha256(str(order).encode()).hexdigest(),
        attempts=7 if failed else 1,
        answer="" if failed else "OK",
        last_error="422 unknown customer" if failed else "",
        created_at=at,
        delivered_at=None if failed else at,
    )


# --- contracts ------------------------------------------------------------------------------------------------------------


def _contract(world: World, deal: Deal, signed: date, *, fulfilled: bool = False, **source: Any) -> Job:
    """A contract of the deal's lines; `source` is the order it comes from, or the contract it renews."""
    ends = signed + timedelta(days=world.rng.choice((120, 180, 365, 365)))
    state = _contract_state(world, signed, fulfilled=fulfilled, renewal="renews_id" in source)
    if state == "active" and ends < world.today:  # what still runs, ends soon; a few ended the other day
        ends = world.today + timedelta(days=world.rng.randint(-10, 150))
    at = world.moment(signed)
    closed = world.moment(min(world.today, ends)) if state in ("closed", "renewed", "terminated") else None
    key = world.tables[Contract].add(
        **deal.document(),
        **source,
        number=world.number("CT", signed),
        state=state,
        created_at=at,
        starts_on=signed,
        ends_on=ends,
        signed_at=at if state != "draft" else None,
        closed_at=closed,
    )
    table = world.tables[ContractLine]
    lines = [table.add(contract_id=key, **line.values(position)) for position, line in enumerate(deal.lines)]
    _contract_history(world, deal, key, state, at, closed)
    if state == "renewed":
        _contract(world, deal, ends + timedelta(days=1), renews_id=key)
    return Job(deal, key, lines, signed, ends, state)


def _contract_history(world: World, deal: Deal, key: int, state: str, at: datetime, closed: datetime | None) -> None:
    world.act(Contract, key, "drafted", at=at, by=deal.owner, thread=deal.thread, target="draft")
    if state == "draft":
        return
    steps: list[tuple[str, str, Any, Any]] = [("signed", "active", at, deal.owner)]
    if closed:
        steps.append((state, state, closed, deal.owner))
    world.path(Contract, key, deal.thread, steps, "draft")


def _contract_state(world: World, signed: date, *, fulfilled: bool, renewal: bool) -> str:
    if renewal:
        return "draft" if world.chance(0.4) or signed > world.today else "active"
    if fulfilled:
        return world.in_turn("contract fulfilled", {"closed": 80, "renewed": 20})
    if (world.today - signed).days < 15:
        return world.in_turn("new contract", {"draft": 5, "active": 5})
    return world.in_turn("contract", {"active": 96, "terminated": 4})
