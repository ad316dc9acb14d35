"""What every test may use: real servers, compiled catalogues, a browser, the shared folder."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import translation

from tests import template
from zencrm import embedded


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """The process that starts the run starts the servers; they stop with it."""
    if hasattr(session.config, "workerinput"):
        return
    from core import catalogues

    embedded.start_configured(redis=True, durable=False)
    template.ensure(settings.DATABASES["default"], _server_url(settings.DATABASES["default"]))
    catalogues.compile_all()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """At the end, whoever still holds the database lets go: a request that a closed browser no longer waits for."""
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The browser for tests in Chromium. `make test` sees to it that there is one, so its absence is a failure."""
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        found = shutil.which(name)
        if found:
            return found
    pytest.fail("No Chromium on the PATH: install Debian's package `chromium`, or Google Chrome.")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder beside the checkout with the real input files (ZENCRM_SHARED moves it)."""
    folder = Path(os.environ.get("ZENCRM_SHARED", settings.BASE_DIR.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"NOT TESTED: {folder} with the real input is not here")
    return folder


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Tests read English, whatever language the house speaks by default; a test of translations overrides it."""
    with translation.override("en"):
        yield


ROLE_NAMES = ("sales", "sales2", "manager", "marketing", "pm", "buyer", "accountant", "care", "hr", "admin", "nobody")


@pytest.fixture
def cast(db: None) -> SimpleNamespace:
    """People with fixed rights, one per role, and `nobody` with an account and no role. sales2 is in another team."""
    from django.contrib.auth.models import Group

    from tests.factories import TeamFactory, UserFactory

    teams = {
        name: TeamFactory(name="Estero" if name == "sales2" else "Vendite") for name in ("sales", "sales2", "manager")
    }
    people = {}
    for name in ROLE_NAMES:
        people[name] = UserFactory(username=name, first_name=name.title(), last_name="Test", team=teams.get(name))
        if name != "nobody":
            people[name].groups.add(Group.objects.get(name="sales" if name == "sales2" else name))
    people["manager"].is_staff = people["admin"].is_staff = people["admin"].is_superuser = True
    people["manager"].save()
    people["admin"].save()
    return SimpleNamespace(**people)


@pytest.fixture
def client_of() -> Callable[[Any], Client]:
    """`client_of(cast.sales)` is a browser in which that person has signed in."""

    def signed_in(user: Any) -> Client:
        client = Client()
        client.force_login(user, backend="people.backends.RoleBackend")
        return client

    return signed_in


@pytest.fixture(scope="session")
def s3_url() -> Iterator[str]:
    """The address of a real S3 server, for the tests of this process."""
    from tests.s3 import s3_server

    with s3_server() as url:
        yield url


@pytest.fixture
def bucket(s3_url: str, settings: Any) -> Iterator[Any]:
    """An empty bucket, and the settings that say that files are kept there."""
    from tests.s3 import Bucket

    made = Bucket(s3_url, f"b{uuid4().hex}")
    settings.S3_BUCKET = made.name
    settings.STORAGES = {**settings.STORAGES, "default": made.storages()}
    yield made
    made.client.close()


@pytest.fixture
def process_environ(transactional_db: None) -> dict[str, str]:
    """The environment for other processes (a Celery worker, a command) that shall see this test's database."""
    database = connection.settings_dict
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": f"{_server_url(database)}/{database['NAME']}",
        "DB_POOL": "0",
        "PYTHONPATH": str(settings.BASE_DIR),
    }


def _server_url(database: dict[str, str]) -> str:
    """The address of a database's server, to which `/name` is added."""
    if str(database["HOST"]).startswith("/"):
        return f"postgres://{database['USER']}@/{database['HOST']}"
    user = f"{database['USER']}:{database['PASSWORD']}"
    return f"postgres://{user}@{database['HOST']}:{database['PORT'] or 5432}"


@pytest.fixture
def celery_worker_process(process_environ: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A real worker on the real Redis, with this test's database. Only for tests that commit (transactional_db)."""
    command = [sys.executable, "-m", "celery", "-A", "zencrm", "worker", "-c", "1", "-l", "warning", "--without-mingle"]
    worker = subprocess.Popen(command, env=process_environ, cwd=settings.BASE_DIR, start_new_session=True)
    yield worker
    worker.terminate()
    try:
        worker.wait(20)
    except subprocess.TimeoutExpired:
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
