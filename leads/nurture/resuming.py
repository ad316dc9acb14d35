"""Sequences go on where they were when what stopped them was undone."""

from datetime import datetime
from typing import Any

from django.db import transaction

from core.access import JOB
from core.models import Event
from leads.models import Enrolment, Lead, Sequence

State = Enrolment.State


def on_undoing(event: Any) -> None:
    """Reaction to `lead.unconverted`: whoever the conversion stopped is at the same step again, due when it was due.

    Time went on meanwhile: a step whose day has passed is due now. Whoever was paused is paused, and what was stopped for
    another reason stays stopped.
    """
    lead = event.subject
    if lead is None or lead.state != Lead.State.QUALIFIED or (since := _converted(event)) is None:
        return
    with transaction.atomic():
        stopped = Enrolment.objects.select_for_update(of=("self",)).filter(
            subject_type_id=event.subject_type_id, subject_id=event.subject_id, state=State.STOPPED, ended_at__gte=since
        )
        for enrolment in stopped.filter(why=Enrolment.Why.CONVERTED).exclude(sequence__state=Sequence.State.CLOSED):
            was_paused = _came_from(enrolment) == State.PAUSED
            enrolment.take_up(by=JOB)
            if was_paused:
                enrolment.pause(by=JOB)


def _converted(event: Any) -> datetime | None:
    """When the conversion was, that this event has undone."""
    about = Event.objects.filter(subject_type_id=event.subject_type_id, subject_id=event.subject_id)
    last = about.filter(name="lead.converted", pk__lt=event.pk).order_by("-pk").first()
    return last.at if last else None


def _came_from(enrolment: Enrolment) -> str:
    """The state in which it was stopped."""
    stops = Event.objects.about(enrolment).filter(name="enrolment.stopped").order_by("-pk")
    return stops.values_list("source", flat=True).first() or State.ACTIVE
