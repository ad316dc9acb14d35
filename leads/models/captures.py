"""Captures: what came in by a door of ours, exactly as it came, before anything is made of it."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core import triggers
from core.access import UnownedQuerySet
from leads.models.leads import Lead
from leads.models.touches import Touch
from leads.models.webforms import WebForm


class CaptureQuerySet(UnownedQuerySet):
    def due(self) -> Self:
        """What waits to be made into leads, the oldest first."""
        return self.filter(state=Capture.State.RECEIVED, next_try_at__lte=timezone.now()).order_by("pk")


class Capture(models.Model):
    """One submission. The request writes this row and nothing else; a job makes a lead of it, in one transaction.

    `payload` is what was sent: {"fields": {name: text}, "consents": {code: version}, "touch": {...}, "first": {...}}.
    """

    ICON = "inbox"

    class State(models.TextChoices):
        RECEIVED = "received", pgettext_lazy("capture", "Received")
        TAKEN = "taken", pgettext_lazy("capture", "Taken in")
        STOPPED = "stopped", pgettext_lazy("capture", "Stopped")
        FAILED = "failed", pgettext_lazy("capture", "Failed")

    class Why(models.TextChoices):
        HONEYPOT = "honeypot", _("It filled in a field that people do not see.")
        TOO_FAST = "too_fast", _("It was sent faster than people type.")
        FORGED = "forged", _("The time of the page was forged.")
        TOO_MANY = "too_many", _("Too many came from this address.")
        LINKS = "links", _("Its text is full of links.")

    form = models.ForeignKey(
        WebForm,
        on_delete=models.PROTECT,
        null=True,
        related_name="captures",
        verbose_name=_("web form"),
        db_index=False,
    )
    channel = models.CharField(_("channel"), max_length=10, choices=Touch.Channel.choices)
    #: What the sender calls this submission: the same one again is no other. Unique per form.
    key = models.CharField(max_length=200, editable=False)
    digest = models.CharField(max_length=64, editable=False)
    payload = models.JSONField(_("what was sent"), default=dict)
    ip = models.GenericIPAddressField(_("IP address"), null=True)
    agent = models.CharField(_("browser"), max_length=300, blank=True)
    received_at = models.DateTimeField(_("received"), default=timezone.now)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.RECEIVED)
    why = models.CharField(_("why not"), max_length=300, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_try_at = models.DateTimeField(default=timezone.now)
    lead = models.ForeignKey(
        Lead, on_delete=models.PROTECT, null=True, related_name="captures", verbose_name=_("lead"), db_index=False
    )
    #: Who typed it in, where it was one of us.
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("typed in by")
    )

    objects = CaptureQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("of a lead", "submission")
        verbose_name_plural = pgettext_lazy("of leads", "submissions")
        ordering = ("-received_at", "-pk")
        default_permissions = ("view", "change")
        constraints = [
            models.UniqueConstraint(fields=["form", "key"], nulls_distinct=False, name="capture_comes_once"),
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(state="received"), name="capture_waiting"),
            models.Index(fields=["-received_at", "-id"], name="capture_newest"),
            models.Index(
                fields=["state", "-received_at", "-id"], condition=~Q(state="taken"), name="capture_to_look_at"
            ),
            models.Index(fields=["lead"], condition=Q(lead__isnull=False), name="capture_of_lead"),
        ]
        # What somebody has sent is the proof of what they have agreed to.
        triggers = [
            triggers.Undeletable(),
            triggers.Frozen(free=("state", "why", "attempts", "next_try_at", "lead")),
        ]

    def __str__(self) -> str:
        fields = self.payload.get("fields", {}) if isinstance(self.payload, dict) else {}
        person = f"{fields.get('first_name', '')} {fields.get('last_name', '')}".strip()
        return str(person or fields.get("company_name") or fields.get("email") or f"#{self.pk}")[:120]

    def get_absolute_url(self) -> str:
        return reverse("leads:capture_detail", args=[self.pk])

    @property
    def why_in_words(self) -> Any:
        return dict(self.Why.choices).get(self.why, self.why)


class OptIn(models.Model):
    """That somebody was asked by e-mail to confirm their consents, and whether they have: the link works once."""

    capture = models.OneToOneField(Capture, on_delete=models.PROTECT, related_name="opt_in")
    lead = models.ForeignKey(Lead, on_delete=models.PROTECT, related_name="opt_ins")
    email = models.EmailField(_("e-mail"))
    nonce = models.CharField(max_length=43, editable=False)
    asked_at = models.DateTimeField(_("asked at"), default=timezone.now)
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True)
    ip = models.GenericIPAddressField(_("IP address"), null=True)

    class Meta:
        verbose_name = _("confirmation of consents")
        verbose_name_plural = _("confirmations of consents")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.lead}: {self.confirmed_at or self.asked_at:%Y-%m-%d}"
