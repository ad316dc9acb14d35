"""Figures over every stage: funnel, pipeline, won and invoiced by month, ageing. Amounts in EUR, net unless said."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from dateutil.relativedelta import relativedelta
from django.db.models import Count, DecimalField, ExpressionWrapper, F, Q, Sum
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


def pipeline(user: Any, *, months: Sequence[date]) -> list[tuple[Decimal, Decimal]]:
    """Open deals by month of expected close: value, and value weighted with probability. The past counts as the first."""
    weighted = ExpressionWrapper(F("value") * F("probability") / Decimal(100), output_field=AMOUNT)
    rows = (
        Opportunity.objects.visible_to(user)
        .open()
        .filter(expected_close__isnull=False)
        .order_by()
        .annotate(month=TruncMonth("expected_close"))
        .values_list("month")
        .annotate(whole=Sum("value"), likely=Sum(weighted))
    )
    found = {month: (Decimal(0), Decimal(0)) for month in months}
    for month, value, likely in rows:
        key = max(month, months[0])
        if key in found:
            found[key] = (found[key][0] + value, found[key][1] + likely)
    return [found[month] for month in months]


def by_month(rows: Any, day: str, amount: str, months: Sequence[date]) -> list[Decimal]:
    """Sum of `amount` per month of `day`, zero where there is none."""
    sums = dict(
        rows.order_by()
        .filter(**{f"{day}__gte": months[0]})
        .annotate(month=TruncMonth(day))
        .values_list("month")
        .annotate(total=Coalesce(Sum(amount), Decimal(0), output_field=AMOUNT))
    )
    return [sums.get(month, Decimal(0)) for month in months]


def won_by_month(user: Any, months: Sequence[date]) -> list[Decimal]:
    return by_month(Opportunity.objects.visible_to(user).filter(state="won"), "closed_on", "value", months)


def invoiced_by_month(user: Any, months: Sequence[date]) -> list[Decimal]:
    """Net of invoices less credit notes, by date of issue."""
    issued = Invoice.objects.visible_to(user).exclude(state="draft")
    plus = by_month(issued.filter(kind="invoice"), "issued_on", "net", months)
    minus = by_month(issued.filter(kind="credit_note"), "issued_on", "net", months)
    return [a - b for a, b in zip(plus, minus, strict=True)]


def ageing(user: Any, *, on: date) -> list[tuple[Decimal, int]]:
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
    row = Invoice.objects.visible_to(user).unpaid().aggregate(**sums)
    return [(row[f"amount_{n}"], row[f"count_{n}"]) for n in range(len(bounds))]
