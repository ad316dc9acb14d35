"""The home page with each role's queues, and the dashboard."""

from typing import Any

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


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Where everybody starts: what waits for them, and for managers what is coming."""
    context: dict[str, Any] = {"title": _("My day"), "queues": queues.for_user(request.user)}
    if request.user.has_perms(("insights.view_dashboard", "opportunities.view_opportunity")):
        context["chart"] = forecast(request.user)
    return render(request, "insights/home.html", context)


def forecast(user: Any) -> charts.Chart:
    """The open pipeline by month of expected close, whole and weighted."""
    months = reports.months_ahead(timezone.localdate(), 6)
    found = reports.pipeline(user, months=months)
    series = {_("Value"): [found[m][0] for m in months], _("Weighted"): [found[m][1] for m in months]}
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
        user, today = request.user, timezone.localdate()
        months = reports.months_back(today, 12)
        names = [month_name(month) for month in months]
        steps = reports.funnel(user, since=months[0])
        ageing = reports.ageing(user, on=today)
        series = {_("Won"): reports.won_by_month(user, months), _("Invoiced"): reports.invoiced_by_month(user, months)}
        context = {
            "charts": [
                (_("From lead to cash, last 12 months"), "filter", self.funnel_chart(steps)),
                (_("Pipeline by month"), "target-arrow", forecast(user)),
                (_("Won and invoiced"), "chart-bar", charts.bars(_("Won and invoiced"), names, series, written=euro)),
                (_("What customers owe, by age"), "cash", self.ageing_chart(ageing)),
            ],
            "figures": self.figures(ageing, series),
        }
        return self.show(context | {"title": _("Dashboard")})

    def funnel_chart(self, steps: list[tuple[str, int, str]]) -> charts.Chart:
        links = [list_url(name) for _label, _count, name in steps]
        counts = [(label, count) for label, count, _name in steps]
        return charts.funnel(_("From lead to cash"), counts, written=formats.number, links=links)

    def ageing_chart(self, ageing: list[reports.Bucket]) -> charts.Chart:
        amounts = {_("Open amount"): [bucket.amount for bucket in ageing]}
        link = list_url("invoicing:invoice_list")
        return charts.bars(
            _("What customers owe"),
            [bucket.label for bucket in ageing],
            amounts,
            written=euro,
            links=[link] * len(ageing),
        )

    def figures(self, ageing: list[reports.Bucket], series: dict[str, list[Any]]) -> list[dict[str, str]]:
        won, invoiced = series.values()
        return [
            {"label": _("Won, 12 months"), "value": euro(sum(won))},
            {"label": _("Invoiced, 12 months"), "value": euro(sum(invoiced))},
            {"label": _("Owed by customers"), "value": euro(sum(bucket.amount for bucket in ageing))},
            {"label": _("Overdue"), "value": euro(sum(bucket.amount for bucket in ageing[1:]))},
        ]
