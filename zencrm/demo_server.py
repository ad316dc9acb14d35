"""python -m zencrm.demo_server: the whole house on this machine, with a demo company. What `make demo` runs.

It does without Django, whose start takes seconds: a database that this very code has prepared needs nothing, and the web
server can start at once. Otherwise `manage.py prepare_demo` prepares it first, as a program of its own.
"""

import argparse
import fcntl
import hashlib
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from zencrm import embedded
from zencrm.environment import BASE_DIR, DATABASE, DEMO, DEMO_PASSWORD, VAR
from zencrm.supervisor import MARK, Program, Supervisor, die_with_parent, end_orphans

HOST = "127.0.0.1"
WIPED = ("mail", "media", "erp", "log")
WEB_OPTIONS = (
    "--interface=wsgi",
    "--workers=1",  # it is up in two thirds of the time that two need, and serves one desk as well
    "--blocking-threads=8",
    "--workers-max-rss=600",
    "--respawn-failed-workers",
    "--workers-kill-timeout=10",
    "--no-ws",
    "zencrm.wsgi:application",
)
#: A web worker gives memory back that a page has taken: 20 of 200 MB less (docs/performance.md). Not so that of each long text,
#: which the next page of its kind would have to ask the system for again.
FRUGAL = {"MALLOC_ARENA_MAX": "2", "MALLOC_TRIM_THRESHOLD_": "131072", "MALLOC_MMAP_THRESHOLD_": "1048576"}
WORKER_OPTIONS = (
    "--concurrency=2",
    "--max-memory-per-child=400000",
    "--loglevel=info",
    "--without-gossip",
    "--without-mingle",
)
# Kept in the database itself, as a comment: whatever is done to the data, the two stay together.
FINGERPRINT = "SELECT obj_description(to_regclass('django_migrations'), 'pg_class')"
# Who may log in: the demo's people come first in the table of users.
USERS = """
    SELECT u.username, u.first_name || ' ' || u.last_name, coalesce(string_agg(g.name, ', ' ORDER BY g.name), '')
    FROM people_user u LEFT JOIN people_user_groups m ON m.user_id = u.id LEFT JOIN auth_group g ON g.id = m.group_id
    WHERE u.is_active GROUP BY u.id ORDER BY u.id LIMIT 12
"""


class DemoError(Exception):
    """The demo does not start; the message says why, and what to do."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="make demo", description="Start the demo, until Ctrl-C.")
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT") or 8000))
    parser.add_argument("--reset", action="store_true", help="wipe the demo's database, mail and files, and end")
    chosen = parser.parse_args()
    try:
        run(chosen.port, reset=chosen.reset)
    except (DemoError, embedded.EmbeddedError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        say("\nStopped.")
        return 130
    return 0


def run(port: int, *, reset: bool) -> None:
    if not DEMO:
        raise DemoError("This is for demonstrations only: run `make demo`, which sets DEMO=1.")
    VAR.mkdir(parents=True, exist_ok=True)
    with alone():
        end_orphans(str(VAR))
        if reset:
            wipe()
        else:
            start(port)


@contextmanager
def alone() -> Iterator[None]:
    with (VAR / "demo.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DemoError("The demo of this checkout is running already; stop it first.") from error
        yield


def wipe() -> None:
    embedded.wipe(VAR)
    for name in WIPED:
        shutil.rmtree(VAR / name, ignore_errors=True)
    for schedule in VAR.glob("beat*"):
        schedule.unlink()
    say("The demo is wiped; `make demo` starts afresh.")


def start(port: int) -> None:
    _check_free(port)
    with step("Starting PostgreSQL and Redis"):
        embedded.start_configured(redis=True)
    if not is_prepared():
        _prepare()
    users = _user_table()
    say("Starting web server, worker, schedule and mail catcher ...")
    supervisor = Supervisor(_programs(port), say)
    supervisor.run(lambda: _answers(port), lambda: _welcome(port, users), _tend)
    say("Stopped.")


@contextmanager
def step(text: str) -> Iterator[None]:
    """Say what is being done, and how long it took."""
    started = time.monotonic()
    print(f"{text} ... ", end="", flush=True)
    yield
    say(f"{time.monotonic() - started:.1f} s")


def say(text: str) -> None:
    print(text, flush=True)


def fingerprint() -> str:
    """Of all code and packages that make the tables, the rights and the demo's story."""
    digest = hashlib.sha256((BASE_DIR / "uv.lock").read_bytes())
    for path in sorted(BASE_DIR.glob("[a-z]*/**/*.py")):
        if path.relative_to(BASE_DIR).parts[0] not in ("var", "node_modules", "tests", "benchmarks"):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def migrations() -> dict[str, str]:
    """Every migration, and the fingerprint of its text."""
    found = sorted(BASE_DIR.glob("[a-z]*/migrations/0*.py"))
    return {
        str(path.relative_to(BASE_DIR).with_suffix("")): hashlib.sha256(path.read_bytes()).hexdigest()[:12]
        for path in found
    }


def seal() -> str:
    """What a prepared database remembers: the code that prepared it, and the migrations it was made by."""
    return json.dumps({"code": fingerprint(), "migrations": migrations()})


def remembered() -> dict[str, Any]:
    """What the database remembers; empty for a new one, or one that was prepared by something else."""
    with _database() as connection:
        row = connection.execute(FINGERPRINT).fetchone()
    try:
        found = json.loads(row[0]) if row and row[0] else {}
    except ValueError:
        found = {}
    return found if isinstance(found, dict) else {}


def is_prepared() -> bool:
    """Whether this very code has brought the tables up to date and told the story."""
    return bool(remembered().get("code") == fingerprint())


def is_outdated() -> bool:
    """Whether migrations that made the tables have been written anew since, as they are before the first release."""
    there, now = remembered().get("migrations", {}), migrations()
    return not there or any(now.get(name) != mark for name, mark in there.items())


def _prepare() -> None:
    preparing = subprocess.Popen(
        [sys.executable, "manage.py", "prepare_demo"], cwd=BASE_DIR, preexec_fn=die_with_parent
    )
    try:
        code = preparing.wait()
    except KeyboardInterrupt:
        preparing.send_signal(signal.SIGTERM)
        preparing.wait()
        raise
    if code:
        raise DemoError("The database could not be prepared; what went wrong stands above.")


def _database() -> psycopg.Connection:
    return psycopg.connect(
        host=DATABASE["HOST"] or None,
        port=DATABASE["PORT"] or None,
        dbname=DATABASE["NAME"],
        user=DATABASE["USER"] or None,
        password=DATABASE["PASSWORD"] or None,
    )


def _user_table() -> str:
    with _database() as connection:
        rows = [("User", "Name", "Role"), *connection.execute(USERS)]
    return "\n".join(f"  {login:<12}{name:<26}{role}" for login, name, role in rows)


def _welcome(port: int, users: str) -> None:
    say(f"\n  ZenCRM is at http://{HOST}:{port}/\n\n{users}")
    say(f"\n  Password of all: {DEMO_PASSWORD}.  Mail sent is kept in {VAR / 'mail'}.  Ctrl-C stops.\n")


def _tend() -> None:
    """A database server that was killed is started again."""
    try:
        started = embedded.start_configured(redis=True)
    except embedded.EmbeddedError as error:
        started = []
        say(str(error))
    if started:
        say(f"{' and '.join(started)} gave no answer: started again.")


def _check_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except (OSError, OverflowError) as error:
            raise DemoError(f"Port {port} is in use. Choose another one: PORT=8123 make demo") from error


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _programs(port: int) -> list[Program]:
    """The group, in the order in which it starts; each with its log under var/log."""
    mail_port = _free_port()
    environ = {
        **os.environ,
        MARK: str(VAR),
        "DEMO": "1",
        "LOG_JSON": "0",
        "BASE_URL": f"http://{HOST}:{port}",
        "EMAIL_URL": f"smtp://{HOST}:{mail_port}",
    }
    worker_environ = environ | {"DB_POOL": "0"}  # a worker process has one thread: nothing to pool
    python = [sys.executable, "-m"]
    celery = [*python, "celery", "-A", "zencrm"]
    mail = [*python, "zencrm.mailcatcher", "--port", str(mail_port), "--folder", str(VAR / "mail")]
    web = [*python, "granian", "--host", HOST, "--port", str(port), *WEB_OPTIONS]
    worker = [*celery, "worker", *WORKER_OPTIONS]
    beat = [*celery, "beat", "--schedule", str(VAR / "beat"), "--pidfile="]
    logs = VAR / "log"
    return [
        Program("mail", mail, environ, logs / "mail.log", late=True),
        Program("web", web, environ | FRUGAL, logs / "web.log"),
        Program("worker", worker, worker_environ, logs / "worker.log", late=True),
        Program("beat", beat, worker_environ, logs / "beat.log", late=True),
    ]


def _answers(port: int) -> bool:
    """True when a page can be served."""
    client = http.client.HTTPConnection(HOST, port, timeout=2)
    try:
        client.request("GET", "/readyz")
        return client.getresponse().status == 200
    except OSError:
        return False
    finally:
        client.close()


if __name__ == "__main__":
    raise SystemExit(main())
