"""Submissions by the hundred: python -m benchmarks.capturing. The real server, a real worker, and a sender of its own process.

The sender keeps to its clock whatever the server does. One submission in ten is sent again with the same key, as by a program
that did not hear the answer. In the end every submission is there once, with one lead each.
"""

import argparse
import http.client
import json
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from benchmarks.machinery import ROOT, VAR, database, environment, log_of, run, server
from benchmarks.report import Figure, table
from zencrm import embedded

RATE, SECONDS, CLIENTS = 200, 30, 24
#: One in so many is sent twice, and tries before a submission counts as lost.
TWICE, TRIES = 10, 20
#: Leads in a database of its own: what comes in stays there.
_EMPTY = 4


# --- The sender: a process that knows the address and the secret, and nothing of Django -----------------------------------


@dataclass
class Sender:
    """Sends submission n at its time, from the thread that is free; goes on until each was answered."""

    port: int
    token: str
    secret: str
    total: int
    rate: int
    lock: threading.Lock = field(default_factory=threading.Lock)
    taken: int = 0
    times: list[float] = field(default_factory=list)
    late: list[float] = field(default_factory=list)
    answers: Counter[int] = field(default_factory=Counter)
    retries: int = 0
    lost: int = 0

    def go(self) -> dict[str, Any]:
        self.began = time.perf_counter() + 0.5
        threads = [threading.Thread(target=self._work) for _client in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        elapsed = time.perf_counter() - self.began
        quantiles = statistics.quantiles(self.times, n=100)
        return {
            "seconds": elapsed, "a second": self.total / elapsed, "median": statistics.median(self.times) * 1000,
            "p99": quantiles[98] * 1000, "latest": max(self.late), "retries": self.retries, "lost": self.lost,
            "answers": dict(self.answers),
        }  # fmt: skip

    def _work(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        while True:
            with self.lock:
                number, self.taken = self.taken, self.taken + 1
            if number >= self.total:
                return
            due = self.began + number / self.rate
            time.sleep(max(0.0, due - time.perf_counter()))
            started = time.perf_counter()
            self.late.append(started - due)
            self._until_answered(connection, number)
            self.times.append(time.perf_counter() - started)
            if number % TWICE == 0:
                self._until_answered(connection, number)

    def _until_answered(self, connection: http.client.HTTPConnection, number: int) -> None:
        for _turn in range(TRIES):
            try:
                status = self._send(connection, number)
            except (OSError, http.client.HTTPException):
                connection.close()
                status = 0
            self.answers[status] += 1
            if status in (200, 202):
                return
            self.retries += 1
            time.sleep(0.1)
        self.lost += 1

    def _send(self, connection: http.client.HTTPConnection, number: int) -> int:
        from hashlib import sha256
        from hmac import new

        body = json.dumps(
            {"last_name": f"Rossi {number}", "email": f"p{number}@load.example", "message": "Quanto costa?",
             "touch": {"utm_source": "load"}}
        ).encode()  # fmt: skip
        key, at = f"load-{number}", int(time.time())
        mac = new(self.secret.encode(), f"{at}.{key}.".encode() + body, sha256).hexdigest()
        headers = {
            "Content-Type": "application/json", "Idempotency-Key": key, "ZenCRM-Signature": f"t={at},v1={mac}",
        }  # fmt: skip
        connection.request("POST", f"/capture/{self.token}/", body, headers)
        response = connection.getresponse()
        response.read()
        return response.status


# --- Beside the database --------------------------------------------------------------------------------------------------


def prepare() -> dict[str, Any]:
    """A form of this run's own."""
    from leads.models import WebForm

    made = WebForm.objects.create(
        name=f"Load {time.time()}",
        title="Load",
        double_opt_in=False,
        fields=[{"name": n, "required": n != "message"} for n in ("last_name", "email", "message")],
    )
    return {"form": made.pk, "token": made.token, "secret": made.secret}


def count(form: int) -> dict[str, Any]:
    """What became of the submissions of a form."""
    from django.db.models import Count

    from leads.models import Capture, Touch

    rows = Capture.objects.filter(form=form)
    states = dict(rows.order_by().values_list("state").annotate(n=Count("pk")))
    leads = rows.exclude(lead=None).values("lead").distinct().count()
    return {"states": states, "keys": rows.values("key").distinct().count(), "leads": leads,
            "touches": Touch.objects.filter(form=form).count()}  # fmt: skip


@contextmanager
def worker(database_url: str) -> Any:
    """A Celery worker with its clock, as in production."""
    command = [sys.executable, "-m", "celery", "-A", "zencrm", "worker", "-c", "1", "-l", "warning", "--without-mingle"]
    with log_of("worker") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment(database_url), stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(60)


def title(rate: int = RATE, seconds: int = SECONDS) -> str:
    return f"{rate} submissions a second for {seconds} s, one in {TWICE} sent twice"


def measure(rate: int = RATE, seconds: int = SECONDS) -> list[Figure]:
    url = database(_EMPTY)
    run("benchmarks.prepare", url, str(_EMPTY))
    form = run("benchmarks.capturing", url, "--prepare")
    total = rate * seconds
    with server("capturing", url) as web, worker(url):
        facts = json.dumps(
            {"port": web.port, "token": form["token"], "secret": form["secret"], "total": total, "rate": rate}
        )
        sent = run("benchmarks.capturing", url, "--send", facts)
        counted = _settled(url, form["form"], total)
    return figures(sent, counted, total, rate)


def _settled(url: str, form: int, total: int, patience: int = 600) -> dict[str, Any]:
    """What is there once the worker has taken in everything."""
    began = time.monotonic()
    while True:
        found: dict[str, Any] = run("benchmarks.capturing", url, "--count", str(form))
        waited = time.monotonic() - began
        if not found["states"].get("received") or waited > patience:
            return found | {"settled": waited}
        time.sleep(2)


def figures(sent: dict[str, Any], counted: dict[str, Any], total: int, rate: int) -> list[Figure]:
    states = counted["states"]
    note = ", ".join(f"{n} x {status}" for status, n in sorted(sent["answers"].items()))
    return [
        Figure("answered", sent["a second"], "a second", at_least=rate * 0.99, note=note),
        Figure("median", sent["median"], "ms"),
        Figure("99th percentile", sent["p99"], "ms"),
        Figure("latest start behind the clock", sent["latest"], "s"),
        Figure("lost", total - counted["keys"] + sent["lost"], "submissions", at_most=0),
        Figure("doubled", sum(states.values()) - counted["keys"], "submissions", at_most=0),
        Figure("not taken in", total - states.get("taken", 0), "submissions", at_most=0),
        Figure("leads more or fewer", abs(total - counted["leads"]), "leads", at_most=0),
        Figure("touches more or fewer", abs(total - counted["touches"]), "touches", at_most=0),
        Figure("worker done after the last one", counted["settled"], "s"),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.capturing", description=__doc__)
    parser.add_argument("--rate", type=int, default=RATE)
    parser.add_argument("--seconds", type=int, default=SECONDS)
    parser.add_argument("--prepare", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--count", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--send", type=json.loads, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.send:
        print(json.dumps(Sender(**chosen.send).go()))
        return 0
    if chosen.prepare or chosen.count:
        import django

        django.setup()
        print(json.dumps(prepare() if chosen.prepare else count(chosen.count)))
        return 0
    embedded.start(VAR, redis=True)
    try:
        found = measure(chosen.rate, chosen.seconds)
    finally:
        embedded.stop(VAR)
    print(table(title(chosen.rate, chosen.seconds), found))
    return 0 if all(figure.met is not False for figure in found) else 1


if __name__ == "__main__":
    sys.exit(main())
