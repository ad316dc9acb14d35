"""What people do about records: schedule, complete and reopen activities, leave notes with files."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from activities import notifications
from activities.models import Activity, Note, Plan
from core import access, history
from core.lifecycle import Refused
from core.models import File
from core.uploads import Upload
from people.workdays import is_working_day


def schedule(
    *,
    subject: models.Model,
    summary: str,
    by: access.Actor,
    due_on: date | None = None,
    kind: str = Activity.Kind.TASK,
    owner: Any = None,
    plan: Plan | None = None,
) -> Activity:
    """Plan the next thing to do about a record. It is `by`'s own unless `owner` is given; due today unless said."""
    _need(by, "activities.add_activity")
    owner = owner or access.user_of(by)
    if owner is None or not owner.is_active:
        raise Refused(_("Say who is to do it."))
    with transaction.atomic(), history.acting(by):
        activity = Activity(
            subject_type=ContentType.objects.get_for_model(subject),
            subject_id=subject.pk,
            summary=summary,
            kind=kind,
            due_on=due_on or timezone.localdate(),
            owner=owner,
            plan=plan,
        )
        activity.full_clean()
        activity.save()
        history.record("activity.scheduled", activity, by=by)
    return activity


def start_plan(*, plan: Plan, subject: models.Model, by: access.Actor, on: date | None = None) -> list[Activity]:
    """Schedule every step of a plan for whoever starts it, on working days counted from `on` (default: today).

    Refused while activities of the same plan are still to be done about the record, and for a plan without steps.
    """
    _need(by, "activities.add_activity")
    owner = access.user_of(by)
    steps = list(plan.steps.all())
    if owner is None or not steps or not Plan.objects.fitting(subject).filter(pk=plan.pk).exists():
        raise Refused(_("This plan cannot be started here."))
    start = on or timezone.localdate()
    with transaction.atomic(), history.acting(by):
        Plan.objects.select_for_update().get(pk=plan.pk)  # two clicks start it once
        if Activity.objects.about(subject).open().filter(plan=plan).exists():
            raise Refused(_("This plan is under way here already."))
        return [
            schedule(
                subject=subject,
                summary=step.summary,
                kind=step.kind,
                due_on=working_day(start, step.days),
                plan=plan,
                by=by,
            )
            for step in steps
        ]


def working_day(start: date, days: int) -> date:
    """The day that many working days after `start`, by the Italian calendar; `start` itself, or the next, for none."""
    found, left = start, days
    while left or not is_working_day(found):
        left -= is_working_day(found)
        found += timedelta(days=1)
    return found


def complete(*, activity: Activity, by: access.Actor, outcome: str = "") -> Activity:
    """Mark an activity as done, with what came of it. Doing it twice is refused."""
    _need(by, "activities.change_activity")
    with transaction.atomic(), history.acting(by):
        locked = _locked(activity)
        if locked.done_at is not None:
            raise Refused(_("This was done already."))
        locked.done_at, locked.outcome = timezone.now(), outcome
        locked.full_clean()
        locked.save(update_fields=["done_at", "outcome", "updated_at"])
        history.record("activity.completed", locked, by=by, data={"note": outcome})
    return locked


def reopen(*, activity: Activity, by: access.Actor) -> Activity:
    """Take back that an activity was done."""
    _need(by, "activities.change_activity")
    with transaction.atomic(), history.acting(by):
        locked = _locked(activity)
        if locked.done_at is None:
            raise Refused(_("This is still to be done."))
        locked.done_at = None
        locked.save(update_fields=["done_at", "updated_at"])
        history.record("activity.reopened", locked, by=by)
    return locked


def add_note(*, subject: models.Model, body: str, by: access.Actor, files: Iterable[Upload] = ()) -> Note:
    """Leave a note, with files, in a record's timeline; whom it names as @username is told, if they may see the record.

    The note's `untold` are those named who may not.
    """
    _need(by, "activities.add_note")
    author = access.user_of(by)
    if author is None:
        raise Refused(_("Only people with an account leave notes."))
    with transaction.atomic():
        note = Note(
            subject_type=ContentType.objects.get_for_model(subject), subject_id=subject.pk, author=author, body=body
        )
        note.full_clean()
        note.save()
        note.files.add(*(File.store(name=file.name, mime=file.mime, content=file.content) for file in files))
        note.untold = notifications.tell_of_note(note, subject, by)
    return note


def _locked(activity: Activity) -> Activity:
    return Activity._base_manager.select_for_update(of=("self",)).get(pk=activity.pk)


def _need(by: access.Actor, permission: str) -> None:
    if not access.may(by, permission):
        raise PermissionDenied(_("You have no right to do this."))
