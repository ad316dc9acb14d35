"""Databases, web servers and measuring processes of a run: all of them ours, all of them ended with it."""

import hashlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import psycopg

from benchmarks.load import Target
from zencrm import embedded
from zencrm.demo_server import FRUGAL, WEB_OPTIONS

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var" / "bench"
#: One worker per core, as on a server; the demo starts with one to be up sooner.
WORKERS = ("--workers=2", "--blocking-threads=4")


def database(leads: int) -> str:
    """The URL of the database of that size, made anew if the tables or the story have changed since the last run."""
    sources = [*ROOT.glob("*/migrations/0*.py"), *(ROOT / "zencrm" / "demo").glob("*.py")]
    stamp = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(sources))).hexdigest()[:8]
    size, name = f"bench_{leads}_", f"bench_{leads}_{stamp}"
    base = embedded.database_url(VAR)
    with psycopg.connect(_dsn(base), autocommit=True) as connection:
        known = [row[0] for row in connection.execute("SELECT datname FROM pg_database")]
        for old in known:
            if old.startswith(size) and old != name:
                connection.execute(f'DROP DATABASE "{old}" WITH (FORCE)')
        if name not in known:
            connection.execute(f'CREATE DATABASE "{name}"')
    return base[: base.rindex("/") + 1] + name


def _dsn(url: str) -> str:
    """A unix-socket URL as libpq takes it: postgres://user@//folder/name."""
    user, _at, rest = url.removeprefix("postgres://").partition("@")
    folder, _slash, name = rest.removeprefix("/").rpartition("/")
    return f"host={folder} dbname={name} user={user}"


def environment(database_url: str, *, settings: str = "benchmarks.settings") -> dict[str, str]:
    return {
        **os.environ,
        **FRUGAL,
        "DJANGO_SETTINGS_MODULE": settings,
        "DATABASE_URL": database_url,
        "REDIS_URL": embedded.redis_url(VAR),
        "ZENCRM_VAR": str(VAR),
        "EMAIL_URL": "dummymail://",
        "DEBUG": "0",
    }


def run(module: str, database_url: str, *arguments: str) -> Any:
    """Run a measuring module on a database; the last line it prints is its answer. Its log goes to var/bench/log."""
    command = [sys.executable, "-m", module, *arguments]
    with log_of(module) as log:
        done = subprocess.run(
            command, cwd=ROOT, env=environment(database_url), stdout=subprocess.PIPE, stderr=log, text=True
        )
    if done.returncode:
        raise RuntimeError(f"{module} failed:\n{_tail(module)}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def log_of(name: str) -> Any:
    folder = VAR / "log"
    folder.mkdir(parents=True, exist_ok=True)
    return (folder / f"{name}.log").open("w")


def _tail(name: str) -> str:
    return "\n".join((VAR / "log" / f"{name}.log").read_text().splitlines()[-15:])


@dataclass(frozen=True)
class Server:
    """A running web server with its workers."""

    port: int
    process: subprocess.Popen[bytes]

    def target(self, session: str) -> Target:
        return Target(self.port, session)

    def worker_megabytes(self) -> float:
        """Resident memory of the largest worker: what it shares with the others is counted in full."""
        children = psutil.Process(self.process.pid).children(recursive=True)
        return max(child.memory_info().rss for child in children) / 1e6


@contextmanager
def server(name: str, database_url: str, *, settings: str = "benchmarks.settings") -> Iterator[Server]:
    """The production web server on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "granian", "--host=127.0.0.1", f"--port={port}", *WEB_OPTIONS, *WORKERS]
    environ = environment(database_url, settings=settings)
    with log_of(name) as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=log, stderr=log)
    try:
        _wait(port, process)
        yield Server(port, process)
    finally:
        process.terminate()
        process.wait(20)


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    for _turn in range(600):
        if process.poll() is not None:
            raise RuntimeError("the web server did not start")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the web server does not answer")
