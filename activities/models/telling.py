"""Whom we tell of what, and the private address of a calendar."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from activities.models.acts import About


class NotificationQuerySet(models.QuerySet["Notification"]):
    def of(self, user: Any) -> Self:
        """What this person was told, newest first."""
        return self.filter(user=user).order_by("-at", "-pk")

    def unread(self) -> Self:
        return self.filter(read_at=None)


class Notification(About):
    """Something one person should know of: told once, kept until read."""

    class Kind(models.TextChoices):
        MENTION = "mention", _("Somebody mentions me in a note")
        ASSIGNED = "assigned", _("Somebody gives me something to do")
        APPROVAL = "approval", _("Something waits for my approval")
        MAIL = "mail", _("Somebody answers an e-mail of mine, or writes to me")
        OUTCOME = "outcome", _("What became of what is mine")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notifications")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    name = models.CharField(_("event"), max_length=80)
    actor_name = models.CharField(_("who"), max_length=200)
    #: What caused it ("event-12"): nobody is told twice of the same.
    cause = models.CharField(max_length=40)
    at = models.DateTimeField(_("at"), default=timezone.now)
    read_at = models.DateTimeField(_("read"), null=True)
    mailed_at = models.DateTimeField(_("mailed"), null=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        ordering = ("-at", "-pk")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["user", "cause"], name="nobody_is_told_twice")]
        indexes = [
            models.Index(fields=["user", "-at", "-id"], name="notification_of_user"),
            models.Index(fields=["user"], condition=Q(read_at=None), name="notification_unread"),
            models.Index(fields=["at"], condition=Q(read_at=None, mailed_at=None), name="notification_to_mail"),
        ]

    def __str__(self) -> str:
        return f"{self.name} → {self.user}"


class NotificationChoice(models.Model):
    """How somebody wants to be told of one kind of thing; without a row: in the application and by the daily mail."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(_("kind"), max_length=10, choices=Notification.Kind.choices)
    shown = models.BooleanField(_("in ZenCRM"), default=True)
    mailed = models.BooleanField(_("in the daily mail"), default=True)

    class Meta:
        verbose_name = _("notification setting")
        verbose_name_plural = _("notification settings")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["user", "kind"], name="one_choice_per_kind")]

    def __str__(self) -> str:
        return f"{self.user}: {self.kind}"


class CalendarFeed(models.Model):
    """The private address of somebody's calendar: only a hash of its key is kept."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("calendar address")
        verbose_name_plural = _("calendar addresses")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.user)
