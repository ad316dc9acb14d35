"""/healthz and /readyz, with servers that are really not there."""

import json
import os
import subprocess
import sys

import pytest
from django.conf import LazySettings, settings
from django.db import connection
from django.test import Client

from zencrm import health

NOWHERE = "unix:///tmp/zencrm-nobody-listens-here.sock"


def test_alive_needs_nothing_not_even_a_known_host_or_https(client: Client, settings: LazySettings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    response = client.get("/healthz", headers={"host": "10.0.0.7:8000"})
    assert response.status_code == 200
    assert response.json() == {"status": "ok"}


@pytest.mark.django_db
def test_ready_when_everything_answers(client: Client, settings: LazySettings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    response = client.get("/readyz", headers={"host": "10.0.0.7:8000"})
    assert response.status_code == 200
    assert response.json() == {"status": "ok", "checks": {"database": "ok", "redis": "ok", "migrations": "ok"}}


@pytest.mark.django_db
def test_without_redis_it_serves_on_and_says_so(client: Client, settings: LazySettings) -> None:
    settings.REDIS_URL = NOWHERE
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json()["status"] == "degraded"
    assert response.json()["checks"]["redis"] == "down: ConnectionError"


ASK = """
import django
django.setup()
from django.test import Client
response = Client().get("/readyz")
print(response.status_code, response.content.decode())
"""


@pytest.mark.parametrize("pool", ["0", "1"])
def test_without_the_database_it_is_not_ready(pool: str) -> None:
    """In a process of its own, which looks for a server where none is."""
    environ = {**os.environ, "DATABASE_URL": "postgres://zencrm@//tmp/zencrm-nothing-here/zencrm", "DB_POOL": pool}
    environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    command = [sys.executable, "-W", "ignore", "-c", ASK]
    done = subprocess.run(command, cwd=settings.BASE_DIR, env=environ, capture_output=True, text=True, timeout=60)
    status, answer = done.stdout.split(" ", 1)
    assert status == "503"
    assert json.loads(answer)["status"] == "not ready"
    assert json.loads(answer)["checks"]["database"] == "down: OperationalError"
    assert json.loads(answer)["checks"]["migrations"] == "unknown"


@pytest.mark.django_db
def test_a_migration_that_was_not_applied_makes_it_not_ready(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_migrated", False)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'people'")
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["checks"]["migrations"].endswith("not applied")
