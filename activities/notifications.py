"""Who is told of what: one row per person and cause, written in the transaction of the cause, read on the bell's page.

`zencrm/notices.py` says which events concern whom. Nobody is told of their own acts, nor of what they may not see.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from activities import subjects
from activities.models import Notification, NotificationChoice
from core import access, formats, history
from core.models import Event
from people.models import User

Kind = Notification.Kind
MENTIONED = "note.mentioned"
_MENTION = re.compile(r"(?<![\w.@])@([\w.+-]{1,149}\w)")
#: The bell says "99+" beyond this.
MOST = 99


@dataclass(frozen=True)
class Notice:
    """An event that concerns somebody: `whom(event, subject)` gives the users."""

    kind: str
    whom: Callable[[Event, Any], Iterable[User]]


_notices: dict[str, Notice] = {}


def install(table: dict[str, Notice]) -> None:
    """Install the one table of `zencrm/notices.py`."""
    _notices.clear()
    _notices.update(table)


def owner(_event: Event, subject: Any) -> list[User]:
    """Whose record it is."""
    return [subject.owner] if subject.owner_id else []


def having(permission: str) -> models.QuerySet[User]:
    """Those whose role has the right; administrators, who have every right, are left in peace."""
    app, _dot, codename = permission.partition(".")
    right = Q(groups__permissions__codename=codename, groups__permissions__content_type__app_label=app)
    return User.objects.filter(right, is_active=True, is_superuser=False).distinct()


def holders(permission: str) -> Callable[[Event, Any], Iterable[User]]:
    """Whoever has the right, whatever the event is about."""
    return lambda _event, _subject: having(permission)


def notify(event: Event) -> None:
    """Reaction to every event of the table; runs in the relay's transaction."""
    notice, subject = _notices[event.name], event.subject
    if subject is None:
        return
    users = [user for user in notice.whom(event, subject) if user.pk != event.actor_id]
    tell(
        users,
        kind=notice.kind,
        name=event.name,
        subject=subject,
        actor_name=event.actor_name,
        cause=f"event-{event.pk}",
        at=event.at,
    )


def tell(
    users: Iterable[User],
    *,
    kind: str,
    name: str,
    subject: models.Model,
    actor_name: str,
    cause: str,
    at: datetime | None = None,
) -> list[User]:
    """Tell these people, each once per cause. Returns those who may not see the record and were therefore not told."""
    subject_type = ContentType.objects.get_for_model(subject)
    wanted, blind = [], []
    unwanted = set(_unwanted(kind))
    for user in {user.pk: user for user in users if user.is_active}.values():
        if not subjects.is_visible(subject_type, subject.pk, user):
            blind.append(user)
        elif user.pk not in unwanted:
            wanted.append(user)
    Notification.objects.bulk_create(
        (
            Notification(
                user=user, kind=kind, name=name, subject_type=subject_type, subject_id=subject.pk,
                actor_name=actor_name[:200], cause=cause,
                at=at or timezone.now(),
            )
            for user in wanted
        ),
        ignore_conflicts=True,
    )  # fmt: skip
    return blind


def _unwanted(kind: str) -> Iterable[int]:
    """Users who want to hear nothing of this kind, neither here nor by mail."""
    return NotificationChoice.objects.filter(kind=kind, shown=False, mailed=False).values_list("user_id", flat=True)


def mentioned(text: str) -> list[User]:
    """The active users a text names as @username, in any case."""
    names = {name.lower() for name in _MENTION.findall(text)}
    if not names:
        return []
    found = User.objects.filter(is_active=True).alias(name=models.functions.Lower("username"))
    return list(found.filter(name__in=names))


def tell_of_note(note: Any, subject: Any, by: access.Actor) -> list[User]:
    """Tell those whom a new note mentions. Returns those who may not see the record."""
    users = [user for user in mentioned(note.body) if user.pk != note.author_id]
    cause = f"note-{note.pk}"
    return tell(users, kind=Kind.MENTION, name=MENTIONED, subject=subject, actor_name=access.name_of(by), cause=cause)


# --- Reading --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Told:
    """A notification as its reader sees it."""

    pk: int
    at: Any
    who: str
    text: str
    about: str
    icon: str
    url: str
    unread: bool


def shown_to(user: Any) -> Any:
    """The notifications this user wants to see here."""
    silent = NotificationChoice.objects.filter(user=user, shown=False).values("kind")
    return Notification.objects.of(user).exclude(kind__in=silent)


def unread_count(user: Any) -> str:
    """How many wait, "99+" beyond 99, "" for none."""
    found = shown_to(user).unread().order_by()[: MOST + 1].count()
    return formats.up_to(found, MOST) if found else ""


def told(rows: Iterable[Notification], user: Any) -> list[Told]:
    """Rows in the reader's language. What they may no longer see is told without its name, and leads nowhere."""
    rows = list(rows)
    seen = subjects.visible_subjects(rows, user)
    return [_told(row, seen.get((row.subject_type_id, row.subject_id))) for row in rows]


def _told(row: Notification, subject: Any) -> Told:
    model: Any = ContentType.objects.get_for_id(row.subject_type_id).model_class()
    icon = getattr(model, "ICON", "bell")
    url = reverse("activities:notification", args=[row.pk]) if subject is not None else ""
    text = history.sentence(row.name, model)
    return Told(row.pk, row.at, row.actor_name, text, str(subject or ""), icon, url, row.read_at is None)


def read(rows: Any) -> int:
    """Mark these rows as read. Returns how many were not."""
    return int(rows.unread().update(read_at=timezone.now()))
