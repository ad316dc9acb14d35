"""Which web server? python -m benchmarks.servers: granian and gunicorn, the same application, the same load, in turns.

Loopback only; a fixed number of requests. Time on the wall depends on what else the machine does, so the figure that
decides is the server's own processor time per request, then its memory, then whether slow clients can stop it.
"""

import argparse
import http.client
import json
import math
import os
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

HOST = "127.0.0.1"
CHECKOUT = Path(__file__).resolve().parent.parent
WORKERS, THREADS = 2, 4
SLOW_CLIENTS, SLOW_TRIES, PATIENCE = 24, 4, 5  # connections, times, seconds
APPLICATION = "zencrm.wsgi:application"
PAGES = {"no database, no template": "/healthz", "database": "/readyz", "page": "/account/login/"}


@dataclass(frozen=True)
class Figures:
    server: str
    page: str
    cpu_ms: float  # processor time of all the server's processes, per request
    median_ms: float
    p99_ms: float
    per_second: float
    memory_mb: float
    failed: int


def command(server: str, port: int) -> list[str]:
    python = [sys.executable, "-m"]
    if server == "granian":
        sizes = [f"--workers={WORKERS}", f"--blocking-threads={THREADS}", "--no-ws", "--log-level=warning"]
        return [*python, "granian", "--interface=wsgi", f"--host={HOST}", f"--port={port}", *sizes, APPLICATION]
    sizes = [f"--workers={WORKERS}", f"--threads={THREADS}", "--worker-class=gthread", "--log-level=warning"]
    return [*python, "gunicorn", f"--bind={HOST}:{port}", "--keep-alive=30", *sizes, APPLICATION]


class Server:
    """A server in its own process group; always ended, whatever happens."""

    def __init__(self, name: str) -> None:
        with socket.socket() as probe:
            probe.bind((HOST, 0))
            self.port = int(probe.getsockname()[1])
        self.name = name

    def __enter__(self) -> "Server":
        environ = {**os.environ, "LOG_LEVEL": "ERROR"}
        self.process = subprocess.Popen(command(self.name, self.port), cwd=CHECKOUT, env=environ)
        deadline = time.monotonic() + 60
        while not self.answers():
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self.name} did not start")
            time.sleep(0.1)
        return self

    def __exit__(self, *error: object) -> None:
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def answers(self) -> bool:
        client = http.client.HTTPConnection(HOST, self.port, timeout=5)
        try:
            client.request("GET", "/healthz")
            return client.getresponse().status == 200
        except OSError:
            return False
        finally:
            client.close()

    def processes(self) -> list[psutil.Process]:
        parent = psutil.Process(self.process.pid)
        return [parent, *parent.children(recursive=True)]

    def cpu(self) -> float:
        """Seconds of processor time so far."""
        return sum(sum(process.cpu_times()[:2]) for process in self.processes())

    def memory(self) -> float:
        """Megabytes that belong to it alone."""
        return sum(process.memory_full_info().uss for process in self.processes()) / 1e6


def load(port: int, path: str, requests: int, connections: int) -> tuple[list[float], int]:
    """Latencies in milliseconds of `requests` requests over kept-alive connections, and how many failed."""
    latencies: list[float] = []
    failed: list[int] = []

    def client() -> None:
        connection = http.client.HTTPConnection(HOST, port, timeout=20)
        for _ in range(requests // connections):
            started = time.perf_counter()
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            latencies.append((time.perf_counter() - started) * 1000)
            if answer.status != 200:
                failed.append(answer.status)
        connection.close()

    threads = [threading.Thread(target=client) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return latencies, len(failed)


def measure(server: Server, page: str, path: str, requests: int, connections: int) -> Figures:
    load(server.port, path, 40, connections)  # warm
    cpu, started = server.cpu(), time.perf_counter()
    latencies, failed = load(server.port, path, requests, connections)
    seconds, cpu = time.perf_counter() - started, server.cpu() - cpu
    return Figures(
        server=server.name,
        page=page,
        cpu_ms=round(cpu * 1000 / len(latencies), 2),
        median_ms=round(statistics.median(latencies), 2),
        p99_ms=round(statistics.quantiles(latencies, n=100)[98], 2),
        per_second=round(len(latencies) / seconds, 1),
        memory_mb=round(server.memory(), 1),
        failed=failed,
    )


def beside_slow_clients(server: Server) -> float:
    """Seconds that an honest visitor waits while many others have sent half a request each; infinite if in vain."""
    half = b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Never"
    slow = [socket.create_connection((HOST, server.port)) for _ in range(SLOW_CLIENTS)]
    for client in slow:
        client.sendall(half)
    time.sleep(0.5)
    visitor = http.client.HTTPConnection(HOST, server.port, timeout=PATIENCE)
    started = time.perf_counter()
    try:
        visitor.request("GET", "/healthz")
        visitor.getresponse().read()
        return round(time.perf_counter() - started, 2)
    except TimeoutError:
        return math.inf
    finally:
        visitor.close()
        for client in slow:
            client.close()


def run(rounds: int, requests: int, connections: int) -> list[Figures]:
    """The servers take turns, so that a busy minute of the machine does not fall on one of them only."""
    found = []
    for _ in range(rounds):
        for name in ("granian", "gunicorn"):
            with Server(name) as server:
                found += [measure(server, page, path, requests, connections) for page, path in PAGES.items()]
                waits = [beside_slow_clients(server) for _ in range(SLOW_TRIES)]  # chance decides who gets stuck
                print(f"{name}: seconds a visitor waits beside {SLOW_CLIENTS} slow clients: {waits}", flush=True)
    return found


def report(found: Sequence[Figures]) -> None:
    """The median round of each."""
    columns = ("cpu_ms", "median_ms", "p99_ms", "per_second", "memory_mb", "failed")
    print(f"{'page':<28}{'server':<10}" + "".join(f"{name:>12}" for name in columns))
    for page in PAGES:
        for name in ("granian", "gunicorn"):
            rows = [asdict(row) for row in found if (row.page, row.server) == (page, name)]
            medians = [statistics.median(row[column] for row in rows) for column in columns]
            print(f"{page:<28}{name:<10}" + "".join(f"{value:>12.2f}" for value in medians))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.servers", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--requests", type=int, default=1200)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zencrm.settings")
    from zencrm import embedded

    embedded.start_configured(redis=True)
    found = run(chosen.rounds, chosen.requests, chosen.connections)
    report(found)
    if chosen.json:
        chosen.json.write_text(json.dumps([asdict(row) for row in found], indent=1))


if __name__ == "__main__":
    main()
