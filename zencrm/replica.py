"""Dashboards may read from a replica: with REPLICA_URL set, pages of `insights` do their heavy reading there."""

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from django.db.models import Model
from django.http import HttpRequest, HttpResponse

ALIAS = "replica"
PAGES_OF = "insights"
# Who is asking is always read from the main database: a login must not wait for the replica to catch up.
NEVER = {"admin", "auth", "axes", "contenttypes", "mfa", "account", "people", "sessions"}

_reading: ContextVar[bool] = ContextVar("reading_replica", default=False)


class ReplicaMiddleware:
    """Marks the requests that may read from the replica."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            return self.get_response(request)
        finally:
            _reading.set(False)

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: object) -> None:
        match = request.resolver_match
        page = match is not None and PAGES_OF in match.app_names
        _reading.set(page and request.method in ("GET", "HEAD"))


class ReplicaRouter:
    """Sends the reads of marked requests to the replica, everything else to the main database. Installed if there is one."""

    def db_for_read(self, model: type[Model], **hints: Any) -> str | None:
        if _reading.get() and model._meta.app_label not in NEVER:
            return ALIAS
        return None

    def allow_relation(self, one: Model, other: Model, **hints: Any) -> bool | None:
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool | None:
        return False if db == ALIAS else None
