"""Campaigns: what brings leads, and what it costs."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.history import tracked
from core.models import Record
from core.money import MoneyField
from leads.querysets import CampaignQuerySet


@tracked()
class Campaign(Record):
    """A marketing campaign that brings leads, with what it may and did cost."""

    ICON = "speakerphone"

    name = models.CharField(_("name"), max_length=120, unique=True)
    channel = models.CharField(_("channel"), max_length=60, blank=True)
    starts_on = models.DateField(_("first day"), null=True, blank=True)
    ends_on = models.DateField(_("last day"), null=True, blank=True)
    budget = MoneyField(_("budget"), default=0, default_currency="EUR")
    cost = MoneyField(_("cost"), default=0, default_currency="EUR")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("owner"),
    )

    objects = CampaignQuerySet.as_manager()

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        ordering = ("-starts_on", "name")
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_on=None) | Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="campaign_ends_after_it_starts",
            )
        ]

    def __str__(self) -> str:
        return self.name


class CampaignTally(models.Model):
    """How many leads a campaign has brought, and how many of them were converted: the sum of its rows.

    Triggers on leads add a row for what each statement changes, so that nobody waits for a counter that somebody else
    has changed and not yet committed; `services.fold_tallies` adds them up into one, now and then (docs/adr/0006).
    """

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="tallies")
    leads = models.IntegerField()
    converted = models.IntegerField()

    class Meta:
        default_permissions = ()
        verbose_name = _("tally of leads")
        verbose_name_plural = _("tallies of leads")

    def __str__(self) -> str:
        return f"{self.leads} / {self.converted}"


_COUNT = """
    INSERT INTO leads_campaigntally (campaign_id, leads, converted)
    SELECT campaign_id, {sign} count(*), {sign} count(*) FILTER (WHERE state = 'converted')
      FROM {rows} WHERE campaign_id IS NOT NULL GROUP BY campaign_id;
    RETURN NULL;
"""


def tally_triggers() -> list[pgtrigger.Trigger]:
    """What keeps the tallies, on the table of leads: whatever is written by whom, by COPY or by raw SQL."""
    return [
        pgtrigger.Trigger(
            name="tally_new",
            level=pgtrigger.Statement,
            when=pgtrigger.After,
            operation=pgtrigger.Insert,
            referencing=pgtrigger.Referencing(new="new_leads"),
            func=_COUNT.format(sign="", rows="new_leads"),
        ),
        pgtrigger.Trigger(
            name="tally_gone",
            level=pgtrigger.Statement,
            when=pgtrigger.After,
            operation=pgtrigger.Delete,
            referencing=pgtrigger.Referencing(old="old_leads"),
            func=_COUNT.format(sign="-", rows="old_leads"),
        ),
        # Row by row: what is no change of campaign and no conversion, a new score for instance, costs nothing.
        pgtrigger.Trigger(
            name="tally_changed",
            when=pgtrigger.After,
            operation=pgtrigger.Update,
            condition=pgtrigger.Condition(
                "OLD.campaign_id IS DISTINCT FROM NEW.campaign_id"
                " OR (OLD.state = 'converted') IS DISTINCT FROM (NEW.state = 'converted')"
            ),
            func="""
                INSERT INTO leads_campaigntally (campaign_id, leads, converted)
                SELECT campaign_id, sum(leads), sum(converted)
                  FROM (VALUES (OLD.campaign_id, -1, -(OLD.state = 'converted')::int),
                               (NEW.campaign_id, 1, (NEW.state = 'converted')::int)) AS moved (campaign_id, leads, converted)
                 WHERE campaign_id IS NOT NULL GROUP BY campaign_id;
                RETURN NULL;
            """,
        ),
    ]
