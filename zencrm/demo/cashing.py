"""The end of the story: invoices, payments early, late and missing, reminders; and the customers' cases."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any

from core.models import Delivery
from core.money import ZERO
from customercare.models import Case
from invoicing.models import Invoice, InvoiceLine, Payment, Reminder
from zencrm.demo import market
from zencrm.demo.delivering import post
from zencrm.demo.ordering import Job
from zencrm.demo.vocabulary import CASES
from zencrm.demo.world import LineSketch, World, amounts


@dataclass
class Bill:
    """An invoice to be: it gets its number when all are sorted by date."""

    job: Job
    on: date
    lines: list[tuple[int, LineSketch]]
    state: str = "issued"
    key: int = 0


def invoice(world: World, jobs: list[Job]) -> None:
    """Bill every contract in one to three parts, in order of date, so that numbers run with the days."""
    bills = [bill for job in jobs for bill in _plan(world, job)]
    for bill in sorted(bills, key=lambda bill: bill.on):
        _write(world, bill)


def _plan(world: World, job: Job) -> list[Bill]:
    """Whole lines go on one invoice each: their sum is the contract's to the cent."""
    if job.state == "draft":
        return []
    lines = list(zip(job.lines, job.deal.lines, strict=True))
    parts = min(len(lines), world.rng.choices((1, 2, 3), (4, 4, 2))[0])
    finished = job.project_state in ("completed", "closed")
    length = max(20, (job.ends - job.starts).days)
    bills = []
    for part in range(parts):
        on = world.workday(job.starts + timedelta(days=(length * (part + 1)) // (parts + 1)))
        if finished:
            on = min(on, world.workday(world.today))
        if on <= world.today:
            bills.append(Bill(job, on, lines[part::parts]))
    if not finished and world.chance(0.12):
        bills.append(Bill(job, world.today, lines[len(bills) :: parts] if len(bills) < parts else [], state="draft"))
    return [bill for bill in bills if bill.lines]


def _write(world: World, bill: Bill) -> None:
    deal, draft = bill.job.deal, bill.state == "draft"
    sums = amounts(line for _key, line in bill.lines)
    due = bill.on + timedelta(days=deal.payment_days)
    payments = [] if draft else _payments(world, bill, due, sums["gross"])
    paid = sum((amount for _day, amount in payments), ZERO)
    credited = not draft and not payments and world.chance(0.1)
    bill.state = _state(bill.state, paid, sums["gross"], credited)
    settled = world.moment(payments[-1][0]) if bill.state == "paid" else None
    bill.key = _row(world, bill, due, sums, paid=paid, closed_at=settled)
    _history(world, bill, payments)
    if draft:
        return
    for day, amount in payments:
        world.tables[Payment].add(
            invoice_id=bill.key, amount=amount, on=day, reference=f"CRO {world.rng.getrandbits(36):011d}"
        )
    if bill.job.project:
        post(world, bill.job, "revenue", bill.on, deal.name, sums["net"], Invoice, bill.key)
    if credited:
        _credit(world, bill, sums)
    elif bill.state in ("issued", "partly_paid"):
        _remind(world, bill, due)


def _state(state: str, paid: Decimal, gross: Decimal, credited: bool) -> str:
    if state == "draft":
        return state
    if credited:
        return "credited"
    return "paid" if paid == gross else "partly_paid" if paid else "issued"


def _row(world: World, bill: Bill, due: date, sums: dict[str, Any], **values: Any) -> int:
    deal, draft = bill.job.deal, bill.state == "draft"
    key = world.tables[Invoice].add(
        **deal.firm.snapshot(),
        **sums,
        **values,
        number=None if draft else world.number("FT", bill.on),
        state=bill.state,
        thread_id=deal.thread,
        owner_id=deal.owner.pk,
        created_at=world.moment(bill.on),
        contract_id=bill.job.contract,
        company_id=deal.firm.key,
        contact_id=deal.firm.contact_key,
        title=deal.name,
        issued_on=None if draft else bill.on,
        due_on=None if draft else due,
        payment_days=deal.payment_days,
    )
    for position, (contract_line, line) in enumerate(bill.lines):
        columns = line.values(position)
        world.tables[InvoiceLine].add(invoice_id=key, contract_line_id=contract_line, **columns)
    return key


def _payments(world: World, bill: Bill, due: date, gross: Decimal) -> list[tuple[date, Decimal]]:
    """Early, late, in two parts, or not at all, by the customer's habit (days after the due date)."""
    habit = world.payers.get(bill.job.deal.firm.key, 5)
    day = world.workday(due + timedelta(days=habit + int(world.rng.gauss(0, 6))))
    day = max(day, bill.on)
    if day > world.today or world.chance(0.04):
        return []
    if world.chance(0.1):
        half = (gross / 2).quantize(Decimal("0.01"))
        rest = day + timedelta(days=world.rng.choice((30, 60, 120)))
        return [(day, half)] + ([(rest, gross - half)] if rest <= world.today and world.chance(0.8) else [])
    return [(day, gross)]


def _history(world: World, bill: Bill, payments: list[tuple[date, Decimal]]) -> None:
    accountant, at = world.people["accountant"], world.moment(bill.on)
    world.act(Invoice, bill.key, "drafted", at=at, by=accountant, thread=bill.job.thread, target="draft")
    if bill.state == "draft":
        return
    steps: list[tuple[str, str, Any, Any]] = [("issued", "issued", at, accountant)]
    for place, (day, _amount) in enumerate(payments, start=1):
        full = bill.state == "paid" and place == len(payments)
        steps.append(("payment_registered", "paid" if full else "partly_paid", world.moment(day), accountant))
    if bill.state == "credited":
        steps.append(("credited", "credited", at, accountant))
    world.path(Invoice, bill.key, bill.job.thread, steps, "draft")


def _credit(world: World, bill: Bill, sums: dict[str, Any]) -> None:
    deal, at = bill.job.deal, world.moment(bill.on)
    key = world.tables[Invoice].add(
        **deal.firm.snapshot(),
        **sums,
        number=world.number("NC", bill.on),
        state="issued",
        kind="credit_note",
        credits_id=bill.key,
        thread_id=deal.thread,
        owner_id=deal.owner.pk,
        created_at=at,
        contract_id=bill.job.contract,
        company_id=deal.firm.key,
        title=deal.name,
        issued_on=bill.on,
        due_on=bill.on,
    )
    for position, (contract_line, line) in enumerate(bill.lines):
        columns = line.values(position)
        world.tables[InvoiceLine].add(invoice_id=key, contract_line_id=contract_line, **columns)
    world.act(
        Invoice,
        key,
        "issued",
        at=at,
        by=world.people["accountant"],
        thread=deal.thread,
        source="draft",
        target="issued",
    )
    if bill.job.project:
        post(world, bill.job, "revenue", bill.on, deal.name, -sums["net"], Invoice, key)


def _remind(world: World, bill: Bill, due: date) -> None:
    """The reminders that went out when their day came."""
    for level, after in Reminder.AFTER_DAYS.items():
        on = due + timedelta(days=after)
        if on >= world.today:
            return
        deal, at = bill.job.deal, world.moment(on)
        to = market.email_of(deal.firm, deal.firm.person)
        payload = {"to": [to], "subject": f"Sollecito di pagamento {level}", "text": deal.name, "html": ""}
        delivery = world.tables[Delivery].add(
            channel="email",
            key=f"invoice-{bill.key}-reminder-{level}",
            subject_type_id=world.kind(Invoice),
            subject_id=bill.key,
            thread_id=deal.thread,
            state="delivered",
            payload=payload,
            payload_hash=sha256(str(payload).encode()).hexdigest(),
            attempts=1,
            answer="OK",
            created_at=at,
            delivered_at=at,
        )
        world.tables[Reminder].add(invoice_id=bill.key, level=level, on=on, delivery_id=delivery)


# --- cases ----------------------------------------------------------------------------------------------------------------


def complain(world: World, jobs: list[Job]) -> None:
    """Some customers call, write, or use the portal."""
    for job in jobs:
        if job.state != "draft" and world.chance(0.45):
            _case(world, job)


def _case(world: World, job: Job) -> None:
    title, priority, solution = world.rng.choice(CASES)
    opened = min(world.today, world.later(job.starts, 5, 200))
    age = (world.today - opened).days
    if age > 15:
        state = world.in_turn("case", {"closed": 85, "resolved": 9, "waiting": 4, "open": 2})
    else:
        state = world.in_turn("new case", {"new": 4, "open": 3, "waiting": 2, "resolved": 2})
    agent, at = world.people["care"], world.moment(opened)
    end = world.moment(min(world.today, world.later(opened, 1, 9)))
    solved = state in ("resolved", "closed")
    deal = job.deal
    key = world.tables[Case].add(
        number=world.number("TK", opened),
        state=state,
        thread_id=job.thread,
        owner_id=None if state == "new" else agent.pk,
        created_at=at,
        title=title,
        company_id=deal.firm.key,
        contact_id=deal.firm.contact_key,
        contract_id=job.contract,
        project_id=job.project or None,
        priority=priority,
        channel=world.rng.choice(("email", "phone", "portal")),
        solution=solution if solved else "",
        resolved_at=end if solved else None,
        closed_at=end if state == "closed" else None,
        satisfaction=world.rng.choices((None, 2, 3, 4, 5), (5, 1, 2, 5, 6))[0] if state == "closed" else None,
    )
    world.act(Case, key, "opened", at=at, by=agent, thread=job.thread, target="new")
    ways: dict[str, list[tuple[str, str]]] = {"new": [], "open": [("taken", "open")]}
    ways["waiting"] = [*ways["open"], ("waited", "waiting")]
    ways["resolved"] = [*ways["open"], ("resolved", "resolved")]
    ways["closed"] = [*ways["resolved"], ("closed", "closed")]
    world.path(Case, key, job.thread, [(event, target, end, agent) for event, target in ways[state]], "new")
