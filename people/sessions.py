"""Sessions in the database as Django keeps them, looked up by a question that is written once: every page asks it."""

from functools import cache
from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.utils import timezone

from core.written import Statement


class SessionStore(db.SessionStore):
    def _validate_session_key(self, key: str) -> bool:
        """Letters and digits, as Django makes them: a quoted cookie can say NUL, which the database does not take."""
        return bool(super()._validate_session_key(key)) and key.isascii() and key.isalnum()  # type: ignore[misc]

    def _get_session_from_db(self) -> Any:
        """As Django's own, which is also told of a session that has ended or never was."""
        for row in _session().rows({Statement.WORDS: self.session_key}):
            session = Session(*row)  # type: ignore[misc]
            if session.expire_date > timezone.now():
                return session
        return super()._get_session_from_db()  # type: ignore[misc]


@cache
def _session() -> Statement:
    """For a key."""
    rows = Session.objects.filter(pk=Statement.WORDS)
    return Statement.of(rows.values_list(*[field.attname for field in Session._meta.concrete_fields]))
