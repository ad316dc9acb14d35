"""Campaigns: what brings leads, and what it costs."""

from datetime import date
from decimal import Decimal
from typing import Any

import pgtrigger
from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.history import tracked
from core.lifecycle import StateField, transition
from core.models import Record, Stateful
from core.money import MoneyField
from leads.querysets import CampaignQuerySet


@tracked()
class Campaign(Stateful, Record):
    """A marketing campaign that brings leads, with what it may and did cost: `cost` is the sum of its dated costs, net."""

    ICON = "speakerphone"

    class State(models.TextChoices):
        PLANNED = "planned", pgettext_lazy("campaign", "Planned")
        RUNNING = "running", pgettext_lazy("campaign", "Running")
        FINISHED = "finished", pgettext_lazy("campaign", "Finished")
        CANCELLED = "cancelled", pgettext_lazy("campaign", "Cancelled")

    class Kind(models.TextChoices):
        EVENT = "event", _("Trade fair or event")
        WEBINAR = "webinar", _("Webinar")
        MAILING = "mailing", _("Mailing")
        SOCIAL = "social", _("Social media")
        ADVERTISING = "advertising", _("Advertising")
        PRESS = "press", _("Press and public relations")
        PHONE = "phone", _("Phone calls")
        REFERRAL = "referral", _("Referrals and partners")
        OTHER = "other", _("Something else")

    name = models.CharField(_("name"), max_length=120, unique=True)
    state = StateField(choices=State.choices, default=State.PLANNED)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, default=Kind.OTHER)
    channel = models.CharField(_("channel"), max_length=60, blank=True)
    starts_on = models.DateField(_("first day"), null=True, blank=True)
    ends_on = models.DateField(_("last day"), null=True, blank=True)
    budget = MoneyField(_("budget"), default=0, default_currency="EUR")
    cost = MoneyField(_("cost"), default=0, default_currency="EUR", editable=False)
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

    def listed(self) -> Any:
        """Who is on its list, each with a name."""
        return self.members.with_names()

    @transition(
        source=State.PLANNED,
        target=State.RUNNING,
        label=_("Start"),
        event="started",
        past=_("started the campaign"),
        tone="primary",
    )
    def start(self, *, by: Any) -> None:
        """A campaign without a first day begins today."""
        self.starts_on = self.starts_on or timezone.localdate()

    @transition(
        source=State.RUNNING,
        target=State.FINISHED,
        label=_("Finish"),
        event="finished",
        past=_("finished the campaign"),
        tone="primary",
    )
    def finish(self, *, by: Any) -> None:
        """A campaign without a last day ends today."""
        self.ends_on = self.ends_on or max(timezone.localdate(), self.starts_on or date.min)

    @transition(
        source=(State.PLANNED, State.RUNNING),
        target=State.CANCELLED,
        label=_("Cancel the campaign"),
        event="cancelled",
        past=_("cancelled the campaign"),
        form="core.forms.ReasonForm",
        tone="danger",
    )
    def cancel(self, *, by: Any, reason: str) -> None:
        """What it has cost and brought so far stays in the figures."""

    @transition(
        source=(State.FINISHED, State.CANCELLED),
        target=State.RUNNING,
        label=_("Resume"),
        event="resumed",
        past=_("went on with the campaign"),
    )
    def resume(self, *, by: Any) -> None:
        """Its last day is forgotten: it is over when somebody says so."""
        self.ends_on = None


_SUM_UP = """
    UPDATE leads_campaign SET cost = (
               SELECT coalesce(sum(amount), 0) FROM leads_campaigncost WHERE campaign_id = leads_campaign.id
           )
     WHERE id IN (OLD.campaign_id, NEW.campaign_id);
    RETURN NULL;
"""


@tracked()
class CampaignCost(models.Model):
    """Something that was spent on a campaign on a day, net of VAT, in the campaign's currency."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="costs", verbose_name=_("campaign"))
    on = models.DateField(_("date"), default=timezone.localdate)
    what = models.CharField(_("what"), max_length=200)
    amount = models.DecimalField(
        _("amount"), max_digits=14, decimal_places=2, validators=[MinValueValidator(Decimal("0.01"))]
    )
    reference = models.CharField(_("invoice or receipt"), max_length=120, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("changed"), auto_now=True, editable=False)

    class Meta:
        verbose_name = _("campaign cost")
        verbose_name_plural = _("campaign costs")
        ordering = ("-on", "-pk")
        default_permissions = ()
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="campaigncost_is_positive")]
        triggers = [
            # Whoever writes costs, by COPY or by raw SQL: the campaign's sum is right, and lists can sort by it.
            pgtrigger.Trigger(
                name="sum_up",
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                func=_SUM_UP,
            )
        ]

    def __str__(self) -> str:
        return f"{self.on} {self.what}"


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
