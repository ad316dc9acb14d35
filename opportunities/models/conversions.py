"""That a lead became a deal, and what it takes to take that back."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import triggers
from leads.models import Lead


class ConversionQuerySet(models.QuerySet["Conversion"]):
    def standing(self) -> Any:
        """Those that nobody has undone."""
        return self.filter(undone_at=None)


class Conversion(models.Model):
    """One conversion: what it made, and how the rows it changed were before and after, as PostgreSQL writes them.

    `made` are ids: {"opportunity": 7, "company": 3, "contact": 4, "consents": [8, 9]}, of records that it found none at all.
    `kept` are rows: {"leads.lead:1": {"before": {...}, "after": {...}}, "parties.company:3": {"after": {...}}}; emptied when
    the time for undoing is over, and when the person is erased.
    """

    lead = models.ForeignKey(Lead, on_delete=models.PROTECT, related_name="conversions", verbose_name=_("lead"))
    opportunity_id = models.BigIntegerField()
    at = models.DateTimeField(_("at"), default=timezone.now)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    actor_name = models.CharField(_("who"), max_length=200)
    made = models.JSONField(default=dict)
    kept = models.JSONField(default=dict)
    undone_at = models.DateTimeField(_("undone"), null=True)
    undone_by = models.CharField(_("undone by"), max_length=200, blank=True)

    objects = ConversionQuerySet.as_manager()

    class Meta:
        verbose_name = _("conversion")
        verbose_name_plural = _("conversions")
        default_permissions = ()
        indexes = [models.Index(fields=["at"], condition=~Q(kept={}), name="conversion_to_forget")]
        triggers = [triggers.Undeletable(), triggers.Frozen(free=("kept", "undone_at", "undone_by"))]

    def __str__(self) -> str:
        return f"{self.lead} {self.at:%Y-%m-%d}"
