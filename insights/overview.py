"""What the dashboard shows. Figures of the whole house are counted every few minutes and kept, those of fewer rows at once.

Counting every lead and invoice takes longer the more there are; a page that shows its age does not (docs/adr/0006).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from core import access
from insights import attribution, reports
from insights.models import Snapshot
from invoicing.models import Invoice
from leads.models import Lead
from opportunities.models import Opportunity

#: Months looked back on, the present one last; months looked ahead, the present one first.
BACK, AHEAD = 12, 6
#: The worker counts more often than that; without one, the next reader counts.
MAX_AGE = timedelta(minutes=15)

#: How figures are kept; those that were kept otherwise are counted anew.
SHAPE = "per currency, with credits"
#: What campaigns are credited with in the usual period stands beside the parts: it is shown to those who may see all of it.
CREDITED = "credited"

Count = Callable[[Any, date], Any]
#: Each part: the records whose rows decide which figures a reader gets, and how they are counted.
PARTS: dict[str, tuple[Any, Count]] = {
    "funnel": (Lead, lambda user, on: reports.funnel(user, since=reports.months_back(on, BACK)[0])),
    "pipeline": (Opportunity, lambda user, on: reports.pipeline(user, months=reports.months_ahead(on, AHEAD))),
    "won": (Opportunity, lambda user, on: reports.won_by_month(user, reports.months_back(on, BACK))),
    "invoiced": (Invoice, lambda user, on: reports.invoiced_by_month(user, reports.months_back(on, BACK))),
    "ageing": (Invoice, lambda user, on: reports.ageing(user, on=on)),
    "lost": (Opportunity, lambda user, on: reports.lost_by_reason(user, since=reports.months_back(on, BACK)[0])),
}


@dataclass(frozen=True)
class Overview:
    """The parts, and when those of the whole house were counted: None where all were counted just now.

    Amounts are told per currency, the house's own first.
    """

    funnel: list[int]
    pipeline: dict[str, list[tuple[Decimal, Decimal]]]
    won: dict[str, list[Decimal]]
    invoiced: dict[str, list[Decimal]]
    ageing: dict[str, list[tuple[Decimal, int]]]
    lost: list[tuple[str, int]]
    as_of: datetime | None

    @property
    def currencies(self) -> list[str]:
        """Every currency in which there is something, the house's own first."""
        return list(dict.fromkeys([*self.won, *sorted({*self.pipeline, *self.invoiced, *self.ageing})]))


def overview(user: Any, *, on: date) -> Overview:
    """The figures over what this user may see."""
    kept: Snapshot | None = None
    found: dict[str, Any] = {}
    for name, (model, count) in PARTS.items():
        if access.sees_all(user, model):
            kept = kept or latest(on)
            found[name] = READ[name](kept.figures[name])
        else:
            found[name] = count(user, on)
    return Overview(**found, as_of=kept.taken_at if kept else None)


def latest(on: date) -> Snapshot:
    """The figures of the whole house, not older than `MAX_AGE`."""
    fresh = Snapshot.objects.filter(on=on, taken_at__gte=timezone.now() - MAX_AGE, figures__shape=SHAPE)
    return fresh.order_by("-taken_at").first() or take(on)


def take(on: date | None = None) -> Snapshot:
    """Count everything now, and keep it in the place of what was counted before."""
    on = on or timezone.localdate()
    started = timezone.now()
    figures = {name: count(access.JOB, on) for name, (_model, count) in PARTS.items()} | {"shape": SHAPE}
    figures[CREDITED] = attribution.count(*attribution.usual_period(on))
    with transaction.atomic():
        kept = Snapshot.objects.create(on=on, taken_at=started, figures=figures)
        Snapshot.objects.filter(taken_at__lt=started).delete()
    kept.refresh_from_db()
    return kept


Figures = dict[str, list[Any]]


def _each(kept: Figures, read: Callable[[Any], Any]) -> Figures:
    return {currency: [read(figure) for figure in figures] for currency, figures in kept.items()}


#: How each part is read back: JSON keeps amounts as texts.
READ: dict[str, Callable[[Any], Any]] = {
    "funnel": list,
    "pipeline": lambda kept: _each(kept, lambda both: (Decimal(both[0]), Decimal(both[1]))),
    "won": lambda kept: _each(kept, Decimal),
    "invoiced": lambda kept: _each(kept, Decimal),
    "ageing": lambda kept: _each(kept, lambda both: (Decimal(both[0]), both[1])),
    "lost": lambda kept: [(code, count) for code, count in kept],
}
