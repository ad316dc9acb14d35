"""Read models: the P&L of a project, from one read of its ledger; the hours of a week."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.db.models import Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from core import access
from people.models import Employee
from projects.models import Entry, Project, TimeEntry

ZERO = Decimal(0)


@dataclass(frozen=True)
class Figure:
    """An amount in EUR and the page with the facts behind it; `amount` None leaves the place empty."""

    amount: Decimal | None
    url: str = ""

    @property
    def is_bad(self) -> bool:
        return self.amount is not None and self.amount < 0


@dataclass(frozen=True)
class ResultRow:
    """One row of the P&L: what was agreed or planned, what is ordered, what happened, what is left."""

    label: str
    planned: Figure
    committed: Figure
    actual: Figure
    left: Figure


NONE = Figure(None)


def profit_and_loss(project: Project, user: Any) -> list[ResultRow]:
    """Revenue (agreed, invoiced, still to invoice); for those who may see costs also costs and margin, in EUR.

    Margin: agreed revenue less budget as planned; invoiced revenue less actual cost so far.
    """
    sums = project.totals_by_kind()
    agreed, invoiced = project.revenue.amount, sums[Entry.Kind.REVENUE]
    rows = [
        ResultRow(
            _("Revenue, net"),
            Figure(agreed, project.contract.get_absolute_url()),
            NONE,
            Figure(invoiced, ledger_url(project, Entry.Kind.REVENUE)),
            Figure(agreed - invoiced),
        )
    ]
    return rows + _costs(project, sums, agreed, invoiced) if access.can_see_costs(user) else rows


def _costs(project: Project, sums: dict[str, Decimal], agreed: Decimal, invoiced: Decimal) -> list[ResultRow]:
    budget, committed, cost = (sums[k] for k in (Entry.Kind.BUDGET, Entry.Kind.COMMITMENT, Entry.Kind.COST))
    return [
        ResultRow(
            _("Costs"),
            Figure(budget, ledger_url(project, Entry.Kind.BUDGET)),
            Figure(committed, ledger_url(project, Entry.Kind.COMMITMENT)),
            Figure(cost, ledger_url(project, Entry.Kind.COST)),
            Figure(budget - committed - cost, ledger_url(project, *COSTS)),
        ),
        ResultRow(
            _("Margin"),
            Figure(agreed - budget, ledger_url(project, Entry.Kind.BUDGET)),
            NONE,
            Figure(invoiced - cost, ledger_url(project, Entry.Kind.REVENUE, Entry.Kind.COST)),
            NONE,
        ),
    ]


COSTS = (Entry.Kind.BUDGET, Entry.Kind.COMMITMENT, Entry.Kind.COST)


def ledger_url(project: Project, *kinds: str) -> str:
    """The rows of a project's ledger of these kinds."""
    return (
        f"{reverse('projects:entry_list')}?{urlencode([('project', project.pk), *(('kind', str(k)) for k in kinds)])}"
    )


def hours_without_rate(project: Project) -> Decimal:
    """Hours that cost nothing in the ledger, because HR had entered no cost rate for their day."""
    return project.time_entries.filter(cost_rate=0).aggregate(sum=Sum("hours"))["sum"] or ZERO


# --- The week -------------------------------------------------------------------------------------------------------------


def week_of(day: date) -> list[date]:
    """The seven days from Monday to Sunday around a day."""
    monday = day - timedelta(days=day.weekday())
    return [monday + timedelta(days=n) for n in range(7)]


def hours_of_week(employee: Employee, days: list[date]) -> dict[tuple[int, date], Decimal]:
    """Hours by (project, day)."""
    rows = TimeEntry.objects.filter(employee=employee, on__in=days).order_by()
    found = rows.values_list("project_id", "on").annotate(sum=Sum("hours"))
    return {(project, on): hours for project, on, hours in found}


def projects_of_week(employee: Employee, user: Any, days: list[date], also: Iterable[int] = ()) -> list[Project]:
    """What the timesheet offers by itself: worked on in this week or the four before, and those added."""
    worked = TimeEntry.objects.filter(employee=employee, on__gte=days[0] - timedelta(days=28), on__lte=days[-1])
    known = worked.filter(hours__gt=0).order_by().values("project_id")
    in_week = worked.filter(on__gte=days[0], hours__gt=0).order_by().values("project_id")
    visible = Project.objects.visible_to(user).open_for_booking().order_by()
    # One list of ids: two conditions joined by "or" would be asked of every project there is.
    ids = in_week.union(visible.filter(pk__in=known).values("pk"), visible.filter(pk__in=[*also]).values("pk"))
    return list(Project.objects.filter(pk__in=ids).select_related("company").order_by("number"))
