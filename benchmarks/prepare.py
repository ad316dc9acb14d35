"""Make one database ready: tables, people, history in proportion to a number of leads. Prints what the measuring needs."""

import json
import sys
import time
from typing import Any

import django


def main(leads: int) -> dict[str, Any]:
    from django.core.management import call_command

    from leads.models import Lead
    from people.models import User

    call_command("migrate", verbosity=0)
    seconds = 0.0
    if not Lead.objects.exists():
        started = time.perf_counter()
        call_command("seed_demo", leads=leads, stdout=sys.stderr)
        seconds = time.perf_counter() - started
        analyse()
    user = User.objects.get(username="manager")
    converted = Lead.objects.filter(state="converted").order_by("pk").first()
    return {"session": session_of(user), "lead": converted.pk if converted else 0, "seeded_in_s": round(seconds, 1)}


def analyse() -> None:
    """A fresh copy has no statistics yet; a server in use has."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def session_of(user: Any) -> str:
    """The key of a session in which this user is signed in."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "people.backends.RoleBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)


if __name__ == "__main__":
    django.setup()
    print(json.dumps(main(int(sys.argv[1]))))
