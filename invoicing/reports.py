"""Read models of invoicing: what is still to be invoiced, and how old the open amounts are."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import DecimalField, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.money import ZERO
from invoicing.models import Invoice
from orders.models import Contract

_AMOUNT: Any = DecimalField(max_digits=14, decimal_places=2)

#: Buckets of the ageing: label, and days overdue from-to (None: open end). The filter `age` takes the keys.
BUCKETS: dict[str, tuple[Any, int | None, int | None]] = {
    "not_due": (_("Not due yet"), None, 0),
    "30": (_("1–30 days"), 1, 30),
    "60": (_("31–60 days"), 31, 60),
    "90": (_("61–90 days"), 61, 90),
    "old": (_("Over 90 days"), 91, None),
}


def contracts_to_invoice(user: Any) -> Any:
    """Signed contracts this user sees with something left to draft, each with `invoiced` and `to_invoice` (net).

    Drafts count as invoiced here: they wait in their own list. A contract that was closed comes back if an invoice of it is
    credited.
    """
    invoices = Invoice.objects.billing().filter(contract=OuterRef("pk")).order_by().values("contract")
    invoiced = Subquery(invoices.annotate(sum=Sum("net")).values("sum"), output_field=_AMOUNT)
    return (
        Contract.objects.visible_to(user)
        .exclude(state=Contract.State.DRAFT)
        .annotate(invoiced=Coalesce(invoiced, ZERO, output_field=_AMOUNT))
        .annotate(to_invoice=F("net") - F("invoiced"))
        .exclude(to_invoice=0)
    )


@dataclass(frozen=True)
class Bucket:
    """Open amounts of one age, in one currency."""

    key: str
    label: Any
    amount: Decimal
    share: int


def in_bucket(key: str, *, on: date) -> Q:
    """The condition for unpaid invoices of this age."""
    _label, first, last = BUCKETS[key]
    found = Q()
    if first is not None:
        found &= Q(due_on__lte=on - timedelta(days=first))
    if last is not None:
        found &= Q(due_on__gte=on - timedelta(days=last))
    return found


def ageing(user: Any, *, on: date | None = None, currency: str = "EUR") -> list[Bucket]:
    """What is open, by days overdue, of the invoices this user sees; `share` is in percent of the whole. One query."""
    day = on or timezone.localdate()
    unpaid = Invoice.objects.visible_to(user).unpaid().filter(currency=currency)
    is_open = F("gross") - F("paid")
    sums = unpaid.order_by().aggregate(
        **{f"b_{key}": Sum(is_open, filter=in_bucket(key, on=day), output_field=_AMOUNT) for key in BUCKETS}
    )
    amounts = {key: sums[f"b_{key}"] or ZERO for key in BUCKETS}
    total = sum(amounts.values(), ZERO)
    return [
        Bucket(key, BUCKETS[key][0], amount, int(amount * 100 / total) if total else 0)
        for key, amount in amounts.items()
    ]
