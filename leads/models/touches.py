"""Touches: each time somebody is known to have met us, from the first advertisement to the form they sent."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import triggers
from leads.models.campaigns import Campaign
from leads.models.leads import Lead

#: Characters of an address that are kept.
LONGEST_URL = 500


class TouchQuerySet(models.QuerySet["Touch"]):
    def in_order(self) -> "TouchQuerySet":
        """The first touch of a lead first, the last one last."""
        return self.order_by("lead_id", "at", "pk")


class Touch(models.Model):
    """One contact of a lead with us, and what brought it. Append-only; a lead's first and last are those by `at` and id.

    The words are those of UTM parameters, as they came: `source`, `medium`, `term`, `content`, `utm_campaign`.
    """

    class Channel(models.TextChoices):
        FORM = "form", _("Web form")
        ENDPOINT = "endpoint", _("Signed endpoint")
        EMAIL = "email", _("E-mail received")
        IMPORT = "import", _("Import")
        EVENT = "event", _("Event")
        PHONE = "phone", _("Phone call")
        SOCIAL = "social", _("Social network")
        PAGE = "page", _("Visit to a page")
        CAMPAIGN = "campaign", _("Campaign")
        MAIL = "mail", _("Mailing")
        OTHER = "other", _("Other way")

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="touches", db_index=False)
    at = models.DateTimeField(_("at"), default=timezone.now)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel.choices)
    campaign = models.ForeignKey(
        Campaign,
        on_delete=models.PROTECT,
        null=True,
        related_name="touches",
        verbose_name=_("campaign"),
        db_index=False,
    )
    source = models.CharField(_("source"), max_length=120, blank=True)
    medium = models.CharField(_("medium"), max_length=120, blank=True)
    term = models.CharField(_("term"), max_length=200, blank=True)
    content = models.CharField(_("content"), max_length=200, blank=True)
    utm_campaign = models.CharField(_("campaign by its link"), max_length=200, blank=True)
    referrer = models.CharField(_("came from"), max_length=LONGEST_URL, blank=True)
    page = models.CharField(_("page"), max_length=LONGEST_URL, blank=True)

    form = models.ForeignKey(
        "leads.WebForm",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("web form"),
        db_index=False,
    )
    capture = models.ForeignKey(
        "leads.Capture",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("submission"),
        db_index=False,
    )

    objects = TouchQuerySet.as_manager()

    class Meta:
        verbose_name = _("touch")
        verbose_name_plural = _("touches")
        ordering = ("at", "pk")
        default_permissions = ()
        indexes = [
            models.Index(fields=["lead", "at", "id"], name="touch_of_lead"),
            models.Index(fields=["campaign", "at"], condition=Q(campaign__isnull=False), name="touch_of_campaign"),
        ]
        triggers = [triggers.Undeletable(), triggers.Frozen(free=())]

    def __str__(self) -> str:
        return " · ".join(str(part) for part in (self.get_channel_display(), self.campaign, self.source) if part)
