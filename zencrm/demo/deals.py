"""A deal on its way, and what people put down beside any record of it."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from activities.models import Activity, Note
from core.money import ZERO
from leads.models.reasons import FIRST
from people.models import User
from zencrm.demo.market import Firm
from zencrm.demo.vocabulary import ACTIVITIES, NOTES, SOURCES
from zencrm.demo.world import LineSketch, World, amounts

#: Where customers come from, and why they do not, by weight.
CUSTOMER_SOURCES = {name: float(weight) for name, weight in SOURCES}
REASONS = dict(zip(FIRST, (20, 18, 14, 16, 14, 8, 4, 6), strict=True))


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

    @cached_property
    def amounts(self) -> dict[str, Any]:
        """The totals of every document of this deal; to be asked for once its lines are known."""
        return amounts(self.lines)

    @cached_property
    def cost(self) -> Decimal:
        return sum((line.product.cost.amount * line.quantity for line in self.lines), ZERO)

    @property
    def accepted_on(self) -> date:
        """The day the customer said yes."""
        assert self.accepted is not None, "only won deals are delivered"  # noqa: S101  (a promise of this package to itself)
        return self.accepted

    def columns(self) -> dict[str, Any]:
        """The columns that all documents of the deal share."""
        return {
            "thread_id": self.thread,
            "owner_id": self.owner.pk,
            "company_id": self.firm.key,
            "contact_id": self.firm.contact_key,
        }

    def document(self) -> dict[str, Any]:
        """The columns that its documents for the customer share."""
        return self.firm.snapshot() | self.amounts | self.columns() | {
            "title": self.name,
            "payment_days": self.payment_days,
        }  # fmt: skip


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
