"""Waking a worker. Nothing hangs on it: the schedule finds whatever nobody was woken for."""

import logging
import time
from typing import Any

from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)

#: Seconds between two warnings that the broker is away.
SILENCE = 60
_silent_until = 0.0
#: Wait before the next try, by number of tries made; after the last one a person is asked.
BACK_OFF = (30, 120, 600, 3600, 4 * 3600, 24 * 3600)


def kick(task: str, *, after: float = 0, **kwargs: Any) -> None:
    """Wake a worker now, or `after` so many seconds; if the broker is away, the schedule finds the work later."""
    from celery import current_app

    try:
        current_app.send_task(task, kwargs=kwargs, countdown=after or None)
    except (OperationalError, ConnectionError, OSError) as error:
        _say_that_the_broker_is_away(task, error)


def _say_that_the_broker_is_away(task: str, error: Exception) -> None:
    """Once in a while, not at every act of a long run without a broker."""
    global _silent_until
    if time.monotonic() >= _silent_until:
        _silent_until = time.monotonic() + SILENCE
        log.warning("broker away, work stays in the database", extra={"task": task, "error": str(error)})
