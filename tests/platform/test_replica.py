"""Dashboards read from the replica, everything else from the main database."""

import pytest
from django.db import router
from django.http import HttpResponse
from django.test import RequestFactory

from core.models import Event
from people.models import User
from zencrm.replica import ReplicaMiddleware, ReplicaRouter


def read_in_a_request(app: str, method: str, model: type) -> str | None:
    """Where a view of `app` reads `model` from; None is the main database."""
    found: list[str | None] = []

    def answer(request: object) -> HttpResponse:
        middleware.process_view(request, None, (), {})
        found.append(ReplicaRouter().db_for_read(model))
        return HttpResponse()

    middleware = ReplicaMiddleware(answer)
    request = RequestFactory().generic(method, "/")
    request.resolver_match = type("Match", (), {"app_names": [app]})()
    middleware(request)
    return found[0]


@pytest.mark.parametrize(
    ("app", "method", "model", "alias"),
    [
        ("insights", "GET", Event, "replica"),
        ("insights", "POST", Event, None),
        ("insights", "GET", User, None),
        ("leads", "GET", Event, None),
    ],
)
def test_who_reads_where(app: str, method: str, model: type, alias: str | None) -> None:
    assert read_in_a_request(app, method, model) == alias
    assert ReplicaRouter().db_for_read(Event) is None, "the mark ends with the request"


def test_without_a_replica_nothing_changes() -> None:
    assert router.routers == []
    assert router.db_for_read(Event) == "default"


def test_tables_are_made_in_the_main_database_only() -> None:
    assert ReplicaRouter().allow_migrate("replica", "leads") is False
    assert ReplicaRouter().allow_migrate("default", "leads") is None
