"""Records made one: what it takes to part them again, and pairs that look like the same thing."""

from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import triggers


class Merge(models.Model):
    """One record taken into another of its kind: the row of `absorbed_id` is gone, what pointed at it points at the survivor.

    `kept` holds the columns of both rows as PostgreSQL writes them (`absorbed`; `before` and `after` of the survivor), `moved`
    the ids of the rows moved by name of their reference. Emptied (erasure of personal data), the merge cannot be undone.
    The database lets frozen rows follow only in the very transaction that writes such a row (see `core.triggers.Frozen`).
    """

    kind = models.CharField(_("kind of record"), max_length=80)
    survivor_id = models.BigIntegerField()
    absorbed_id = models.BigIntegerField()
    survivor_thread = models.BigIntegerField(null=True)
    absorbed_thread = models.BigIntegerField(null=True)
    absorbed_name = models.CharField(_("merged record"), max_length=254)
    at = models.DateTimeField(_("at"), default=timezone.now)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    actor_name = models.CharField(_("who"), max_length=200)
    kept = models.JSONField(default=dict)
    moved = models.JSONField(default=dict)
    undone_at = models.DateTimeField(_("undone"), null=True)
    undone_by = models.CharField(_("undone by"), max_length=200, blank=True)
    #: The transaction that wrote the row, or undid the merge; PostgreSQL fills it in.
    moving = models.BigIntegerField(null=True, editable=False)

    class Meta:
        verbose_name = _("merge")
        verbose_name_plural = _("merges")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "absorbed_id"], condition=Q(undone_at=None), name="merge_takes_a_record_once"
            ),
            models.CheckConstraint(condition=~Q(survivor_id=F("absorbed_id")), name="merge_joins_two_records"),
        ]
        indexes = [
            models.Index(fields=["kind", "survivor_id"], name="merge_of_survivor"),
            models.Index(fields=["-at", "-id"], name="merge_newest"),
        ]
        triggers = [triggers.Undeletable(), triggers.Merging()]

    def __str__(self) -> str:
        return self.absorbed_name

    @property
    def model(self) -> Any:
        return apps.get_model(self.kind)

    def get_absolute_url(self) -> str:
        return reverse("core:merge_detail", args=[self.pk])


class LikelyPair(models.Model):
    """Two records of a kind that look like the same thing, the smaller id first; found by a job, judged by people."""

    kind = models.CharField(max_length=80)
    one = models.BigIntegerField()
    other = models.BigIntegerField()
    why = models.CharField(_("why"), max_length=20)
    likeness = models.PositiveSmallIntegerField(_("likeness"))
    found_at = models.DateTimeField(_("found"), default=timezone.now)
    #: Who said that these are two, if anybody did: the pair is not offered again.
    dismissed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    dismissed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("likely duplicate")
        verbose_name_plural = _("likely duplicates")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["kind", "one", "other"], name="likelypair_is_told_once"),
            models.CheckConstraint(condition=Q(one__lt=F("other")), name="likelypair_is_in_order"),
        ]
        indexes = [
            models.Index(
                F("kind"), F("likeness").desc(), F("id"), condition=Q(dismissed_at=None), name="likelypair_to_judge"
            ),
            models.Index(fields=["kind", "other"], name="likelypair_by_other"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.one} = {self.other}"
