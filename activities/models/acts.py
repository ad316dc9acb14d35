"""What people do about a record: tasks, calls and meetings to come, notes and files left behind."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Self

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.access import RecordQuerySet
from core.history import tracked
from core.models import File, Record
from core.models.subjects import About, AboutRows, ForKind, ForKindQuerySet


class Plan(ForKind):
    """A named set of activities, started on a record with one click."""

    name = models.CharField(_("name"), max_length=80, unique=True)

    objects = ForKindQuerySet.as_manager()

    class Meta:
        verbose_name = _("activity plan")
        verbose_name_plural = _("activity plans")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class ActivityQuerySet(AboutRows, RecordQuerySet):
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
            models.Index(fields=["due_on", "id"], name="activity_by_day"),
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
        ordering = ("-created_at", "-pk")
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "-created_at"], name="note_of_subject"),
            models.Index(fields=["-created_at", "-id"], name="note_newest"),
        ]

    def __str__(self) -> str:
        return self.body[:60]
