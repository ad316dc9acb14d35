"""What people do about a record: tasks, calls and meetings to come, notes and files left behind."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Self

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.access import RecordQuerySet
from core.history import tracked
from core.models import File, Record


class About(models.Model):
    """Something said of any record."""

    subject_type = models.ForeignKey(ContentType, on_delete=models.PROTECT, related_name="+", editable=False)
    subject_id = models.BigIntegerField(editable=False)
    subject = GenericForeignKey("subject_type", "subject_id")

    class Meta:
        abstract = True


class PlanQuerySet(models.QuerySet["Plan"]):
    def fitting(self, subject: models.Model) -> Self:
        """Plans in use for this kind of record, or for every kind."""
        kind = ContentType.objects.get_for_model(subject)
        return self.filter(Q(subject_type=None) | Q(subject_type=kind), is_active=True)


class Plan(models.Model):
    """A named set of activities, started on a record with one click."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    subject_type = models.ForeignKey(
        ContentType,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("only for"),
        help_text=_("Empty: for every kind of record."),
    )
    is_active = models.BooleanField(_("in use"), default=True)

    objects = PlanQuerySet.as_manager()

    class Meta:
        verbose_name = _("activity plan")
        verbose_name_plural = _("activity plans")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class ActivityQuerySet(RecordQuerySet):
    def about(self, subject: models.Model) -> Self:
        kind = ContentType.objects.get_for_model(subject)
        return self.filter(subject_type=kind, subject_id=subject.pk)

    def open(self) -> Self:
        return self.filter(done_at=None)

    def due_by(self, day: date) -> Self:
        return self.open().filter(due_on__lte=day)


@tracked()
class Activity(About, Record):
    """The next thing somebody has to do about a record."""

    ICON = "checkbox"

    class Kind(models.TextChoices):
        TASK = "task", _("Task")
        CALL = "call", _("Call")
        MEETING = "meeting", _("Meeting")
        EMAIL = "email", _("E-mail")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.TASK)
    summary = models.CharField(_("what to do"), max_length=200)
    due_on = models.DateField(_("due on"), default=date.today)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="activities", verbose_name=_("owner")
    )
    plan = models.ForeignKey(
        Plan, on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+", verbose_name=_("plan")
    )
    done_at = models.DateTimeField(_("done"), null=True, blank=True, editable=False)
    outcome = models.TextField(_("outcome"), blank=True, max_length=5000)

    objects = ActivityQuerySet.as_manager()

    class Meta:
        verbose_name = _("activity")
        verbose_name_plural = _("activities")
        ordering = ("due_on", "pk")
        indexes = [
            models.Index(fields=["subject_type", "subject_id"], name="activity_of_subject"),
            models.Index(fields=["owner", "due_on"], condition=Q(done_at=None), name="activity_my_day"),
        ]

    def __str__(self) -> str:
        return self.summary

    @property
    def is_overdue(self) -> bool:
        return self.done_at is None and self.due_on < timezone.localdate()


class PlanStep(models.Model):
    """One activity of a plan."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="steps", verbose_name=_("plan"))
    kind = models.CharField(_("kind"), max_length=10, choices=Activity.Kind.choices, default=Activity.Kind.TASK)
    summary = models.CharField(_("what to do"), max_length=200)
    days = models.PositiveSmallIntegerField(
        _("after working days"),
        default=0,
        validators=[MaxValueValidator(250)],
        help_text=_("0: on the day of the start"),
    )

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        ordering = ("days", "pk")

    def __str__(self) -> str:
        return self.summary


class Note(About):
    """A note in a record's timeline, with its files."""

    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("author")
    )
    body = models.TextField(_("note"), max_length=10000)
    files = models.ManyToManyField(File, blank=True, related_name="+", verbose_name=_("files"))
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    #: People a new note names who may not see the record: they were not told.
    untold: Sequence[Any] = ()

    class Meta:
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        ordering = ("-created_at",)
        indexes = [models.Index(fields=["subject_type", "subject_id", "-created_at"], name="note_of_subject")]

    def __str__(self) -> str:
        return self.body[:60]


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
