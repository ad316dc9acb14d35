"""My day: what a person has to do, with the records it is about."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from activities.models import Activity
from activities.subjects import visible_subjects

#: How far "coming" reaches, in days, and how many rows a group shows.
AHEAD = 14
MOST = 100


@dataclass(frozen=True)
class Task:
    """An activity and the record it is about, None where the reader may not see that."""

    activity: Activity
    subject: Any


@dataclass(frozen=True)
class Group:
    key: str
    title: str
    tasks: list[Task]


def my_day(user: Any, *, today: date | None = None) -> list[Group]:
    """Overdue first, then today, then the coming two weeks, each in order of the day; then what was done today."""
    today = today or timezone.localdate()
    rows = Activity.objects.visible_to(user).filter(owner=user).select_related("owner")
    open_rows = rows.open().filter(due_on__lte=today + timedelta(days=AHEAD)).order_by("due_on", "pk")[: 3 * MOST]
    done = rows.filter(done_at__date=today).order_by("-done_at")[:MOST]
    tasks = with_subjects([*open_rows, *done], user)
    groups = (
        ("overdue", _("Overdue"), lambda a: a.done_at is None and a.due_on < today),
        ("today", _("Today"), lambda a: a.done_at is None and a.due_on == today),
        ("coming", _("Coming"), lambda a: a.done_at is None and a.due_on > today),
        ("done", _("Done today"), lambda a: a.done_at is not None),
    )
    return [Group(key, title, [t for t in tasks if belongs(t.activity)][:MOST]) for key, title, belongs in groups]


def with_subjects(activities: Iterable[Activity], user: Any) -> list[Task]:
    """Each activity with its record, fetched per kind of record and only where the user may see it."""
    activities = list(activities)
    found = visible_subjects(activities, user)
    return [Task(activity, found.get((activity.subject_type_id, activity.subject_id))) for activity in activities]
