"""Scoring many leads: read and locked, judged, and written while the next are judged."""

import json
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone
from psycopg import Connection

from core import outbox
from leads.models import Lead, LeadScore
from leads.scoring import blending, happenings, inputs, looking, rules, versions
from leads.scoring.learning import fields, values
from leads.scoring.rules import COLUMNS, facts, judge
from parties import matching

#: Leads judged and written at once; while these are written, the next are judged.
CHUNK = 1000
#: What is the same stays as it is but for the edition: no index has to know.
_UPDATE = """
    UPDATE leads_leadscore AS old
       SET score = new.score, score_reasons = new.reasons, scored_with = %(edition)s,
           scored_at = CASE WHEN (old.score, old.score_reasons) IS DISTINCT FROM (new.score, new.reasons)
                            THEN %(now)s ELSE coalesce(old.scored_at, %(now)s) END
      FROM jsonb_to_recordset(%(scores)s) AS new (id bigint, score smallint, reasons jsonb)
     WHERE old.lead_id = new.id
"""


def edition() -> str:
    """Which rules these are: another one for every change of the rules, of the code that judges, of what was learnt, and of
    the time zone."""
    learnt = versions.blend()
    stamps = f"{rules.current().stamp}|{learnt.stamp if learnt else ''}"
    return sha256(_code() + stamps.encode()).hexdigest()[:16]


@lru_cache(maxsize=1)
def _code() -> bytes:
    files = (rules, looking, happenings, matching, blending, inputs, fields, values)
    text = b"".join(Path(str(file.__file__)).read_bytes() for file in files)
    return sha256(text + settings.TIME_ZONE.encode()).digest()


def score_of(columns: Mapping[str, Any], happened: Any = None) -> tuple[int, list[dict[str, Any]]]:
    """The score of a lead and what it is made of, of its columns as the database gives them and what has happened since."""
    score, reasons = judge(facts(columns, happened=happened))
    learnt = versions.blend()
    return learnt.judge(columns, reasons) if learnt else (score, reasons)


def score_all(leads: Any = None, *, batch: int = 5000) -> int:
    """Score whatever of the given leads (all of them by default) has changed since it was scored, or was scored by other rules.

    A batch per transaction. Returns how many were scored.
    """
    rows = LeadScore.objects.all() if leads is None else LeadScore.objects.filter(lead__in=leads)
    stale = rows.filter(Q(scored_at=None) | ~Q(scored_with=edition()))
    done, last = 0, 0
    while pks := list(stale.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:batch]):
        done += _score(LeadScore.objects.filter(pk__in=pks))
        last = pks[-1]
    return done


def waiting() -> tuple[int, int]:
    """How many leads are not yet scored by the rules in use, and how many there are: counted only where any waits."""
    rules = edition()
    # As two sides: an index finds what is before and after a word, not what is another one.
    stale = LeadScore.objects.filter(Q(scored_at=None) | Q(scored_with__lt=rules) | Q(scored_with__gt=rules)).count()
    return stale, LeadScore.objects.count() if stale else 0


def score_waiting(*, batch: int = 2000) -> int:
    """Score every lead that waits for it. Any number of workers may do this at once: each takes what no other holds."""
    done = 0
    while found := _score(LeadScore.objects.filter(scored_at=None), limit=batch):
        done += found
    return done


def ask_again(leads: Sequence[int]) -> int:
    """Something has happened that is written nowhere on these leads: they wait for a new score. Returns how many."""
    return LeadScore.objects.filter(pk__in=leads).update(scored_at=None)


def score_on_event(event: Any) -> None:
    """Reaction: a lead that has just come in, or been qualified, is scored at once."""
    _score(LeadScore.objects.filter(pk=event.subject_id))


def score_soon() -> None:
    """Wake a worker once the present transaction is through; the schedule would find the lead a minute later."""
    transaction.on_commit(lambda: outbox.kick("leads.score_waiting"), robust=True)


def _score(scores: Any, limit: int | None = None) -> int:
    """One transaction: lock, read, judge, write. A thread of its own writes what is judged, on the same connection.

    Scores are locked before leads are read: who edits a lead meanwhile waits here with `ask_for_score`, and asks again.
    """
    with transaction.atomic(), ThreadPoolExecutor(max_workers=1, thread_name_prefix="scores") as writer:
        rows = scores.select_for_update(skip_locked=limit is not None).order_by("pk").values_list("pk", flat=True)
        pks = list(rows[:limit] if limit else rows)
        found = list(Lead.objects.filter(pk__in=pks).order_by("pk").values_list(*COLUMNS))
        writing: Future[None] | None = None
        rules_now, asked = edition(), rules.current().happens  # the other thread remembers its own
        for start in range(0, len(found), CHUNK):
            judged = _written(found[start : start + CHUNK], asked)
            if writing:
                writing.result()
            writing = writer.submit(_write, connection.connection, judged, rules_now)
        if writing:
            writing.result()
    return len(found)


def _write(raw: "Connection[Any]", scores: str, rules_now: str) -> None:
    with raw.cursor() as cursor:
        cursor.execute(_UPDATE, {"edition": rules_now, "now": timezone.now(), "scores": scores})


def _written(rows: Sequence[tuple[Any, ...]], asked: Iterable[str]) -> str:
    """The scores of these leads as one JSON text: an array of texts would be quoted letter by letter."""
    happened = happenings.of([row[0] for row in rows], asked)
    return "[" + ",".join([_one(row, happened.get(row[0])) for row in rows]) + "]"


def _one(row: tuple[Any, ...], happened: Any) -> str:
    score, reasons = score_of(dict(zip(COLUMNS, row, strict=True)), happened)
    written = ",".join([_reason(reason["key"], reason["points"], reason["value"]) for reason in reasons])
    return f'{{"id":{row[0]},"score":{score},"reasons":[{written}]}}'


@lru_cache(maxsize=65_536)
def _reason(key: str, points: int, value: str) -> str:
    """One contribution as JSON; most are the same from lead to lead."""
    return json.dumps({"key": key, "points": points, "value": value})
