"""What the whole story shares: dice, the calendar, people, numbers, and the writing of acts."""

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils import timezone

from catalog.models import Product
from core.models import Event, Series, Thread
from core.money import line_net, totals
from people.models import Employee, User
from zencrm.demo.tables import Tables

TWO_YEARS = 730


@dataclass
class World:
    """One telling of the story: `rng` decides everything, `today` is its last day."""

    rng: random.Random
    today: date
    people: dict[str, User]
    products: list[Product]
    employees: list[Employee]
    tables: Tables
    zone: tzinfo = field(default_factory=timezone.get_current_timezone)
    now: datetime = field(default_factory=timezone.now)
    payers: dict[int, int] = field(default_factory=dict)
    #: Decides the company's own fields, so that they may change without the rest of the story.
    dice: random.Random = field(default_factory=lambda: random.Random(7))  # noqa: S311
    #: Decides how people came to us, likewise.
    roads: random.Random = field(default_factory=lambda: random.Random(11))  # noqa: S311

    def __post_init__(self) -> None:
        """Ask the database what the story needs to know, before it is busy taking rows."""
        self._this_day = timezone.localdate(self.now, self.zone)
        series = Series.objects.values_list("code", "year", "last")
        self._last = {(code, year): last for code, year, last in series}
        self._given: dict[tuple[str, int], int] = {}
        self._due: dict[str, dict[str, float]] = {}
        kinds = ContentType.objects.get_for_models(*apps.get_models())
        self._kinds = {model: kind.pk for model, kind in kinds.items()}

    # --- dice and calendar

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    def pick(self, weighted: Mapping[str, float]) -> str:
        return self.rng.choices(list(weighted), list(weighted.values()))[0]

    def in_turn(self, what: str, weighted: Mapping[str, float]) -> str:
        """One of them: over the story each as often as `weighted` says, and the rare ones too where turns are few.

        States are taken in turn, not by dice: on some days of the year the dice would leave one out. Smooth weighted
        round robin, as balancers do it.
        """
        due = self._due.setdefault(what, dict.fromkeys(weighted, 0.0))
        for name, weight in weighted.items():
            due[name] += weight
        found = max(due, key=due.__getitem__)
        due[found] -= sum(weighted.values())
        return found

    def day_of_growth(self) -> date:
        """A day of the last two years; the company grows, so late days are likelier."""
        back = int(TWO_YEARS * (1 - self.rng.random() ** 0.7))
        return self.workday(self.today - timedelta(days=back))

    def workday(self, day: date) -> date:
        """The day itself, or the Friday before a weekend."""
        return day - timedelta(days=max(0, day.weekday() - 4))

    def later(self, day: date, low: int, high: int) -> date:
        return self.workday(day + timedelta(days=self.rng.randint(low, high)))

    def moment(self, day: date) -> datetime:
        """Some minute of that day's office hours, never in the future."""
        found = datetime.combine(day, time(self.rng.randint(8, 17), self.rng.randint(0, 59)), tzinfo=self.zone)
        return found if day < self._this_day else min(found, self.now)

    # --- rows

    def number(self, code: str, day: date) -> str:
        """The next number of a series; the series rows are written at the end."""
        key = (code, day.year)
        last = self._given[key] = self._given.get(key, self._last.get(key, 0)) + 1
        return f"{code} {day.year}/{last:04d}"

    def write_series(self) -> None:
        rows = [Series(code=code, year=year, last=last) for (code, year), last in self._given.items()]
        Series.objects.bulk_create(rows, update_conflicts=True, unique_fields=["code", "year"], update_fields=["last"])

    def kind(self, model: type[models.Model]) -> int:
        return self._kinds[model]

    def thread(self, at: datetime) -> int:
        return self.tables[Thread].add(created_at=at)

    def act(
        self,
        model: type[models.Model],
        key: int,
        event: str,
        *,
        at: datetime,
        by: User | str,
        thread: int | None,
        source: str = "",
        target: str = "",
        **data: Any,
    ) -> None:
        """An act in a record's history, done long ago: nothing reacts to it any more."""
        actor = by if isinstance(by, User) else None
        self.tables[model].touch(key, at)
        self.tables[Event].add(
            at=at,
            actor_id=actor.pk if actor else None,
            actor_name=str(by),
            name=f"{model._meta.model_name}.{event}",
            subject_type_id=self.kind(model),
            subject_id=key,
            thread_id=thread,
            source=source,
            target=target,
            data=data,
            dispatched_at=at,
            next_try_at=at,
        )

    def path(
        self, model: type[models.Model], key: int, thread: int, steps: list[tuple[str, str, datetime, Any]], start: str
    ) -> None:
        """A walk through states: (event, state, at, by) each."""
        source = start
        for event, target, at, by in steps:
            self.act(model, key, event, at=at, by=by, thread=thread, source=source, target=target)
            source = target


@dataclass
class LineSketch:
    """A line before any document has it."""

    product: Product
    quantity: Decimal
    unit_price: Decimal
    discount: Decimal

    @cached_property
    def net(self) -> Decimal:
        return line_net(quantity=self.quantity, unit_price=self.unit_price, discount=self.discount)

    @property
    def vat_rate(self) -> Decimal:
        return self.product.vat_rate

    @property
    def vat_nature(self) -> str:
        return self.product.vat_nature

    def values(self, position: int) -> dict[str, Any]:
        """The columns of a document line made from this sketch."""
        return {"position": position, **self.columns}

    @cached_property
    def columns(self) -> dict[str, Any]:
        return {
            "product_id": self.product.pk,
            "description": self.product.name,
            "quantity": self.quantity,
            "unit": self.product.unit,
            "unit_price": self.unit_price,
            "discount": self.discount,
            "vat_rate": self.product.vat_rate,
            "vat_nature": self.product.vat_nature,
            "unit_cost": self.product.cost.amount,
            "net": self.net,
        }


def amounts(lines: Iterable[LineSketch]) -> dict[str, Any]:
    """The totals of a document with these lines, as its columns."""
    found = totals(lines)
    return {"net": found.net, "vat": found.vat, "gross": found.gross, "currency": "EUR"}
