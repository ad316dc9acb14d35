"""What campaigns have brought: leads, deals, won deals and collected euros, credited to the touches that came before them.

Three answers to one question, side by side: all to the first touch, all to the last one, or the same to each. Every figure
is split deal by deal in whole cents (a lead or a deal is worth 1.00), and what does not divide goes to the earlier touches,
one cent each: largest remainder, as all shares are equal. So each model adds up to the same total, to the cent. What no
campaign has touched is a row of its own (key None): renewals, leads that came by themselves.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Sum
from django.utils import timezone

from leads.models import Campaign, CampaignCost

#: Costs and payments of other currencies are left out: nothing here knows the rate of a day.
CURRENCY = "EUR"
MEASURES = ("leads", "deals", "won", "collected")
MODELS = ("first", "last", "linear")


class Credit(NamedTuple):
    """One figure under the three models, in its unit (euros, or leads and deals to two places)."""

    first: Decimal = Decimal(0)
    last: Decimal = Decimal(0)
    linear: Decimal = Decimal(0)


@dataclass
class Brought:
    """What a campaign (None: none of them) cost in a period, and what is credited to it."""

    campaign: Campaign | None
    cost: Decimal = Decimal(0)
    credits: dict[str, Credit] = field(default_factory=dict)

    def credit(self, measure: str) -> Credit:
        return self.credits.get(measure, Credit())

    def costs_per(self, measure: str) -> list[Decimal | None]:
        """Cost per unit under each model; None where nothing is credited."""
        return [self.cost / share if share else None for share in self.credit(measure)]


#: What counts, deal by deal, in cents: each document in its own period, so that periods add up as well.
_WORTH = """
    SELECT thread_id, 'leads' AS measure, 100::bigint AS cents
      FROM leads_lead WHERE created_at >= %(begins)s AND created_at < %(ends)s
    UNION ALL
    SELECT thread_id, 'deals', 100 FROM opportunities_opportunity WHERE created_at >= %(begins)s AND created_at < %(ends)s
    UNION ALL
    SELECT thread_id, 'won', 100
      FROM opportunities_opportunity WHERE state = 'won' AND closed_on BETWEEN %(since)s AND %(until)s
    UNION ALL
    SELECT invoice.thread_id, 'collected', (payment.amount * 100)::bigint
      FROM invoicing_payment payment JOIN invoicing_invoice invoice ON invoice.id = payment.invoice_id
     WHERE payment."on" BETWEEN %(since)s AND %(until)s
       AND invoice.kind = 'invoice' AND invoice.state <> 'credited' AND invoice.currency = %(currency)s
"""
_OF_CAMPAIGN = """
    WHERE thread_id IN (
        SELECT thread_id FROM leads_lead WHERE campaign_id = %(campaign)s
        UNION
        SELECT lead.thread_id FROM leads_touch touch JOIN leads_lead lead ON lead.id = touch.lead_id
         WHERE touch.campaign_id = %(campaign)s
    )
"""
#: A lead of which no touch was written down was touched once: by its campaign, or by none.
_CREDITED = """
    WITH worth AS (
        SELECT thread_id, measure, sum(cents)::bigint AS cents FROM ({worth}) AS each {narrowed} GROUP BY 1, 2
    ), met AS (
        SELECT lead.thread_id, touch.campaign_id, touch.at, touch.id
          FROM leads_touch touch JOIN leads_lead lead ON lead.id = touch.lead_id
         WHERE lead.thread_id IN (SELECT thread_id FROM worth)
        UNION ALL
        SELECT lead.thread_id, lead.campaign_id, lead.created_at, 0
          FROM leads_lead lead LEFT JOIN leads_touch touch ON touch.lead_id = lead.id
         WHERE touch.id IS NULL AND lead.thread_id IN (SELECT thread_id FROM worth)
    ), numbered AS (
        SELECT thread_id, campaign_id,
               row_number() OVER (PARTITION BY thread_id ORDER BY at, id) AS place,
               count(*) OVER (PARTITION BY thread_id) AS touches
          FROM met
    ), shares AS (
        SELECT worth.measure, worth.cents, numbered.campaign_id,
               coalesce(numbered.place, 1) AS place, coalesce(numbered.touches, 1) AS touches
          FROM worth LEFT JOIN numbered ON numbered.thread_id = worth.thread_id
    )
    SELECT campaign_id, measure,
           coalesce(sum(cents) FILTER (WHERE place = 1), 0),
           coalesce(sum(cents) FILTER (WHERE place = touches), 0),
           sum(cents / touches + (place <= mod(cents, touches))::int)
      FROM shares GROUP BY campaign_id, measure
"""


def brought(since: date, until: date, *, campaign: Campaign | None = None) -> list[Brought]:
    """What every campaign cost and brought between these days, both included: the dearest first, without a campaign last.

    With `campaign` that one alone. Figures are of the whole house: for those who may see it (`insights.view_attribution`).
    """
    credits = _credits(since, until, campaign)
    costs = _costs(since, until)
    wanted = {campaign.pk} if campaign else {*credits, *costs}
    known = Campaign.objects.in_bulk([pk for pk in wanted if pk is not None])
    rows = [Brought(known.get(pk), costs.get(pk, Decimal(0)), credits.get(pk, {})) for pk in wanted if pk is not None]
    rows.sort(key=lambda row: (-row.cost, str(row.campaign)))
    return rows if campaign else [*rows, Brought(None, credits=credits.get(None, {}))]


def total(rows: Iterable[Brought]) -> Brought:
    """The sum of all rows."""
    rows = list(rows)
    sums = {
        measure: Credit(*(sum(column, Decimal(0)) for column in zip(*(r.credit(measure) for r in rows), strict=True)))
        for measure in MEASURES
    }
    return Brought(None, sum((row.cost for row in rows), Decimal(0)), sums if rows else {})


def _credits(since: date, until: date, campaign: Campaign | None) -> dict[int | None, dict[str, Credit]]:
    query = _CREDITED.format(worth=_WORTH, narrowed=_OF_CAMPAIGN if campaign else "")
    facts: dict[str, Any] = {
        "since": since,
        "until": until,
        "begins": _midnight(since),
        "ends": _midnight(until + timedelta(days=1)),
        "currency": CURRENCY,
        "campaign": campaign.pk if campaign else None,
    }
    found: dict[int | None, dict[str, Credit]] = {}
    with connection.cursor() as cursor:
        cursor.execute(query, facts)
        for pk, measure, *cents in cursor.fetchall():
            found.setdefault(pk, {})[measure] = Credit(*(Decimal(n) / 100 for n in cents))
    return found


def _costs(since: date, until: date) -> dict[int | None, Decimal]:
    rows = CampaignCost.objects.filter(on__range=(since, until), campaign__currency=CURRENCY).order_by()
    return dict(rows.values_list("campaign").annotate(spent=Sum("amount")))


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))
