"""The home page with each role's queues, and the dashboard."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core import charts, formats
from core.pages import Page
from insights import queues, reports
from insights.overview import AHEAD, BACK, Overview, overview, take
from leads.models import reasons


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Where everybody starts: what waits for them, and for managers what is coming."""
    context: dict[str, Any] = {"title": _("My day"), "queues": queues.for_user(request.user)}
    if request.user.has_perms(("insights.view_dashboard", "opportunities.view_opportunity")):
        context["chart"] = forecast(request.user)
    return render(request, "insights/home.html", context)


def forecast(user: Any) -> charts.Chart:
    """The open pipeline by month of expected close, whole and weighted, as it is now."""
    months = reports.months_ahead(timezone.localdate(), AHEAD)
    return pipeline_chart(months, reports.pipeline(user, months=months))


def pipeline_chart(months: Sequence[date], found: Sequence[tuple[Decimal, Decimal]]) -> charts.Chart:
    series = {_("Value"): [value for value, _likely in found], _("Weighted"): [likely for _value, likely in found]}
    return charts.bars(_("Pipeline by month"), [month_name(m) for m in months], series, written=euro)


def month_name(month: Any) -> str:
    return date_format(month, "M Y")


def euro(amount: Any) -> str:
    return formats.money(amount, "EUR")


def list_url(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


class DashboardPage(Page):
    """Figures over every stage; every chart has its table, every mark opens its rows."""

    permission = "insights.view_dashboard"
    template_name = "insights/dashboard.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        today = timezone.localdate()
        seen = overview(request.user, on=today)
        series = {_("Won"): seen.won, _("Invoiced"): seen.invoiced}
        names = [month_name(month) for month in reports.months_back(today, BACK)]
        pipeline = pipeline_chart(reports.months_ahead(today, AHEAD), seen.pipeline)
        context = {
            "charts": [
                (_("From lead to cash, last 12 months"), "filter", self.funnel_chart(seen.funnel)),
                (_("Pipeline by month"), "target-arrow", pipeline),
                (_("Won and invoiced"), "chart-bar", charts.bars(_("Won and invoiced"), names, series, written=euro)),
                (_("What customers owe, by age"), "cash", self.ageing_chart(seen)),
                (_("Why deals were lost, last 12 months"), "mood-sad", self.lost_chart(seen)),
            ],
            "figures": self.figures(seen),
            "as_of": seen.as_of,
        }
        return self.show(context | {"title": _("Dashboard")})

    def post(self, request: HttpRequest) -> HttpResponse:
        """Count anew."""
        take()
        return self.go(reverse("insights:dashboard"))

    def funnel_chart(self, counts: list[int]) -> charts.Chart:
        steps = (
            (_("Leads"), "leads:lead_list"),
            (_("Qualified"), "leads:lead_list"),
            (_("Opportunities"), "opportunities:opportunity_list"),
            (_("Quoted"), "quotes:quote_list"),
            (_("Ordered"), "orders:salesorder_list"),
            (_("Paid"), "invoicing:invoice_list"),
        )
        links = [list_url(name) for _label, name in steps]
        marks = [(label, count) for (label, _name), count in zip(steps, counts, strict=True)]
        return charts.funnel(_("From lead to cash"), marks, written=formats.number, links=links)

    def ageing_chart(self, seen: Overview) -> charts.Chart:
        labels = [_("not due"), _("1–30 days"), _("31–60 days"), _("61–90 days"), _("over 90 days")]
        amounts = {_("Open amount"): [amount for amount, _count in seen.ageing]}
        links = [list_url("invoicing:invoice_list")] * len(labels)
        return charts.bars(_("What customers owe"), labels, amounts, written=euro, links=links)

    def lost_chart(self, seen: Overview) -> charts.Chart:
        words = dict(reasons.choices())
        labels = [words.get(code, code or _("no reason")) for code, _count in seen.lost]
        base = list_url("opportunities:opportunity_list")
        links = [f"{base}?{urlencode({'state': 'lost', 'lost_reason': code})}" for code, _count in seen.lost]
        counts = {_("Deals lost"): [count for _code, count in seen.lost]}
        return charts.bars(_("Why deals were lost"), labels, counts, written=formats.number, links=links, sideways=True)

    def figures(self, seen: Overview) -> list[dict[str, str]]:
        owed = [amount for amount, _count in seen.ageing]
        return [
            {"label": _("Won, 12 months"), "value": euro(sum(seen.won))},
            {"label": _("Invoiced, 12 months"), "value": euro(sum(seen.invoiced))},
            {"label": _("Owed by customers"), "value": euro(sum(owed))},
            {"label": _("Overdue"), "value": euro(sum(owed[1:]))},
        ]
