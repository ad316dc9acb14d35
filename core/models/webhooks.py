"""Addresses of other systems that want to know what happens here."""

import base64
import secrets
from datetime import timedelta
from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.access import UnownedQuerySet
from core.history import tracked
from core.models.records import Record

#: Seconds for which a process may believe that nobody listens to an event (see core/webhooks.py).
MEMORY = 2


def new_secret() -> str:
    """A key in the spelling of the Standard Webhooks specification."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


class WebhookQuerySet(UnownedQuerySet):
    def active(self) -> Self:
        return self.filter(is_active=True)

    def wanting(self, event: Any) -> Self:
        """The active ones that asked for this kind of event before it happened."""
        wanted = Q(event_names=[]) | Q(event_names__contains=[event.name])
        return self.active().filter(wanted, active_since__lte=event.at)


@tracked(exclude=("secret",))
class Webhook(Record):
    """An address that is told of events, as its owner may see them."""

    ICON = "webhook"
    OWN_FIELDS = False

    name = models.CharField(_("name"), max_length=80)
    url = models.URLField(_("address"), max_length=500)
    secret = models.CharField(max_length=80, default=new_secret, editable=False)
    event_names = ArrayField(models.CharField(max_length=80), verbose_name=_("events"), default=list, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    active_since = models.DateTimeField(_("active since"), null=True, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="webhooks",
        verbose_name=_("owner"),
        help_text=_("It is told only what this person may see."),
    )

    objects = WebhookQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        ordering = ("name", "pk")
        default_permissions = ("add", "change", "view")

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Being switched on counts from the moment at which no process can still believe that nobody listens."""
        from core import webhooks

        if not self.is_active:
            self.active_since = None
        elif self.active_since is None:
            self.active_since = timezone.now() + timedelta(seconds=MEMORY)
        super().save(*args, **kwargs)
        webhooks.forget()
