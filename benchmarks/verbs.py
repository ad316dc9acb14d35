"""The chain's verbs on a large database, through the services that pages call: one client, then eight at once."""

import json
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import django

ROUNDS = 25
#: As the web server has them: two processes of four threads.
PROCESSES, THREADS, EACH = 2, 4, 5
#: One verb per stage, from the lead to the money: the chain of the target. The whole walk has many more.
SEVEN = ("qualify", "convert", "accept", "approve", "contract", "issue", "pay")


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


def alone() -> dict[str, Any]:
    """Medians in milliseconds of each step, and of the seven; printing the quote's PDF is WeasyPrint's time, left out."""
    walk, watch = _walker(), Stopwatch()
    walk("warm", Stopwatch())
    for turn in range(ROUNDS):
        walk(f"alone {turn}", watch)
    found = watch.medians()
    return {
        "steps": found,
        "seven": round(sum(found[name] for name in SEVEN), 1),
        "whole": round(sum(found.values()), 1),
    }


def together() -> dict[str, float]:
    """Whole walks a second, by eight clients in two processes."""
    command = [sys.executable, "-m", "benchmarks.verbs", "client"]
    crowd = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _turn in range(PROCESSES)
    ]
    for one in crowd:
        _ready(one)
    started = time.perf_counter()
    for one in crowd:
        one.communicate("go\n")
    seconds = time.perf_counter() - started
    if any(one.returncode for one in crowd):
        raise RuntimeError("a client failed")
    return {"walks a second": round(PROCESSES * THREADS * EACH / seconds, 2)}


def _ready(client: subprocess.Popen[str]) -> None:
    if client.stdout is None or client.stdout.readline().strip() != "ready":
        raise RuntimeError("a client did not start")


def client() -> None:
    """One process of the crowd: warm up, wait for the word, walk."""
    walk = _walker()
    walk("warm", Stopwatch())
    print("ready", flush=True)
    sys.stdin.readline()
    failed: list[Exception] = []

    def work(number: int) -> None:
        try:
            for turn in range(EACH):
                walk(f"{number} {turn}", Stopwatch())
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]


def _walker() -> Any:
    from leads.models import Lead
    from parties.models import Company
    from zencrm import chain

    crew = chain.Crew.found()
    company: Any = Company.objects.exclude(vat_number="").exclude(street="").order_by("pk").first()
    price = {"quantity": Decimal(2), "unit_price": Decimal("149.90"), "unit_cost": Decimal(90)}

    def walk(name: str, clock: Any) -> None:
        lead = Lead.objects.create(
            company_name=company.name, vat_number=company.vat_number, last_name=f"Bench {name}", email=company.email
        )
        opportunity = chain.walk_lead(lead, crew, clock=clock)
        lines = [{"description": f"Pump {n}", **price} for n in range(3)]
        chain.walk_deal(opportunity, crew, lines=lines, clock=clock, post=False)

    return walk


if __name__ == "__main__":
    django.setup()
    if sys.argv[1:] == ["client"]:
        client()
    else:
        print(json.dumps(alone() | together()))
