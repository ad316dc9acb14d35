"""What campaigns have brought: leads, deals, won deals and collected euros, credited to the touches that came before them.

Three answers to one question, side by side: all to the first touch, all to the last one, or the same to each. Every figure
is split deal by deal in whole cents (a lead or a deal is worth 1.00), and what does not divide goes to the earlier touches,
one cent each: largest remainder, as all shares are equal. So each model adds up to the same total, to the cent. What no
campaign has touched is a row of its own (key None): renewals, leads that came by themselves.

The last touch is the last one that says where somebody came from: an import, a mail of ours or a visit of which nothing is
known but the address that was typed in (`_DIRECT`) takes the credit only where nothing else has touched the lead.

Amounts of different currencies are never added up, as nothing here knows the rate of a day: each currency is a row of its own.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection
from django.db.models import Sum
from django.utils import timezone

from leads.models import Campaign, CampaignCost

CURRENCY = settings.DEFAULT_CURRENCY
MEASURES = ("leads", "deals", "won", "collected")
MODELS = ("first", "last", "linear")


class Credit(NamedTuple):
    """One figure under the three models, in its unit (euros, or leads and deals to two places)."""

    first: Decimal = Decimal(0)
    last: Decimal = Decimal(0)
    linear: Decimal = Decimal(0)


@dataclass
class Brought:
    """What a campaign (None: none of them) cost in a period, and what is credited to it, in one currency.

    Leads and deals have no currency: they stand in the row of the campaign's own. What customers of the campaign paid in
    another one is a further row, without a cost.
    """

    campaign: Campaign | None
    cost: Decimal | None = Decimal(0)
    credits: dict[str, Credit] = field(default_factory=dict)
    currency: str = CURRENCY

    def credit(self, measure: str) -> Credit:
        return self.credits.get(measure, Credit())

    def costs_per(self, measure: str) -> list[Decimal | None]:
        """Cost per unit under each model; None where nothing is credited, or nothing was spent in this currency."""
        return [self.cost / share if share and self.cost else None for share in self.credit(measure)]


#: What counts, deal by deal, in cents: each document in its own period, so that periods add up as well.
_WORTH = """
    SELECT thread_id, 'leads' AS measure, '' AS currency, 100::bigint AS cents
      FROM leads_lead WHERE created_at >= %(begins)s AND created_at < %(ends)s
    UNION ALL
    SELECT thread_id, 'deals', '', 100
      FROM opportunities_opportunity WHERE created_at >= %(begins)s AND created_at < %(ends)s
    UNION ALL
    SELECT thread_id, 'won', '', 100
      FROM opportunities_opportunity WHERE state = 'won' AND closed_on BETWEEN %(since)s AND %(until)s
    UNION ALL
    SELECT invoice.thread_id, 'collected', invoice.currency, (payment.amount * 100)::bigint
      FROM invoicing_payment payment JOIN invoicing_invoice invoice ON invoice.id = payment.invoice_id
     WHERE payment."on" BETWEEN %(since)s AND %(until)s
       AND invoice.kind = 'invoice' AND invoice.state <> 'credited'
"""
_OF_CAMPAIGN = """
    WHERE thread_id IN (
        SELECT thread_id FROM leads_lead WHERE campaign_id = %(campaign)s
        UNION
        SELECT lead.thread_id FROM leads_touch touch JOIN leads_lead lead ON lead.id = touch.lead_id
         WHERE touch.campaign_id = %(campaign)s
    )
"""
#: Touches that tell nothing of what brought somebody: our own acts, and visits whose origin nobody knows.
_DIRECT = """
    touch.campaign_id IS NULL
    AND (touch.channel IN ('import', 'mail') OR lower(touch.source) IN ('', 'direct', '(direct)', '(none)'))
"""
#: A lead of which no touch was written down was touched once: by its campaign, or by none. `place` counts from the first
#: touch, `last` is the place of the last one that tells something. All leads are read, not those alone that are worth
#: something: the database guesses badly how many those are, and would look them up one by one.
_CREDITED = """
    WITH worth AS (
        SELECT thread_id, measure, currency, sum(cents)::bigint AS cents
          FROM ({worth}) AS each {narrowed} GROUP BY 1, 2, 3
    ), led AS (
        SELECT id, thread_id, campaign_id, created_at FROM leads_lead {narrowed}
    ), met AS (
        SELECT led.thread_id, touch.campaign_id, touch.at, touch.id, {direct} AS direct
          FROM leads_touch touch JOIN led ON led.id = touch.lead_id
        UNION ALL
        SELECT led.thread_id, led.campaign_id, led.created_at, 0, led.campaign_id IS NULL
          FROM led WHERE NOT EXISTS (SELECT 1 FROM leads_touch touch WHERE touch.lead_id = led.id)
    ), placed AS (
        SELECT thread_id, campaign_id, direct,
               row_number() OVER (PARTITION BY thread_id ORDER BY at, id) AS place,
               count(*) OVER (PARTITION BY thread_id) AS touches
          FROM met
    ), numbered AS (
        SELECT thread_id, campaign_id, place, touches,
               coalesce(max(place) FILTER (WHERE NOT direct) OVER (PARTITION BY thread_id), touches) AS last
          FROM placed
    ), shares AS (
        SELECT worth.measure, worth.currency, worth.cents, numbered.campaign_id, coalesce(numbered.place, 1) AS place,
               coalesce(numbered.last, 1) AS last, coalesce(numbered.touches, 1) AS touches
          FROM worth LEFT JOIN numbered ON numbered.thread_id = worth.thread_id
    )
    SELECT campaign_id, measure, currency,
           coalesce(sum(cents) FILTER (WHERE place = 1), 0),
           coalesce(sum(cents) FILTER (WHERE place = last), 0),
           sum(cents / touches + (place <= mod(cents, touches))::int)
      FROM shares GROUP BY campaign_id, measure, currency
"""


#: A row as the database gives it: campaign, measure, currency, and cents under each model.
Counted = list[tuple[int | None, str, str, int, int, int]]


def usual_period(on: date) -> tuple[date, date]:
    """The twelve months that are shown unless others are asked for."""
    return on - timedelta(days=365), on


def count(since: date, until: date, *, campaign: Campaign | None = None) -> Counted:
    """What the touches of these days, both included, are credited with. It goes over every lead: see `insights.overview`."""
    query = _CREDITED.format(worth=_WORTH, narrowed=_OF_CAMPAIGN if campaign else "", direct=_DIRECT)
    facts: dict[str, Any] = {
        "since": since,
        "until": until,
        "begins": _midnight(since),
        "ends": _midnight(until + timedelta(days=1)),
        "campaign": campaign.pk if campaign else None,
    }
    with connection.cursor() as cursor:
        cursor.execute(query, facts)
        return [(pk, measure, currency, *map(int, cents)) for pk, measure, currency, *cents in cursor.fetchall()]


def brought(
    since: date, until: date, *, campaign: Campaign | None = None, counted: Counted | None = None
) -> list[Brought]:
    """What every campaign cost and brought between these days, both included: the dearest first, without a campaign last.

    A campaign has a row in its own currency, and one in each other that its customers paid in. With `campaign` that one
    alone; with `counted` of what was counted before. Figures are of the whole house: for those who may see it
    (`insights.view_attribution`).
    """
    credits = _credits(count(since, until, campaign=campaign) if counted is None else counted)
    costs = _costs(since, until)
    wanted = {campaign.pk} if campaign else {pk for pk in (*credits, *costs) if pk is not None}
    known = Campaign.objects.in_bulk(wanted)
    rows = [row for pk in wanted for row in _rows(known.get(pk), costs.get(pk, Decimal(0)), credits.get(pk, {}))]
    rows.sort(key=lambda row: (row.currency != CURRENCY, row.currency, -(row.cost or 0), str(row.campaign)))
    return rows if campaign else [*rows, *_rows(None, Decimal(0), credits.get(None, {}))]


def _rows(campaign: Campaign | None, cost: Decimal, credits: dict[tuple[str, str], Credit]) -> list[Brought]:
    own = str(campaign.budget.currency) if campaign else CURRENCY
    first = {measure: credit for (measure, currency), credit in credits.items() if currency in ("", own)}
    others = sorted((currency, credit) for (_measure, currency), credit in credits.items() if currency not in ("", own))
    further = [Brought(campaign, None, {"collected": credit}, currency) for currency, credit in others]
    return [Brought(campaign, cost, first, own), *further]


def total(rows: Iterable[Brought], currency: str = CURRENCY) -> Brought:
    """The sum of all rows: amounts of this currency, leads and deals of all."""
    rows = list(rows)
    mine = [row for row in rows if row.currency == currency]
    sums = {measure: _sum(mine if measure == "collected" else rows, measure) for measure in MEASURES}
    return Brought(None, sum((row.cost or Decimal(0) for row in mine), Decimal(0)), sums, currency)


def _sum(rows: list[Brought], measure: str) -> Credit:
    return Credit(*(sum(column, Decimal(0)) for column in zip(*(r.credit(measure) for r in rows), strict=True)))


def currencies(rows: Iterable[Brought]) -> list[str]:
    """Those that are spent or collected in, the house's own first (and always)."""
    found = {row.currency for row in rows if row.cost or any(row.credit("collected"))} - {CURRENCY}
    return [CURRENCY, *sorted(found)]


def _credits(counted: Counted) -> dict[int | None, dict[tuple[str, str], Credit]]:
    found: dict[int | None, dict[tuple[str, str], Credit]] = {}
    for pk, measure, currency, *cents in counted:
        found.setdefault(pk, {})[measure, currency] = Credit(*(Decimal(n) / 100 for n in cents))
    return found


def _costs(since: date, until: date) -> dict[int | None, Decimal]:
    rows = CampaignCost.objects.filter(on__range=(since, until)).order_by()
    return dict(rows.values_list("campaign").annotate(spent=Sum("amount")))


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))
