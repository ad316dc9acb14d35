"""What the house writes down of itself: acts, and the last numbers given."""

from typing import Any, Self

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connections, models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import triggers
from core.models.documents import Thread
from core.models.subjects import AboutRows

#: `DISTINCT` would read a million names to tell the hundred that differ.
_NAMES = """
    WITH RECURSIVE known AS (
        (SELECT name FROM core_event ORDER BY name LIMIT 1)
        UNION ALL
        SELECT (SELECT name FROM core_event WHERE name > known.name ORDER BY name LIMIT 1) FROM known WHERE name IS NOT NULL
    )
    SELECT name FROM known WHERE name IS NOT NULL
"""


class EventQuerySet(AboutRows, models.QuerySet["Event"]):
    def about(self, subject: models.Model) -> Any:
        """Events of one record, newest first."""
        return super().about(subject).order_by("-at", "-pk")

    def waiting(self) -> Self:
        """Events whose reactions have not run yet and are due, oldest first."""
        return self.filter(dispatched_at=None, next_try_at__lte=timezone.now()).order_by("pk")

    def names(self) -> list[str]:
        """The name of every kind of event there is, whatever the rows before: from one to the next along the index."""
        with connections[self.db].cursor() as cursor:
            cursor.execute(_NAMES)
            return [name for (name,) in cursor.fetchall()]


class Event(models.Model):
    """One act: timeline, notification, webhook and outbox row in one. Append-only, also for raw SQL."""

    at = models.DateTimeField(_("at"), default=timezone.now)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    actor_name = models.CharField(_("who"), max_length=200)
    name = models.CharField(_("event"), max_length=80)
    subject_type = models.ForeignKey(ContentType, on_delete=models.PROTECT, related_name="+")
    subject_id = models.BigIntegerField()
    subject = GenericForeignKey("subject_type", "subject_id")
    thread = models.ForeignKey(Thread, on_delete=models.PROTECT, null=True, related_name="events")
    source = models.CharField(_("from"), max_length=20, blank=True)
    target = models.CharField(_("to"), max_length=20, blank=True)
    data = models.JSONField(_("facts"), default=dict, blank=True, encoder=DjangoJSONEncoder)
    dispatched_at = models.DateTimeField(_("dispatched"), null=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_try_at = models.DateTimeField(_("next try"), default=timezone.now)
    last_error = models.TextField(_("last error"), blank=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ("-at", "-pk")
        default_permissions = ("view",)
        permissions = [("see_costs", _("Can see costs and margins")), ("resend_event", _("Can send events again"))]
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "-at"], name="event_of_subject"),
            models.Index(fields=["thread", "-at"], name="event_of_thread"),
            models.Index(fields=["name", "id"], name="event_by_name"),
            models.Index(fields=["id"], condition=Q(dispatched_at=None), name="event_waiting"),
        ]
        triggers = [
            triggers.Undeletable(),
            triggers.Frozen(free=("dispatched_at", "attempts", "next_try_at", "last_error")),
        ]

    def __str__(self) -> str:
        return f"{self.name} #{self.subject_id}"


class Series(models.Model):
    """The last number given in a series and year."""

    code = models.CharField(_("code"), max_length=10)
    year = models.PositiveSmallIntegerField(_("year"))
    last = models.PositiveIntegerField(_("last number"))

    class Meta:
        verbose_name = _("number series")
        verbose_name_plural = _("number series")
        constraints = [models.UniqueConstraint(fields=["code", "year"], name="one_series_per_code_and_year")]

    def __str__(self) -> str:
        return f"{self.code} {self.year}"
