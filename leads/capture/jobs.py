"""The job that makes leads of what came in: one submission per transaction, so that a crash loses and doubles nothing."""

import logging
import time
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from core.lifecycle import Refused
from leads.capture import asking, inputs, intake, mailing, opting
from leads.capture.inputs import Cleaned
from leads.capture.intake import Facts
from leads.models import Campaign, Capture, Touch

log = logging.getLogger(__name__)

#: Submissions asked for at a time, seconds after which the rest waits for the next turn, and tries before a person is asked.
BATCH, SECONDS, TRIES = 200, 50, 5


class Impossible(Exception):
    """No lead can be made of it, however often it is tried."""


def take_in_captures() -> int:
    """Make leads of what waits, oldest first; any number of workers may do so at once. Returns how many were taken in."""
    done, until, seen = 0, time.monotonic() + SECONDS, 0
    while time.monotonic() < until:
        waiting = list(Capture.objects.due().filter(pk__gt=seen).values_list("pk", flat=True)[:BATCH])
        if not waiting:
            break
        for pk in waiting:
            seen = pk
            done += take_in(pk)
            if time.monotonic() > until:
                break
    return done


def take_in(pk: int) -> bool:
    """One submission; False where somebody else has it, or it did not work."""
    try:
        told = _told_elsewhere(pk)
        with transaction.atomic():
            rows = Capture.objects.due().select_for_update(skip_locked=True, of=("self",))
            capture = rows.select_related("form__campaign", "by").filter(pk=pk).first()
            if capture is None:
                return False
            _make(capture, told)
        return True
    except Impossible as error:
        _failed(pk, str(error), final=True)
    except asking.NoAnswer as error:
        _failed(pk, str(error))
    except Exception as error:  # one submission must not stop those behind it
        log.exception("submission cannot be taken in", extra={"capture": pk})
        _failed(pk, repr(error))
    return False


def _told_elsewhere(pk: int) -> dict[str, str]:
    """What a social network tells of it, asked before anything is locked."""
    waiting = Capture.objects.due().filter(pk=pk, payload__has_key="fetch").first()
    return asking.answers(waiting) if waiting is not None else {}


def _make(capture: Capture, told: dict[str, str]) -> None:
    with override(capture.form.language if capture.form else None):
        lead, _is_new = intake.take_in(facts_of(capture, told))
        opting.agree(lead, capture)
        mailing.put_on_lead(lead, capture)
    capture.lead, capture.state, capture.why = lead, Capture.State.TAKEN, ""
    capture.save(update_fields=["lead", "state", "why"])


def facts_of(capture: Capture, told: dict[str, str]) -> Facts:
    """What the payload says. What a form cleans was right when it was sent; what was stopped then is judged now."""
    sent = {**capture.payload.get("fields", {}), **told}
    form = capture.form
    if form is None or capture.channel == Touch.Channel.SOCIAL:
        values, further = inputs.of_any_lead(sent)
        if not values:
            raise Impossible("nothing that a lead could be made of")
        return Facts(capture, values, {}, further, _campaign(capture))
    door = inputs.door(form.token) or inputs.door_of(form)
    cleaned: Cleaned = inputs.clean(door, sent)
    if cleaned.errors:
        raise Impossible("; ".join(f"{name}: {' '.join(told)}" for name, told in cleaned.errors.items())[:300])
    further = {name: value for name, value in sent.items() if name not in door.fields}
    return Facts(capture, cleaned.values, cleaned.custom, further, form.campaign)


def _campaign(capture: Capture) -> Campaign | None:
    """That of the form, or the one that was chosen by whoever typed it in."""
    if capture.form is not None:
        return capture.form.campaign
    return Campaign.objects.filter(pk=capture.payload.get("campaign")).first()


def _failed(pk: int, why: str, *, final: bool = False) -> None:
    """Tried again later and later; in the end a person looks at it."""
    with transaction.atomic():
        capture = Capture.objects.select_for_update().filter(pk=pk, state=Capture.State.RECEIVED).first()
        if capture is None:
            return
        capture.attempts += 1
        capture.why = why[:300]
        if final or capture.attempts >= TRIES:
            capture.state = Capture.State.FAILED
        capture.next_try_at = timezone.now() + timedelta(seconds=30 * 4**capture.attempts)
        capture.save(update_fields=["attempts", "why", "state", "next_try_at"])


def try_again(capture: Capture, *, by: Any) -> None:
    """Take in what was stopped or has failed after all: somebody has looked at it."""
    with transaction.atomic():
        again = (Capture.State.STOPPED, Capture.State.FAILED)
        found = Capture.objects.select_for_update().filter(pk=capture.pk, state__in=again)
        if not found.update(state=Capture.State.RECEIVED, why="", attempts=0, next_try_at=timezone.now()):
            raise Refused(_("This submission waits already, or was taken in."))
    if not take_in(capture.pk):
        capture.refresh_from_db()
        raise Refused(str(capture.why_in_words))
