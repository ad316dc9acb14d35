"""Small pieces of HTML made in Python: used by the template tags and, for speed, by the cells of tables."""

from typing import Any
from zlib import crc32

from django.urls import NoReverseMatch
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from core import formats

#: The colour of the dot beside a state's name: grey waits, blue moves, green is good, red is bad, orange wants somebody.
STATE_COLOURS = {
    "new": "azure",
    "identified": "azure",
    "draft": "secondary",
    "planned": "secondary",
    "pending": "yellow",
    "working": "blue",
    "qualified": "indigo",
    "proposal": "blue",
    "negotiation": "purple",
    "pending_approval": "orange",
    "validated": "blue",
    "approved": "teal",
    "sent": "blue",
    "issued": "blue",
    "open": "blue",
    "in_progress": "blue",
    "in_flight": "blue",
    "sending": "blue",
    "active": "green",
    "contracted": "teal",
    "partly_paid": "yellow",
    "waiting": "orange",
    "on_hold": "orange",
    "paused": "orange",
    "stopped": "red",
    "accepted": "green",
    "converted": "green",
    "won": "green",
    "fulfilled": "green",
    "completed": "green",
    "resolved": "green",
    "delivered": "green",
    "received": "green",
    "renewed": "green",
    "paid": "green",
    "closed": "secondary",
    "superseded": "secondary",
    "credited": "secondary",
    "expired": "red",
    "declined": "red",
    "rejected": "red",
    "lost": "red",
    "cancelled": "red",
    "uploaded": "azure",
    "checking": "blue",
    "checked": "teal",
    "running": "blue",
    "done": "green",
    "undoing": "orange",
    "undone": "secondary",
    "terminated": "red",
    "failed": "red",
}
_PERSON_COLOURS = ("blue", "azure", "indigo", "purple", "pink", "orange", "teal", "green")


def badge(label: Any, colour: str = "secondary") -> SafeString:
    return format_html('<span class="state-badge"><i class="bg-{}"></i>{}</span>', colour, label)


def state_badge(state: str, label: Any) -> SafeString:
    """A state: a dot in its colour and, always, its name."""
    return badge(label, STATE_COLOURS.get(state, "secondary"))


def initials(name: str) -> str:
    words = name.split()
    return ((words[0][0] + words[-1][0]) if len(words) > 1 else name[:2]).upper() if words else "?"


def person(name: str, *, small: bool = True) -> SafeString:
    """A person: initials on a colour that stays the same, and the name."""
    if not name:
        return mark_safe('<span class="text-secondary">—</span>')
    return mark_safe(person_html(name))  # noqa: S308 - escaped inside


def person_html(name: str) -> str:
    colour = _PERSON_COLOURS[crc32(name.encode()) % len(_PERSON_COLOURS)]
    return (
        f'<span class="person"><span class="avatar avatar-xs avatar-{colour}" aria-hidden="true">'
        f"{escape(initials(name))}</span>{escape(name)}</span>"
    )


def date_hint(value: Any) -> SafeString:
    """An absolute date with how far it is from today."""
    if value is None:
        return SafeString("")
    return format_html(
        '<time datetime="{}">{}</time> <span class="text-secondary">{}</span>',
        value.isoformat(),
        formats.date(value),
        formats.relative(value),
    )


def show(value: Any) -> Any:
    """Any value as people read it: for attributes, figures and related rows."""
    import datetime as dt
    from decimal import Decimal

    if value is None or value == "":
        return mark_safe('<span class="text-secondary">—</span>')
    if isinstance(value, bool):
        from django.utils.translation import gettext

        return gettext("yes") if value else gettext("no")
    if hasattr(value, "amount") and hasattr(value, "currency"):
        return formats.money(value)
    if isinstance(value, dt.datetime):
        return formats.datetime(value)
    if isinstance(value, dt.date):
        return date_hint(value)
    if isinstance(value, int | float | Decimal):
        return formats.number(value)
    if hasattr(value, "get_full_name"):
        return person(value.get_full_name() or str(value))
    if hasattr(value, "get_absolute_url"):
        return linked(value)
    if isinstance(value, list | tuple):
        return ", ".join(str(v) for v in value)
    return value


def linked(record: Any) -> Any:
    """A record's name, leading to its page where it has one."""
    try:
        return format_html('<a href="{}">{}</a>', record.get_absolute_url(), record)
    except NoReverseMatch:
        return str(record)
