"""The job that learns: one at a time, and every lead scored anew where what counts has changed."""

from collections.abc import Sequence

from django.db import connection

from core import access
from leads.models import ScoreVersion
from leads.scoring.many import score_all
from people.models import User

#: Any number that nobody else locks by.
_LOCK = 7_203_114


def run(*, by: int | None = None, left_out: Sequence[str] | None = None) -> ScoreVersion | None:
    """Learn in the name of a user, or of the house. None where another worker is at it."""
    from leads.scoring import training

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            return None
        try:
            made = training.train(by=User.objects.get(pk=by) if by else access.JOB, left_out=left_out)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])
    score_all()
    return made
