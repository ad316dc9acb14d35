"""The relay: from events to reactions, each exactly once."""

import logging
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from core.outbox.waking import BACK_OFF, kick

log = logging.getLogger(__name__)

Reaction = Callable[[Any], Any]
_reactions: dict[str, tuple[Reaction, ...]] = {}
_followers: list[tuple[Callable[[Any], bool], Reaction]] = []


def install_reactions(table: dict[str, tuple[Reaction, ...]]) -> None:
    """Install the one table of `zencrm/reactions.py`."""
    _reactions.clear()
    _reactions.update(table)


def follow(wants: Callable[[Any], bool], tell: Reaction) -> None:
    """Let somebody hear of events of any name: `wants(event)` when it is written, `tell(event)` in the relay's transaction."""
    if (wants, tell) not in _followers:
        _followers.append((wants, tell))


def stamp(event: Any) -> None:
    """An event nobody waits for is done at once; the others wake the relay after the commit."""
    if event.name in _reactions or any(wants(event) for wants, _tell in _followers):
        transaction.on_commit(partial(kick, "core.relay"), robust=True)
    else:
        event.dispatched_at = timezone.now()


def relay(limit: int = 1000) -> int:
    """Run the reactions of waiting events, oldest first, one transaction each; any number of relays may run at once.

    Returns the number of events done.
    """
    done = 0
    for _turn in range(limit):
        outcome = _relay_one()
        if outcome is None:
            break
        done += outcome
    return done


def _relay_one() -> bool | None:
    """True when an event was done, False when it failed and waits, None when there is nothing to do."""
    from core.models import Event

    with transaction.atomic():
        event = Event.objects.waiting().select_for_update(skip_locked=True).first()
        if event is None:
            return None
        try:
            with transaction.atomic():
                for reaction in (*_reactions.get(event.name, ()), *(tell for _wants, tell in _followers)):
                    reaction(event)
        except Exception as error:  # whatever a reaction raises, the others go on and a person sees this one
            log.exception("reaction failed", extra={"happened": event.name, "event_id": event.pk})
            wait = BACK_OFF[min(event.attempts, len(BACK_OFF) - 1)]
            next_try = timezone.now() + timedelta(seconds=wait)
            Event.objects.filter(pk=event.pk).update(
                attempts=F("attempts") + 1, last_error=repr(error)[:2000], next_try_at=next_try
            )
            return False
        Event.objects.filter(pk=event.pk).update(
            dispatched_at=timezone.now(), attempts=F("attempts") + 1, last_error=""
        )
        return True


def retry(events: Any) -> int:
    """Let events whose reactions have failed or wait be tried again now. Returns how many there are."""
    found = events.filter(dispatched_at=None).update(next_try_at=timezone.now())
    if found:
        transaction.on_commit(partial(kick, "core.relay"), robust=True)
    return int(found)
