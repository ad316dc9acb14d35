"""The second half: what was sold is carried out. Projects with their hours, purchases, expenses and ledger."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import models

from core.money import ZERO, cents
from orders.models import ContractLine
from projects.models import Entry, Expense, Project, TimeEntry
from purchasing.models import PurchaseOrder, PurchaseOrderLine
from zencrm.demo import ordering
from zencrm.demo.deals import Deal
from zencrm.demo.market import Firm
from zencrm.demo.ordering import Job
from zencrm.demo.vocabulary import EXPENSES, HOURS, PURCHASES
from zencrm.demo.world import World

#: Days until ordered goods are due.
DELIVERY_DAYS = 21


def deliver(world: World, deals: list[Deal], suppliers: list[Firm]) -> Iterator[Job]:
    """Orders for every won deal; yields the contracts that came of them."""
    for deal in deals:
        if job := ordering.order(world, deal):
            if job.state != "draft":
                _project(world, job, suppliers)
            yield job


def _project(world: World, job: Job, suppliers: list[Firm]) -> None:
    age = (world.today - job.starts).days
    state = _project_state(world, job, age)
    done = {"planned": 0, "completed": 100, "closed": 100}.get(state, min(95, 10 + age // 2))
    job.project_state = state
    job.project = world.tables[Project].add(
        number=world.number("CM", job.starts),
        state=state,
        thread_id=job.thread,
        owner_id=world.people["pm"].pk,
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


def _project_state(world: World, job: Job, age: int) -> str:
    if job.state in ("closed", "renewed"):
        return "closed"
    if job.state == "terminated":
        return "on_hold"
    if age < 20:
        return "planned"
    if age < 45:
        return world.in_turn("new project", {"planned": 3, "in_progress": 7})
    return world.in_turn("project", {"in_progress": 70, "on_hold": 6, "completed": 24 if age > 60 else 4})


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


# --- purchases ------------------------------------------------------------------------------------------------------------


def _purchase(world: World, job: Job, suppliers: list[Firm], about: Decimal, last: date) -> Decimal:
    """Goods ordered for the job; what they cost it, once they are here."""
    net = cents(max(about, Decimal(120)))
    on, title = max(job.starts, _some_day(world, job, last)), world.rng.choice(PURCHASES)
    state = _purchase_state(world, job, on)
    number = world.number("OF", on)
    amounts = {"net": net, "vat": (vat := cents(net * 22 / 100)), "gross": net + vat, "currency": "EUR"}
    key = _purchase_order(world, job, suppliers, on, state=state, title=title, number=number, **amounts)
    _purchase_history(world, job, key, on, state)
    if state in ("approved", "received"):
        post(world, job, "commitment", on, number, net, PurchaseOrder, key)
    if state != "received":
        return ZERO
    received = _arrival(world, on)
    post(world, job, "commitment", received, number, -net, PurchaseOrder, key)
    post(world, job, "cost", received, number, net, PurchaseOrder, key)
    return net


def _purchase_state(world: World, job: Job, on: date) -> str:
    """Goods for a finished job are here; for the others most are once they are due, and a few keep us waiting."""
    if job.project_state in ("closed", "completed"):
        return "received"
    if on + timedelta(days=DELIVERY_DAYS) < world.today:
        return world.in_turn("purchase due", {"received": 92, "cancelled": 5, "approved": 3})
    return world.in_turn("purchase", {"approved": 4, "received": 4, "draft": 2, "cancelled": 0.5})


def _arrival(world: World, on: date) -> date:
    return min(world.today, on + timedelta(days=DELIVERY_DAYS - 3))


def _purchase_order(world: World, job: Job, suppliers: list[Firm], on: date, **columns: Any) -> int:
    buyer, state, net = world.people["buyer"], columns["state"], columns["net"]
    key = world.tables[PurchaseOrder].add(
        **columns,
        thread_id=job.thread,
        owner_id=buyer.pk,
        created_at=world.moment(on),
        supplier_id=world.rng.choice(suppliers).key,
        project_id=job.project,
        ordered_on=on,
        deliver_by=on + timedelta(days=DELIVERY_DAYS),
        received_on=_arrival(world, on) if state == "received" else None,
        approved_by_id=buyer.pk if state in ("approved", "received") else None,
    )
    line = {"description": columns["title"], "unit_price": net, "quantity": Decimal(1), "net": net}
    world.tables[PurchaseOrderLine].add(order_id=key, **line)
    return key


def _purchase_history(world: World, job: Job, key: int, on: date, state: str) -> None:
    buyer, at = world.people["buyer"], world.moment(on)
    world.act(PurchaseOrder, key, "drafted", at=at, by=buyer, thread=job.thread, target="draft")
    approved = ("approved", "approved", at, buyer)
    received = ("received", "received", world.moment(_arrival(world, on)), buyer)
    steps = {
        "cancelled": [("cancelled", "cancelled", at, buyer)],
        "approved": [approved],
        "received": [approved, received],
    }
    world.path(PurchaseOrder, key, job.thread, steps.get(state, []), "draft")
