"""The daily mail: what waits unread, once, to those who want it by mail."""

from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import ngettext

from activities import notifications
from activities.models import Notification, NotificationChoice
from core import identity, outbox
from people.models import User

#: A mail lists these many; the page has them all.
LISTED = 30


def send_digests() -> int:
    """Mail everybody what is unread and was not mailed yet. Returns how many mails were put in the post."""
    waiting = _waiting().values_list("user_id", flat=True).distinct()
    return sum(_send(user) for user in User.objects.filter(pk__in=waiting, is_active=True).exclude(email=""))


def _waiting() -> Any:
    """What is unread, unmailed, and of a kind its reader wants by mail."""
    unwanted = NotificationChoice.objects.filter(user=OuterRef("user"), kind=OuterRef("kind"), mailed=False)
    return Notification.objects.filter(~Exists(unwanted), read_at=None, mailed_at=None)


def _send(user: User) -> bool:
    with transaction.atomic(), translation.override(user.language):
        rows = list(_waiting().filter(user=user).select_for_update(skip_locked=True).order_by("-at", "-pk"))
        # What has become invisible meanwhile is named nowhere.
        told = [one for one in notifications.told(rows, user) if one.url]
        Notification.objects.filter(pk__in=[row.pk for row in rows]).update(mailed_at=timezone.now())
        if not told:
            return False
        heading = ngettext("%(n)d new notification", "%(n)d new notifications", len(told)) % {"n": len(told)}
        context = {
            "heading": heading,
            "told": told[:LISTED],
            "more": max(len(told) - LISTED, 0),
            "base": settings.BASE_URL,
            "url": f"{settings.BASE_URL}{reverse('activities:notifications')}",
            "language": user.language,
            "company": identity.own(),
        }
        outbox.send_mail(
            key=f"digest-{user.pk}-{rows[0].pk}",
            subject=user,
            to=[user.email],
            title=heading,
            text=render_to_string("activities/mail/digest.txt", context).strip() + "\n",
            html=render_to_string("activities/mail/digest.html", context),
        )
        return True
