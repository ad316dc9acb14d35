"""Sets of campaigns and of leads, chainable."""

from typing import Any, Self

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, models
from django.db.models import F, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce, NullIf, Round
from django.utils import timezone

from core.access import RecordQuerySet
from core.models.subjects import AboutRows
from core.remembered import Remembered

#: The states of leads that something may still come of. (A list: migrations hold it as one.)
OPEN = ["new", "working", "qualified"]
#: From this score on an open lead is hot, where the rules speak alone.
HOT = 60


def _read_hot() -> int:
    versions: Any = apps.get_model("leads", "ScoreVersion")
    active = versions.objects.using(DEFAULT_DB_ALIAS).filter(active=True)
    found = active.values_list("hot_from", flat=True).first()
    return HOT if found is None else int(found)


#: From this score on an open lead is hot: 60 by the rules alone; learnt, what the best fifth of the open leads had.
hot_from = Remembered(_read_hot)


class CampaignQuerySet(RecordQuerySet):
    owner_paths = ("owner",)

    def with_figures(self) -> Self:
        """With `lead_count`, `converted_count`, and `cost_per_lead` in the campaign's currency (None without a lead)."""
        tallies = self.model._meta.get_field("tallies").related_model.objects.filter(campaign=OuterRef("pk"))
        counted = tallies.order_by().values("campaign").annotate(leads_sum=Sum("leads"), converted_sum=Sum("converted"))
        money = models.DecimalField(max_digits=14, decimal_places=2)
        return self.annotate(
            lead_count=Coalesce(Subquery(counted.values("leads_sum")), 0),
            converted_count=Coalesce(Subquery(counted.values("converted_sum")), 0),
            cost_per_lead=Round(F("cost") / NullIf("lead_count", 0), 2, output_field=money),
            cost_per_lead_currency=F("currency"),
        )

    def running(self) -> Self:
        """Begun, and not over yet."""
        return self.filter(state="running")


class LeadQuerySet(RecordQuerySet):
    unowned_for_all = True

    def open(self) -> Self:
        return self.filter(state__in=self.model.OPEN_STATES)

    def unassigned(self) -> Self:
        return self.open().filter(owner=None)

    def hot(self) -> Self:
        return self.open().filter(scored__is_open=True, scored__score__gte=hot_from())


class SenderQuerySet(RecordQuerySet):
    """Sequences and mailings: their owner's, or all of them by right."""


class EnrolmentQuerySet(AboutRows, RecordQuerySet):
    """Who is in which sequence."""

    def under_way(self) -> Self:
        return self.filter(state__in=("active", "paused"))

    def due(self) -> Self:
        """Those whose next step may be taken now, the longest waiting first."""
        ready = self.filter(state="active", due_at__lte=timezone.now(), sequence__state="active")
        return ready.order_by("due_at", "pk")
