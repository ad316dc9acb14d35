"""Writing down what came in: one row by one statement, and a worker woken at most once a second."""

import hashlib
import json
import logging
import time
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from core import outbox
from leads.models import Capture

log = logging.getLogger(__name__)

JOB = "leads.take_in_captures"
#: Bytes of one submission, and of one text in it.
MOST_BYTES, LONGEST = 64 * 1024, 5_000

_INSERT = """
    INSERT INTO leads_capture (form_id, channel, key, digest, payload, ip, agent, received_at, state, why, attempts,
                               next_try_at, by_id)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 0, %s, %s)
    ON CONFLICT (form_id, key) DO NOTHING RETURNING id
"""


@dataclass(frozen=True)
class Kept:
    """The row of a submission: a new one, or the earlier one with this key. `same`: it says what that one said."""

    pk: int
    is_new: bool = True
    same: bool = True


def keep(
    *,
    form: int | None,
    channel: str,
    key: str,
    payload: dict[str, Any],
    ip: str | None = None,
    agent: str = "",
    why: str = "",
    by: int | None = None,
    digest: str = "",
) -> Kept:
    """Write one submission; with a `why`, as stopped. The same key of the same form is written once, whoever is faster."""
    text = json.dumps(plain(payload))
    digest = digest or hashlib.sha256(text.encode()).hexdigest()
    state = Capture.State.STOPPED if why else Capture.State.RECEIVED
    now = timezone.now()
    row = [form, channel, key, digest, text, ip, printable(agent)[:300], now, state.value, why, now, by]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, row)
        found = cursor.fetchone()
    if found is not None:
        if not why:
            transaction.on_commit(wake, robust=True)
        return Kept(found[0])
    pk, known = Capture.objects.filter(form=form, key=key).values_list("pk", "digest").get()
    return Kept(pk, is_new=False, same=known == digest)


def plain(value: Any) -> Any:
    """What JSON columns can hold: texts without NUL and halves of characters, nothing deep, nothing endless."""
    if isinstance(value, dict):
        return {printable(str(name))[:100]: plain(one) for name, one in list(value.items())[:200]}
    if isinstance(value, str):
        return printable(value, lines=True)[:LONGEST]
    if isinstance(value, bool | int) or value is None:
        return value if not isinstance(value, int) or abs(value) < 2**53 else str(value)[:40]
    return printable(str(value))[:200]


def printable(text: str, *, lines: bool = False) -> str:
    """Without what PostgreSQL cannot keep and people cannot read."""
    text = text.encode("utf-8", errors="replace").decode("utf-8")
    return "".join(c for c in text if c.isprintable() or (lines and c in "\n\t"))


_covered_until = 0.0
_AFTER = 1.0


def wake() -> None:
    """Wake a worker in a second, once for all that comes until then: waking costs more than writing."""
    global _covered_until
    now = time.monotonic()
    if now < _covered_until:
        return
    _covered_until = now + _AFTER * 0.9
    outbox.kick(JOB, after=_AFTER)
