"""Figures over every stage: funnel, pipeline, won and invoiced by month, ageing. Amounts net unless said.

Amounts are told per currency and never added over two: {"EUR": [...], "USD": [...]}, the house's own always first.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from dateutil.relativedelta import relativedelta
from django.conf import settings
from django.db.models import Case, Count, DecimalField, ExpressionWrapper, F, Q, Sum, When
from django.db.models.functions import Coalesce, TruncMonth
from django.utils import timezone

from invoicing.models import Invoice
from leads.models import Lead
from opportunities.models import Opportunity
from orders.models import SalesOrder
from quotes.models import Quote

AMOUNT = DecimalField(max_digits=16, decimal_places=2)


def months_back(today: date, count: int) -> list[date]:
    """First days of the last `count` months, the present one last."""
    return [today.replace(day=1) - relativedelta(months=n) for n in reversed(range(count))]


def months_ahead(today: date, count: int) -> list[date]:
    """First days of the next `count` months, the present one first."""
    return [today.replace(day=1) + relativedelta(months=n) for n in range(count)]


def funnel(user: Any, *, since: date) -> list[int]:
    """Leads since that day, how many of them were qualified, and how many of their deals reached each further step:
    opportunity, quote, order, payment."""
    return reached(
        Lead.objects.visible_to(user).filter(created_at__gte=timezone.make_aware(datetime.combine(since, time())))
    )


def reached(leads: Any) -> list[int]:
    """How many of these leads came to each step: lead, qualified, opportunity, quote, order, payment."""
    threads = leads.values("thread")
    counts = leads.aggregate(all=Count("pk"), qualified=Count("pk", filter=Q(state__in=("qualified", "converted"))))
    return [
        counts["all"],
        counts["qualified"],
        _threads_in(Opportunity, threads),
        _threads_in(Quote, threads),
        _threads_in(SalesOrder, threads),
        _threads_in(Invoice, threads, state="paid"),
    ]


def _threads_in(model: Any, threads: Any, **conditions: Any) -> int:
    return model.objects.filter(thread__in=threads, **conditions).order_by().values("thread").distinct().count()


def lost_by_reason(user: Any, *, since: date) -> list[tuple[str, int]]:
    """How many deals were lost since that day, by the code of the reason, the most frequent first."""
    rows = Opportunity.objects.visible_to(user).filter(state="lost", closed_on__gte=since).order_by()
    counts = rows.values_list("lost_reason").annotate(n=Count("pk"))
    return sorted(counts, key=lambda row: (-row[1], row[0]))


def _per_currency(found: Mapping[str, list[Any]], nothing: list[Any]) -> dict[str, list[Any]]:
    """The house's currency first, also where there is nothing in it; the others in the order of their codes."""
    own = settings.DEFAULT_CURRENCY
    return {own: found.get(own, nothing)} | {code: found[code] for code in sorted(found) if code != own}


def pipeline(user: Any, *, months: Sequence[date]) -> dict[str, list[tuple[Decimal, Decimal]]]:
    """Open deals by month of expected close: value, and value weighted with probability. The past counts as the first."""
    weighted = ExpressionWrapper(F("value") * F("probability") / Decimal(100), output_field=AMOUNT)
    rows = (
        Opportunity.objects.visible_to(user)
        .open()
        .filter(expected_close__isnull=False)
        .order_by()
        .annotate(month=TruncMonth("expected_close"))
        .values_list("currency", "month")
        .annotate(whole=Sum("value"), likely=Sum(weighted))
    )
    nothing = [(Decimal(0), Decimal(0))] * len(months)
    found: dict[str, list[Any]] = {}
    places = {month: place for place, month in enumerate(months)}
    for currency, month, value, likely in rows:
        if (place := places.get(max(month, months[0]))) is not None:
            sums = found.setdefault(currency, [*nothing])
            sums[place] = (sums[place][0] + value, sums[place][1] + likely)
    return _per_currency(found, nothing)


def by_month(rows: Any, day: str, amount: str, currency: str, months: Sequence[date]) -> dict[str, list[Decimal]]:
    """Sum of `amount` per currency and month of `day`, zero where there is none."""
    sums = (
        rows.order_by()
        .filter(**{f"{day}__gte": months[0]})
        .annotate(month=TruncMonth(day))
        .values_list(currency, "month")
        .annotate(total=Coalesce(Sum(amount), Decimal(0), output_field=AMOUNT))
    )
    places = {month: place for place, month in enumerate(months)}
    found: dict[str, list[Decimal]] = {}
    for code, month, total in sums:
        if month in places:
            found.setdefault(code, [Decimal(0)] * len(months))[places[month]] = total
    return _per_currency(found, [Decimal(0)] * len(months))


def won_by_month(user: Any, months: Sequence[date]) -> dict[str, list[Decimal]]:
    won = Opportunity.objects.visible_to(user).filter(state="won")
    return by_month(won, "closed_on", "value", "currency", months)


def invoiced_by_month(user: Any, months: Sequence[date]) -> dict[str, list[Decimal]]:
    """Net of invoices less credit notes, by date of issue."""
    issued = Invoice.objects.visible_to(user).exclude(state="draft")
    sign = Case(When(kind="credit_note", then=-F("net")), default=F("net"), output_field=AMOUNT)
    return by_month(issued.annotate(signed=sign), "issued_on", "signed", "currency", months)


def ageing(user: Any, *, on: date) -> dict[str, list[tuple[Decimal, int]]]:
    """What customers still owe, gross, and on how many invoices: not due, up to 30, 60, 90 days past due, and longer."""
    owed = ExpressionWrapper(F("gross") - F("paid"), output_field=AMOUNT)
    bounds = ((None, 0), (0, 30), (30, 60), (60, 90), (90, None))
    sums: dict[str, Any] = {}
    for place, (low, high) in enumerate(bounds):
        inside = Q()
        if low is not None:
            inside &= Q(due_on__lt=on - timedelta(days=low))
        if high is not None:
            inside &= Q(due_on__gte=on - timedelta(days=high))
        sums[f"amount_{place}"] = Coalesce(Sum(owed, filter=inside), Decimal(0), output_field=AMOUNT)
        sums[f"count_{place}"] = Count("pk", filter=inside)
    rows = Invoice.objects.visible_to(user).unpaid().order_by().values("currency").annotate(**sums)
    found = {row["currency"]: [(row[f"amount_{n}"], row[f"count_{n}"]) for n in range(len(bounds))] for row in rows}
    return _per_currency(found, [(Decimal(0), 0)] * len(bounds))
