"""Insights keep no records: what they show is counted elsewhere, and remembered here for some minutes."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Dashboard(models.Model):
    """Stands for the dashboard, so that roles can be given the right to see it."""

    class Meta:
        managed = False
        default_permissions = ("view",)
        permissions = [("view_attribution", _("Can see what campaigns cost and bring, over the whole house"))]
        verbose_name = _("dashboard")
        verbose_name_plural = _("dashboards")

    def __str__(self) -> str:
        return str(self._meta.verbose_name)


class Snapshot(models.Model):
    """The dashboard's figures of the whole house, as they were counted at `taken_at` for the day `on`."""

    taken_at = models.DateTimeField(default=timezone.now)
    on = models.DateField()
    figures = models.JSONField(encoder=DjangoJSONEncoder)

    class Meta:
        default_permissions = ()
        verbose_name = _("snapshot of figures")
        verbose_name_plural = _("snapshots of figures")

    def __str__(self) -> str:
        return f"{self.on}"
