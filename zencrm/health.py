"""`/healthz`: the process is alive. `/readyz`: it can serve pages. They answer whatever host name they are asked by.

Without Redis the pages work and jobs wait in the database, so that is reported as "degraded" and is no reason to take
a web host out of service; without the database, or with migrations missing, it is.
"""

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from psycopg_pool import PoolTimeout

OK = "ok"
_migrated = False


class HealthMiddleware:
    """First in the chain: no session, no redirect to https, no check of the host name stands before the answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path == "/healthz":
            return JsonResponse({"status": OK})
        if request.path == "/readyz":
            return readiness()
        return self.get_response(request)


def readiness() -> JsonResponse:
    checks = {"database": database(), "redis": broker()}
    checks["migrations"] = migrations() if checks["database"] == OK else "unknown"
    ready = checks["database"] == checks["migrations"] == OK
    status = "not ready" if not ready else OK if checks["redis"] == OK else "degraded"
    return JsonResponse({"status": status, "checks": checks}, status=200 if ready else 503)


def database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (DatabaseError, PoolTimeout, ImproperlyConfigured) as error:
        connection.close()
        return f"down: {type(error).__name__}"
    return OK


def migrations() -> str:
    """Once applied they stay applied: later calls of this process do not look again."""
    global _migrated
    if _migrated:
        return OK
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    _migrated = not waiting
    return OK if _migrated else f"{len(waiting)} not applied"


def broker() -> str:
    import redis  # 20 MB: a web worker that is not asked for its health, and gives out no job, does without

    try:
        with redis.from_url(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=1) as client:
            client.ping()
    except (redis.RedisError, OSError) as error:
        return f"down: {type(error).__name__}"
    return OK
