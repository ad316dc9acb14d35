"""Latency of the chain's verbs on a large database: each through its service, one client, medians in milliseconds."""

import json
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import django

ROUNDS = 30


class Stopwatch:
    """Times by name."""

    def __init__(self) -> None:
        self.times: dict[str, list[float]] = {}

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        self.times.setdefault(name, []).append((time.perf_counter() - started) * 1000)

    def medians(self) -> dict[str, float]:
        return {name: round(statistics.median(times), 1) for name, times in self.times.items()}


def main() -> dict[str, float]:
    """Walk deals of three lines from lead to cash; printing the quote's PDF is left out, it is WeasyPrint's time."""
    from parties.models import Company
    from zencrm import chain

    crew, watch = chain.Crew.found(), Stopwatch()
    company = Company.objects.exclude(vat_number="").exclude(street="").order_by("pk").first()
    for turn in range(ROUNDS):
        opportunity = chain.walk_lead(_lead(turn, company), crew, clock=watch)
        chain.walk_deal(opportunity, crew, lines=_lines(), clock=watch, post=False)
    found = watch.medians()
    return found | {"whole chain": round(sum(found.values()), 1)}


def _lead(turn: int, company: Any) -> Any:
    from leads.models import Lead

    return Lead.objects.create(
        company_name=company.name, vat_number=company.vat_number, last_name=f"Bench {turn}", email=company.email
    )


def _lines() -> list[dict[str, Any]]:
    price = {"quantity": Decimal(2), "unit_price": Decimal("149.90"), "unit_cost": Decimal(90)}
    return [{"description": f"Pump {n}", **price} for n in range(3)]


if __name__ == "__main__":
    django.setup()
    print(json.dumps(main()))
