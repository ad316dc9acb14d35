"""What one has to do, as a calendar that phones and desks subscribe to (iCalendar, RFC 5545), at a private address.

The address is the key: whoever has it reads the calendar without signing in. Only a hash of it is kept, so it is shown once;
making a new one closes the old.
"""

import secrets
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from activities import reports
from activities.models import Activity, CalendarFeed
from core.models.api import digest
from people.models import User

#: Days that something undone stays in the calendar, and days that it looks ahead.
BEHIND, AHEAD = 60, 365
MOST = 1000


def open_feed(user: User) -> str:
    """A new private address for this user's calendar; the old one leads nowhere from now on. Returns its key."""
    key = secrets.token_urlsafe(32)
    CalendarFeed.objects.update_or_create(user=user, defaults={"key_hash": digest(key), "created_at": timezone.now()})
    return key


def close_feed(user: User) -> bool:
    """Whether there was an address to close."""
    return bool(CalendarFeed.objects.filter(user=user).delete()[0])


def reader_of(key: str) -> User | None:
    """Whose calendar this key opens; nobody's once they have left."""
    feed = CalendarFeed.objects.filter(key_hash=digest(key), user__is_active=True).select_related("user").first()
    return feed.user if feed else None


def calendar_of(user: User) -> bytes:
    """The user's open activities as days of a calendar, in their language; records they may not see are not named."""
    from icalendar import Calendar  # 3 MB, which only those carry who serve a calendar

    today = timezone.localdate()
    rows = Activity.objects.filter(owner=user, due_on__range=(today - timedelta(BEHIND), today + timedelta(AHEAD)))
    with translation.override(user.language):
        found = Calendar()
        found.add("prodid", "-//ZenCRM//Activities//EN")
        found.add("version", "2.0")
        found.add("x-wr-calname", _("ZenCRM: my activities"))
        found.add("refresh-interval;value=duration", "PT1H")
        for task in reports.with_subjects(rows.open().order_by("due_on", "pk")[:MOST], user):
            found.add_component(_day(task))
    return bytes(found.to_ical())


def _day(task: Any) -> Any:
    from icalendar import Event

    activity = task.activity
    found = Event()
    found.add("uid", f"activity-{activity.pk}@{settings.BASE_URL.partition('://')[2]}")
    found.add("dtstamp", activity.updated_at)
    found.add("last-modified", activity.updated_at)
    found.add("dtstart", activity.due_on)
    found.add("dtend", activity.due_on + timedelta(days=1))
    found.add("transp", "TRANSPARENT")
    found.add("summary", f"{activity.get_kind_display()}: {activity.summary}")
    if task.subject is not None:
        found.add("description", str(task.subject))
    found.add("url", f"{settings.BASE_URL}{activity.get_absolute_url()}")
    return found
