"""Mailings that wait for their hour: until then they can be called off, then they go out once."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import access
from core.access import JOB
from core.lifecycle import Refused
from leads.models import Mailing
from leads.nurture import audience, hours, mailings

#: How far ahead somebody may plan.
AHEAD = timedelta(days=366)


def schedule(*, mailing: Mailing, by: access.Actor, on: date, hour: int) -> Mailing:
    """Let it go out on that day at that hour (our time zone), in the words it has now, to whom belongs to the segment then.

    Raises `PermissionDenied`, `Refused`.
    """
    access.demand(by, mailings.SEND)
    audience.rows_of(mailing.segment, access.user_of(by))  # a filter that makes no sense is said now
    at = moment(on, hour)
    if problem := wrong(at):
        raise Refused(problem)
    mailing.schedule(by=by, at=at, editions=mailings.editions_of(mailing))
    return mailing


def moment(on: date, hour: int) -> datetime:
    return timezone.make_aware(datetime.combine(on, time(hour)))


def wrong(at: datetime) -> str:
    """Why nothing can be scheduled for then, "" where it can."""
    if at <= timezone.now():
        return _("This moment is over already.")
    if at > timezone.now() + AHEAD:
        return _("This is more than a year ahead.")
    return ""


def offered() -> datetime:
    """The next full hour of working time that leaves an hour to think again."""
    later = timezone.localtime(timezone.now() + timedelta(hours=2)).replace(minute=0, second=0, microsecond=0)
    return timezone.localtime(hours.opening(hours.OFFICE, later))


def start_due() -> int:
    """Start what is due, each in a transaction of its own: a worker that dies starts it again, or has started it."""
    found = 0
    while (pk := _next()) is not None:
        found += _start(pk)
    return found


def _next() -> int | None:
    due = Mailing.objects.filter(state=Mailing.State.SCHEDULED, scheduled_for__lte=timezone.now())
    return due.order_by("scheduled_for", "pk").values_list("pk", flat=True).first()


def _start(pk: int) -> bool:
    """Whether it was started; what cannot be sent goes back to its owner, who is told."""
    with transaction.atomic():
        rows = Mailing.objects.select_for_update(of=("self",)).select_related("segment", "purpose", "owner")
        mailing = rows.filter(pk=pk, state=Mailing.State.SCHEDULED, scheduled_for__lte=timezone.now()).first()
        if mailing is None:  # somebody was faster: called off, or started by another worker
            return False
        try:
            with transaction.atomic():
                access.demand(mailing.owner or access.Customer("", ""), mailings.SEND)
                mailings.someone_in(mailing, mailing.owner)
                mailing.send(by=JOB, editions=mailing.editions)
        except PermissionDenied:
            mailing.call_off(by=JOB, reason=_("Whoever scheduled it may not send mailings any more."))
        except Refused as refusal:
            mailing.call_off(by=JOB, reason=str(refusal)[:500])
        else:
            return True
        return False


def said(mailing: Any) -> str:
    """When it goes out, in words."""
    at = timezone.localtime(mailing.scheduled_for)
    words = _("It goes out on %(when)s.") % {"when": hours.in_words(at)}
    if hours.opening(hours.OFFICE, at) > at:
        words += " " + _("That is outside of working hours.")
    return words
