"""Make one database ready: tables, people, history in proportion to a number of leads. Prints what the measuring needs."""

import json
import sys
import time
from datetime import timedelta
from typing import Any

import django

#: Who is asked for in sessions: with Django's own questions on the yardstick's server, with ours on the others.
OURS, DJANGOS = "people.backends.RoleBackend", "benchmarks.bare_people.PlainBackend"
ROLES = ("manager", "sales", "accountant", "pm", "care", "hr", "admin")


def main(leads: int) -> dict[str, Any]:
    from django.core.management import call_command

    from leads.models import Lead
    from people.models import User

    call_command("migrate", verbosity=0)
    told = None if Lead.objects.exists() else _tell(leads)
    if told:
        _analyse()
    return {
        "told": told,
        "token": _token(User.objects.get(username="manager")),
        "sessions": {name: session_of(User.objects.get(username=name)) for name in ROLES},
        "bare_session": session_of(User.objects.get(username="manager"), DJANGOS),
        **_addresses(),
    }


def _tell(leads: int) -> dict[str, float]:
    """The story by COPY, with the score of every lead: rows and seconds."""
    from zencrm.demo import story

    started = time.perf_counter()
    written = story.tell(leads=leads)
    return {"rows": sum(written.values()), "story": round(time.perf_counter() - started, 1)}


def _analyse() -> None:
    """A fresh copy has no statistics yet; a server in use has."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _addresses() -> dict[str, Any]:
    from benchmarks import addresses

    return {"compared": addresses.compared(), "pages": addresses.everything()}


def _token(user: Any) -> str:
    """A key to the API that lasts as long as the run."""
    from django.utils import timezone

    from core.models import ApiToken

    ends = timezone.now() + timedelta(days=1)
    return ApiToken.issue(user=user, name="bench", scope=ApiToken.Scope.WRITE, expires_at=ends)[1]


def session_of(user: Any, backend: str = OURS) -> str:
    """The key of a session in which this user is signed in."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = backend
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)


if __name__ == "__main__":
    django.setup()
    print(json.dumps(main(int(sys.argv[1]))))
