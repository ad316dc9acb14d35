"""The steps of sequences, taken when they are due: each once per person, many at a time, whatever happens to the worker.

A step is taken in one transaction with the mail it posts and the move to the next step, under a lock of the person's place in
the sequence: a worker that dies leaves all of it or nothing.
"""

import logging
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from core import history
from core.access import JOB
from leads.models import Enrolment, Sequence, SequenceStep
from leads.nurture import answers, hours, letters, sending, stopping
from leads.nurture.enrolling import wait_of

log = logging.getLogger(__name__)

#: People of one transaction; how long somebody waits whose step could not be taken because of an error of ours.
BATCH, AGAIN = 100, timedelta(hours=1)


def take_due() -> int:
    """Take every step that is due. Returns how many were taken."""
    found = 0
    while done := _batch():
        found += done
    return found


def _batch() -> int:
    with transaction.atomic(), history.acting(JOB):
        due = list(Enrolment.objects.due().select_for_update(of=("self",), skip_locked=True)[:BATCH])
        by_sequence: dict[int, list[Enrolment]] = {}
        for enrolment in due:
            by_sequence.setdefault(enrolment.sequence_id, []).append(enrolment)
        for pk, enrolments in by_sequence.items():
            sequence = Sequence.objects.select_related("purpose", "measuring", "owner").get(pk=pk)
            _go_on(sequence, enrolments)
        return len(due)


def _go_on(sequence: Sequence, enrolments: list[Enrolment]) -> None:
    now = timezone.now()
    if (opens := hours.opening(sequence, now)) > now:
        Enrolment.objects.filter(pk__in=[e.pk for e in enrolments]).update(due_at=opens)
        return
    facts = stopping.Facts.of(sequence, enrolments)
    steps = list(sequence.steps.select_related("template"))
    ends = stopping.Ends()
    for enrolment in enrolments:
        if why := facts.why_stop(enrolment):
            ends.stopped(enrolment, why)
        elif not _tried(sequence, enrolment, steps, facts):
            ends.done(enrolment)
    Enrolment.objects.bulk_update(enrolments, ["step", "position", "due_at", "problem"])
    ends.write()


def _tried(sequence: Sequence, enrolment: Enrolment, steps: list[SequenceStep], facts: stopping.Facts) -> bool:
    """Take the step that is due; False at the end. One person's trouble holds up nobody else: it is shown and tried again."""
    try:
        with transaction.atomic():
            return _take(sequence, enrolment, steps, facts)
    except Exception as error:
        log.exception("step not taken", extra={"enrolment": enrolment.pk})
        enrolment.problem, enrolment.due_at = repr(error)[:2000], timezone.now() + AGAIN
        return True


def _take(sequence: Sequence, enrolment: Enrolment, steps: list[SequenceStep], facts: stopping.Facts) -> bool:
    """Take the step that is due, and say which one comes next; False where none does."""
    step = _present(enrolment, steps)
    enrolment.problem = ""
    if step is None or step.action == SequenceStep.Action.END:
        return False
    following = next((other for other in steps if other.position > step.position), None)
    if step.action == SequenceStep.Action.MAIL:
        _mail(sequence, enrolment, step, facts)
    else:
        following = answers.branch(step, steps, following, enrolment, facts.person(enrolment))
    if following is None:
        return False
    enrolment.step, enrolment.position = following, following.position
    enrolment.due_at = hours.opening(sequence, timezone.now() + wait_of(following))
    return True


def _present(enrolment: Enrolment, steps: list[SequenceStep]) -> SequenceStep | None:
    """The step they are at; where it was taken out meanwhile, the one that has its place now."""
    at = next((step for step in steps if step.pk == enrolment.step_id), None)
    return at or next((step for step in steps if step.position >= enrolment.position), None)


def _mail(sequence: Sequence, enrolment: Enrolment, step: SequenceStep, facts: stopping.Facts) -> None:
    """Post the step's mail, unless it was posted before: steps that were put in another order are not taken twice."""
    if enrolment.sends.filter(step=step).exists():
        return
    person = facts.person(enrolment)
    edition = letters.edition_of(step.template, letters.language_of(person))  # type: ignore[arg-type]
    sending.post(
        person,
        edition=edition,
        purpose=sequence.purpose,
        measuring=sequence.measuring if person.pk in facts.measured else None,
        sender=enrolment.owner or sequence.owner,
        enrolment=enrolment,
        step=step,
    )
