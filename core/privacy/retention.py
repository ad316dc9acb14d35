"""How long data are kept: kinds declared by the apps, months set by administrators, done by a job a few at a time."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dateutil.relativedelta import relativedelta
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError
from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from core import access
from core.lifecycle import Refused
from core.models import Erasure, RetentionRule, RetentionRun
from core.privacy import erasing
from core.privacy.registry import holdings
from core.references import references_to

log = logging.getLogger(__name__)
#: Rows a rule goes through in one run; the next run takes the next ones.
AT_ONCE = 200


@dataclass(frozen=True)
class Term:
    """A kind of data whose time runs out. `rows(before)` are those nothing has happened to since; `end(row)` ends one."""

    key: str
    label: Any
    months: int
    rows: Callable[[datetime], Any]
    end: Callable[[Any], Any]
    #: What happens to it, in words.
    what: Any


_terms: dict[str, Term] = {}


def register(*terms: Term) -> None:
    _terms.update({term.key: term for term in terms})


def terms() -> tuple[Term, ...]:
    return tuple(_terms.values())


def term_of(key: str) -> Term | None:
    return _terms.get(key)


def rule_of(term: Term) -> RetentionRule:
    """The rule as it is set, or as it would begin: not in force."""
    found = RetentionRule.objects.filter(kind=term.key).first()
    return found or RetentionRule(kind=term.key, months=term.months, is_active=False)


def over(term: Term, months: int) -> Any:
    """The rows whose time is over if they are kept for so many months."""
    return term.rows(timezone.now() - relativedelta(months=months)).order_by("pk")


def quiet_since(rows: Any, before: datetime) -> Any:
    """Those of the people to whom nothing has happened since: no change, no act, no note, no message; erased ones left out."""
    kind = ContentType.objects.get_for_model(rows.model)
    found = rows.filter(updated_at__lt=before)
    dated = {holding.model: holding.at for holding in holdings() if holding.at}
    for reference in references_to(rows.model):
        if at := dated.get(reference.model):
            about = {reference.column: OuterRef("pk"), f"{at}__gte": before}
            if reference.kind:
                about[reference.kind] = kind
            found = found.exclude(Exists(reference.model._base_manager.filter(**about)))
    gone = Erasure.objects.filter(subject_type=kind, subject_id=OuterRef("pk"), at__gte=OuterRef("updated_at"))
    return found.exclude(Exists(gone))


def erase_quietly(row: Any) -> None:
    erasing.erase(row, by=access.JOB, reason=Erasure.Reason.RETENTION)


def apply(key: str = "") -> int:
    """Do what every rule in force asks for, or the one named. Returns how many rows were ended."""
    rules = RetentionRule.objects.filter(is_active=True)
    done = 0
    for rule in rules.filter(kind=key) if key else rules:
        term = term_of(rule.kind)
        done += _run(term, rule.months) if term is not None else 0
    return done


def _run(term: Term, months: int) -> int:
    """Row by row, each in a transaction of its own: one that cannot be ended leaves the others alone."""
    done = failed = 0
    for row in list(over(term, months)[:AT_ONCE]):
        try:
            term.end(row)
            done += 1
        except (DatabaseError, Refused, PermissionDenied):
            log.exception("retention failed", extra={"kind": term.key, "row": row.pk})
            failed += 1
    if done or failed:
        RetentionRun.objects.create(kind=term.key, months=months, done=done, failed=failed)
    return done


def review() -> int:
    """People whose documents the law kept, and keeps no longer, are erased from them too. Returns how many."""
    due = Erasure.objects.filter(review_on__lt=timezone.localdate()).order_by("pk")[:AT_ONCE]
    done = 0
    for erasure in due:
        if erasure.subject is not None:
            erase_quietly(erasure.subject)
            done += 1
        Erasure.objects.filter(pk=erasure.pk, review_on=F("review_on")).update(review_on=None)
    return done
