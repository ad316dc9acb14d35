"""The second half: orders, contracts, projects with their hours and costs, purchase orders."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any

from django.db import models

from core.models import Delivery
from core.money import ZERO, cents
from orders.models import Contract, ContractLine, SalesOrder, SalesOrderLine
from projects.models import Entry, Expense, Project, TimeEntry
from purchasing.models import PurchaseOrder, PurchaseOrderLine
from zencrm.demo.market import Firm
from zencrm.demo.selling import Deal
from zencrm.demo.vocabulary import EXPENSES, HOURS, PURCHASES
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


def deliver(world: World, deals: list[Deal], suppliers: list[Firm]) -> Iterator[Job]:
    """Orders for every won deal; yields the contracts that came of them."""
    for deal in deals:
        state = _order_state(world, deal)
        order = _order(world, deal, state)
        if state in ("contracted", "fulfilled"):
            job = _contract(world, deal, order, state)
            _project(world, job, suppliers)
            yield job


def _order_state(world: World, deal: Deal) -> str:
    age = (world.today - _accepted(deal)).days
    if age < 20:
        return world.pick({"draft": 3, "validated": 4, "approved": 3})
    if age < 35:
        return world.pick({"approved": 2, "contracted": 8})
    if world.chance(0.03):
        return "cancelled"
    return "fulfilled" if age > 200 and world.chance(0.85) else "contracted"


def _accepted(deal: Deal) -> date:
    assert deal.accepted is not None, "only won deals are delivered"  # noqa: S101  (a promise of this package to itself)
    return deal.accepted


def _order(world: World, deal: Deal, state: str) -> int:
    on = _accepted(deal)
    manager = world.people["manager"]
    approved = state in ("approved", "contracted", "fulfilled")
    key = world.tables[SalesOrder].add(
        **deal.firm.snapshot(),
        **deal.amounts,
        number=world.number("OV", on),
        state=state,
        thread_id=deal.thread,
        owner_id=deal.owner.pk,
        created_at=world.moment(on),
        quote_id=deal.quote,
        opportunity_id=deal.opportunity,
        company_id=deal.firm.key,
        contact_id=deal.firm.contact_key,
        title=deal.name,
        ordered_on=on,
        deliver_by=on + timedelta(days=world.rng.randint(30, 120)),
        customer_reference=f"ODA {world.rng.randint(100, 9999)}" if world.chance(0.6) else "",
        payment_days=deal.payment_days,
        validated_by_id=deal.owner.pk if state not in ("draft", "cancelled") else None,
        approved_by_id=manager.pk if approved else None,
        approved_at=world.moment(world.later(on, 1, 3)) if approved else None,
        erp_number=f"ERP-{world.rng.randint(10_000, 99_999)}" if approved and world.chance(0.9) else "",
    )
    for position, line in enumerate(deal.lines):
        world.tables[SalesOrderLine].add(order_id=key, **line.values(position))
    if approved:
        _export(world, deal, key, on)
    at = world.moment(on)
    world.act(SalesOrder, key, "drafted", at=at, by="ZenCRM", thread=deal.thread, target="draft")
    ways: dict[str, list[tuple[str, str, Any]]] = {"draft": [], "cancelled": [("cancelled", "cancelled", deal.owner)]}
    ways["validated"] = [("validated", "validated", deal.owner)]
    ways["approved"] = [*ways["validated"], ("approved", "approved", manager)]
    ways["contracted"] = [*ways["approved"], ("contracted", "contracted", deal.owner)]
    ways["fulfilled"] = [*ways["contracted"], ("fulfilled", "fulfilled", "ZenCRM")]
    steps = [
        (e, t, world.moment(min(world.today, on + timedelta(days=n))), by)
        for n, (e, t, by) in enumerate(ways[state], 1)
    ]
    world.path(SalesOrder, key, deal.thread, steps, "draft")
    return key


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


def _contract(world: World, deal: Deal, order: int | None, order_state: str, renews: Job | None = None) -> Job:
    signed = (
        min(world.today, world.later(_accepted(deal), 3, 12)) if renews is None else renews.ends + timedelta(days=1)
    )
    ends = signed + timedelta(days=world.rng.choice((120, 180, 365, 365)))
    state = _contract_state(world, order_state, signed, renews)
    if state == "active" and ends < world.today:  # what still runs, ends soon; a few ended the other day
        ends = world.today + timedelta(days=world.rng.randint(-10, 150))
    at = world.moment(signed)
    closed = world.moment(min(world.today, ends)) if state in ("closed", "renewed", "terminated") else None
    key = world.tables[Contract].add(
        **deal.firm.snapshot(),
        **deal.amounts,
        number=world.number("CT", signed),
        state=state,
        thread_id=deal.thread,
        owner_id=deal.owner.pk,
        created_at=at,
        order_id=order,
        renews_id=renews.contract if renews else None,
        company_id=deal.firm.key,
        contact_id=deal.firm.contact_key,
        title=deal.name,
        starts_on=signed,
        ends_on=ends,
        payment_days=deal.payment_days,
        signed_at=at if state != "draft" else None,
        closed_at=closed,
    )
    lines = [
        world.tables[ContractLine].add(contract_id=key, **line.values(position))
        for position, line in enumerate(deal.lines)
    ]
    job = Job(deal, key, lines, signed, ends, state)
    world.act(Contract, key, "drafted", at=at, by=deal.owner, thread=deal.thread, target="draft")
    if state != "draft":
        steps: list[tuple[str, str, Any, Any]] = [("signed", "active", at, deal.owner)]
        if closed:
            steps.append(({"closed": "closed"}.get(state, state), state, closed, deal.owner))
        world.path(Contract, key, deal.thread, steps, "draft")
    if state == "renewed":
        _contract(world, deal, None, "renewal", renews=job)
    return job


def _contract_state(world: World, order_state: str, signed: date, renews: Job | None) -> str:
    if renews is not None:
        return "draft" if world.chance(0.4) or signed > world.today else "active"
    if order_state == "fulfilled":
        return world.pick({"closed": 80, "renewed": 20})
    if (world.today - signed).days < 15:
        return world.pick({"draft": 5, "active": 5})
    return world.pick({"active": 96, "terminated": 4})


# --- projects -------------------------------------------------------------------------------------------------------------


def _project(world: World, job: Job, suppliers: list[Firm]) -> None:
    if job.state == "draft":
        return
    age = (world.today - job.starts).days
    if job.state in ("closed", "renewed"):
        state = "closed"
    elif job.state == "terminated":
        state = "on_hold"
    elif age < 20:
        state = "planned"
    else:
        state = world.pick({"in_progress": 70, "on_hold": 6, "completed": 24 if age > 60 else 4})
    manager = world.people["pm"]
    done = {"planned": 0, "completed": 100, "closed": 100}.get(state, min(95, 10 + age // 2))
    job.project, job.project_state = world.tables[Project].next_key, state
    world.tables[Project].add(
        number=world.number("CM", job.starts),
        state=state,
        thread_id=job.thread,
        owner_id=manager.pk,
        created_at=world.moment(job.starts),
        contract_id=job.contract,
        company_id=job.deal.firm.key,
        name=job.deal.name,
        starts_on=job.starts,
        ends_on=job.ends,
        revenue=job.deal.amounts["net"],
        budget=cents(job.deal.cost),
        currency="EUR",
        progress=done,
        closed_at=world.moment(min(world.today, job.ends)) if state == "closed" else None,
    )
    _project_history(world, job, state)
    for position, line in enumerate(job.deal.lines):
        cost = cents(line.product.cost.amount * line.quantity)
        post(world, job, "budget", job.starts, line.product.name, cost, ContractLine, job.lines[position])
    if state != "planned":
        _costs(world, job, suppliers, Decimal(done) / 100)


def _project_history(world: World, job: Job, state: str) -> None:
    at = world.moment(job.starts)
    manager = world.people["pm"]
    world.act(Project, job.project, "drafted", at=at, by=manager, thread=job.thread, target="planned")
    end = world.moment(min(world.today, job.ends))
    ways: dict[str, list[tuple[str, str, Any, Any]]] = {
        "planned": [],
        "in_progress": [("started", "in_progress", at, manager)],
    }
    ways["on_hold"] = [*ways["in_progress"], ("held", "on_hold", end, manager)]
    ways["completed"] = [*ways["in_progress"], ("completed", "completed", end, manager)]
    ways["closed"] = [*ways["completed"], ("closed", "closed", end, manager)]
    world.path(Project, job.project, job.thread, ways[state], "planned")


def post(
    world: World, job: Job, kind: str, on: date, text: str, amount: Decimal, source: type[models.Model], source_key: int
) -> None:
    """A posting in the project's ledger."""
    world.tables[Entry].add(
        project_id=job.project,
        kind=kind,
        on=on,
        description=text[:200],
        amount=amount,
        source_type_id=world.kind(source),
        source_id=source_key,
        created_at=world.moment(min(on, world.today)),
    )


def _costs(world: World, job: Job, suppliers: list[Firm], done: Decimal) -> None:
    """Hours, purchases and expenses that add up to something like the budget done so far."""
    budget = job.deal.cost * done * Decimal(str(round(world.rng.uniform(0.75, 1.2), 2)))
    last = min(world.today, job.ends)
    spent = ZERO
    if world.chance(0.7):
        spent += _purchase(world, job, suppliers, budget * Decimal("0.4"), last)
    hours = min(int((budget - spent) * Decimal("0.25") / 32) + 1, 60)
    while hours > 0:
        spent += _hours(world, job, last)
        hours -= 6
    if world.chance(0.5):
        _expense(world, job, last)


def _some_day(world: World, job: Job, last: date) -> date:
    return world.workday(job.starts + timedelta(days=world.rng.randint(0, max(0, (last - job.starts).days))))


def _hours(world: World, job: Job, last: date) -> Decimal:
    employee = world.rng.choice(world.employees)
    on = max(job.starts, _some_day(world, job, last))
    hours, rate = Decimal(world.rng.choice((2, 4, 4, 6, 8, 8))), Decimal(world.rng.randint(28, 42))
    text = world.rng.choice(HOURS)
    key = world.tables[TimeEntry].add(
        project_id=job.project, employee_id=employee.pk, on=on, hours=hours, activity=text, cost_rate=rate
    )
    post(world, job, "cost", on, f"{hours.normalize():f} h – {text}", cents(hours * rate), TimeEntry, key)
    return hours * rate


def _expense(world: World, job: Job, last: date) -> None:
    on, text = max(job.starts, _some_day(world, job, last)), world.rng.choice(EXPENSES)
    amount = Decimal(world.rng.randint(40, 900))
    key = world.tables[Expense].add(
        project_id=job.project,
        on=on,
        description=text,
        amount=amount,
        currency="EUR",
        booked_by_id=world.people["pm"].pk,
    )
    post(world, job, "cost", on, text, amount, Expense, key)


def _purchase(world: World, job: Job, suppliers: list[Firm], about: Decimal, last: date) -> Decimal:
    net = cents(max(about, Decimal(120)))
    vat = cents(net * 22 / 100)
    open_job = job.project_state not in ("closed", "completed")
    state = world.pick({"draft": 1, "approved": 3, "received": 6, "cancelled": 0.5}) if open_job else "received"
    on, title = max(job.starts, _some_day(world, job, last)), world.rng.choice(PURCHASES)
    approved = state in ("approved", "received")
    number = world.number("OF", on)
    buyer = world.people["buyer"]
    key = world.tables[PurchaseOrder].add(
        number=number,
        state=state,
        thread_id=job.thread,
        owner_id=buyer.pk,
        created_at=world.moment(on),
        supplier_id=world.rng.choice(suppliers).key,
        project_id=job.project,
        title=title,
        ordered_on=on,
        deliver_by=on + timedelta(days=21),
        received_on=min(world.today, on + timedelta(days=18)) if state == "received" else None,
        approved_by_id=buyer.pk if approved else None,
        net=net,
        vat=vat,
        gross=net + vat,
        currency="EUR",
    )
    world.tables[PurchaseOrderLine].add(order_id=key, description=title, unit_price=net, quantity=Decimal(1), net=net)
    at = world.moment(on)
    world.act(PurchaseOrder, key, "drafted", at=at, by=buyer, thread=job.thread, target="draft")
    steps = {"draft": [], "cancelled": [("cancelled", "cancelled")], "approved": [("approved", "approved")]}
    steps["received"] = [*steps["approved"], ("received", "received")]
    world.path(PurchaseOrder, key, job.thread, [(e, t, at, buyer) for e, t in steps[state]], "draft")
    if approved:
        post(world, job, "commitment", on, number, net, PurchaseOrder, key)
    if state == "received":
        received = min(world.today, on + timedelta(days=18))
        post(world, job, "commitment", received, number, -net, PurchaseOrder, key)
        post(world, job, "cost", received, number, net, PurchaseOrder, key)
        return net
    return ZERO
