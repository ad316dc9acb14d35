"""manage.py demo: the whole house on this machine, with a demo company: what `make demo` runs."""

import fcntl
import http.client
import os
import shutil
import socket
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from zencrm import embedded
from zencrm.supervisor import MARK, Program, Supervisor, end_orphans

HOST = "127.0.0.1"
WIPED = ("mail", "media", "erp", "log")
WEB_OPTIONS = (
    "--interface=wsgi",
    "--workers=2",
    "--blocking-threads=4",
    "--workers-max-rss=600",
    "--respawn-failed-workers",
    "--workers-kill-timeout=10",
    "--no-ws",
    "zencrm.wsgi:application",
)
WORKER_OPTIONS = (
    "--concurrency=2",
    "--max-memory-per-child=400000",
    "--loglevel=info",
    "--without-gossip",
    "--without-mingle",
)


class Command(BaseCommand):
    help = "Start the demo: databases, web server, worker, schedule and a mail catcher, until Ctrl-C."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=int(os.environ.get("PORT") or 8000))
        parser.add_argument("--reset", action="store_true", help="wipe the demo's database, mail and files, and end")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("This is for demonstrations only: run `make demo`, which sets DEMO=1.")
        settings.VAR.mkdir(parents=True, exist_ok=True)
        with self.alone():
            end_orphans(str(settings.VAR))
            if options["reset"]:
                self.reset()
            else:
                self.start(options["port"])

    @contextmanager
    def alone(self) -> Iterator[None]:
        with (settings.VAR / "demo.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise CommandError("The demo of this checkout is running already; stop it first.") from error
            yield

    def reset(self) -> None:
        embedded.wipe(settings.VAR)
        for name in WIPED:
            shutil.rmtree(settings.VAR / name, ignore_errors=True)
        for schedule in settings.VAR.glob("beat*"):
            schedule.unlink()
        self.stdout.write("The demo is wiped; `make demo` starts afresh.")

    def start(self, port: int) -> None:
        _check_free(port)
        with self.step("Starting PostgreSQL and Redis"):
            embedded.start_configured(redis=True)
        with self.step("Bringing the tables up to date"):
            call_command("migrate", interactive=False, verbosity=0)
        if not get_user_model().objects.exists():
            self.stdout.write("Inventing a company with two years of history ...")
            call_command("seed_demo")
        users = _user_table()
        _close_database()
        self.stdout.write("Starting web server, worker, schedule and mail catcher ...")
        supervisor = Supervisor(_programs(port), self.say)
        supervisor.run(lambda: _answers(port), lambda: self.welcome(port, users), self.tend)
        self.say("Stopped.")

    @contextmanager
    def step(self, text: str) -> Iterator[None]:
        started = time.monotonic()
        self.stdout.write(f"{text} ... ", ending="")
        self.stdout.flush()
        yield
        self.stdout.write(f"{time.monotonic() - started:.1f} s")

    def say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()

    def tend(self) -> None:
        """A database server that was killed is started again."""
        try:
            started = embedded.start_configured(redis=True)
        except embedded.EmbeddedError as error:
            started = []
            self.say(str(error))
        if started:
            self.say(f"{' and '.join(started)} gave no answer: started again.")

    def welcome(self, port: int, users: str) -> None:
        self.say(f"\n  ZenCRM is at http://{HOST}:{port}/\n\n{users}")
        self.say(
            f"\n  Password of all: {settings.DEMO_PASSWORD}.  Mail sent is kept in {settings.VAR / 'mail'}.  Ctrl-C stops.\n"
        )


def _check_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise CommandError(f"Port {port} is in use. Choose another one: PORT=8123 make demo") from error


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _programs(port: int) -> list[Program]:
    """The group, in the order in which it starts; each with its log under var/log."""
    mail_port = _free_port()
    environ = {
        **os.environ,
        MARK: str(settings.VAR),
        "DEMO": "1",
        "LOG_JSON": "0",
        "BASE_URL": f"http://{HOST}:{port}",
        "EMAIL_URL": f"smtp://{HOST}:{mail_port}",
    }
    worker_environ = environ | {"DB_POOL": "0"}  # a worker process has one thread: nothing to pool
    python = [sys.executable, "-m"]
    celery = [*python, "celery", "-A", "zencrm"]
    mail = [*python, "zencrm.mailcatcher", "--port", str(mail_port), "--folder", str(settings.VAR / "mail")]
    web = [*python, "granian", "--host", HOST, "--port", str(port), *WEB_OPTIONS]
    worker = [*celery, "worker", *WORKER_OPTIONS]
    beat = [*celery, "beat", "--schedule", str(settings.VAR / "beat"), "--pidfile="]
    logs = settings.VAR / "log"
    return [
        Program("mail", mail, environ, logs / "mail.log"),
        Program("web", web, environ, logs / "web.log"),
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


def _user_table() -> str:
    """Who may log in: the demo's people come first in the table of users."""
    people = get_user_model().objects.filter(is_active=True).order_by("pk").prefetch_related("groups")[:12]
    rows = [
        (user.get_username(), user.get_full_name(), ", ".join(g.name for g in user.groups.all())) for user in people
    ]
    rows.insert(0, ("User", "Name", "Role"))
    return "\n".join(f"  {login:<12}{name:<26}{role}" for login, name, role in rows)


def _close_database() -> None:
    for connection in connections.all():
        connection.close()
        if hasattr(connection, "close_pool"):
            connection.close_pool()
