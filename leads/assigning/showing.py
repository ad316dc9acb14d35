"""Why a lead has its owner, on the lead's own page: fetched in the question that fetches the lead."""

from functools import cache
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONObject
from django.http import HttpRequest
from django.utils.dateparse import parse_datetime

from core.written import written
from leads.assigning import wording
from leads.models import Assignment, Lead
from people.models import User

_DATES = ("at", "due_by", "first_contact_at", "moved_on_at")
_NAMES = ("first_name", "last_name", "username")
#: The last ones are shown.
_MOST = 5


def with_assignments(rows: QuerySet[Lead]) -> QuerySet[Lead]:
    """Leads with the `given` of their last assignments: what `page_extra` makes of them costs no question of its own."""
    return rows.annotate(given=_given())


@cache
def _given() -> Any:
    columns = {name: name for name in ("user_id", "reason", "facts", *_DATES)} | {n: f"user__{n}" for n in _NAMES}
    last = Assignment.objects.filter(lead=OuterRef("pk")).order_by("-at", "-pk").values(row=JSONObject(**columns))
    return written(Lead, ArraySubquery(last[:_MOST]))


def page_extra(record: Any, _request: HttpRequest) -> dict[str, Any]:
    """For the page of a lead: to whom it was given, why, and what became of it."""
    return {"assignments": [_read(row) for row in getattr(record, "given", ())] if isinstance(record, Lead) else []}


def _read(row: dict[str, Any]) -> Any:
    dates = {name: parse_datetime(row[name]) if row[name] else None for name in _DATES}
    user = User(pk=row["user_id"], **{name: row[name] for name in _NAMES})
    return worded(Assignment(user=user, reason=row["reason"], facts=row["facts"], **dates))


def worded(row: Any) -> Any:
    """With its reason in the reader's language."""
    row.words = wording.reason(row.facts) if row.facts.keys() & {"chosen", "by"} else row.reason
    return row
