"""The home page with each role's queues, and the dashboard."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
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
        context["charts"] = forecast(request.user)
    return render(request, "insights/home.html", context)


def forecast(user: Any) -> list[charts.Chart]:
    """The open pipeline by month of expected close, whole and weighted, as it is now; a chart per currency."""
    months = reports.months_ahead(timezone.localdate(), AHEAD)
    found = reports.pipeline(user, months=months)
    return [pipeline_chart(months, sums, currency) for currency, sums in found.items()]


def pipeline_chart(months: Sequence[date], found: Sequence[tuple[Decimal, Decimal]], currency: str) -> charts.Chart:
    series = {_("Value"): [value for value, _likely in found], _("Weighted"): [likely for _value, likely in found]}
    title = named(_("Pipeline by month"), currency)
    return charts.bars(title, [month_name(m) for m in months], series, written=in_currency(currency))


def month_name(month: Any) -> str:
    return date_format(month, "M Y")


def named(title: str, currency: str) -> str:
    """A chart's title; one in another currency than the house's says so."""
    return title if currency == settings.DEFAULT_CURRENCY else f"{title} ({currency})"


def in_currency(currency: str) -> Callable[[Any], str]:
    return lambda amount: formats.money(amount, currency)


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
        own, *others = seen.currencies
        context = {
            "charts": [
                (_("From lead to cash, last 12 months"), "filter", self.funnel_chart(seen.funnel)),
                *self.amount_charts(seen, own, today),
                (_("Why deals were lost, last 12 months"), "mood-sad", self.lost_chart(seen)),
                *(chart for currency in others for chart in self.amount_charts(seen, currency, today)),
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

    def amount_charts(self, seen: Overview, currency: str, today: date) -> Iterator[tuple[str, str, charts.Chart]]:
        """The charts of amounts in one currency, as far as there is anything in it: amounts of two are never added."""
        if sums := seen.pipeline.get(currency):
            chart = pipeline_chart(reports.months_ahead(today, AHEAD), sums, currency)
            yield chart.title, "target-arrow", chart
        if currency in seen.won or currency in seen.invoiced:
            nothing = [Decimal(0)] * BACK
            series = {
                _("Won"): seen.won.get(currency, nothing),
                _("Invoiced"): seen.invoiced.get(currency, nothing),
            }
            names = [month_name(month) for month in reports.months_back(today, BACK)]
            title = named(_("Won and invoiced"), currency)
            yield title, "chart-bar", charts.bars(title, names, series, written=in_currency(currency))
        if owed := seen.ageing.get(currency):
            yield named(_("What customers owe, by age"), currency), "cash", self.ageing_chart(owed, currency)

    def ageing_chart(self, owed: list[tuple[Decimal, int]], currency: str) -> charts.Chart:
        labels = [_("not due"), _("1–30 days"), _("31–60 days"), _("61–90 days"), _("over 90 days")]
        amounts = {_("Open amount"): [amount for amount, _count in owed]}
        links = [list_url("invoicing:invoice_list")] * len(labels)
        title = named(_("What customers owe"), currency)
        return charts.bars(title, labels, amounts, written=in_currency(currency), links=links)

    def lost_chart(self, seen: Overview) -> charts.Chart:
        words = dict(reasons.choices())
        labels = [words.get(code, code or _("no reason")) for code, _count in seen.lost]
        base = list_url("opportunities:opportunity_list")
        links = [f"{base}?{urlencode({'state': 'lost', 'lost_reason': code})}" for code, _count in seen.lost]
        counts = {_("Deals lost"): [count for _code, count in seen.lost]}
        return charts.bars(_("Why deals were lost"), labels, counts, written=formats.number, links=links, sideways=True)

    def figures(self, seen: Overview) -> list[dict[str, str]]:
        owed = {currency: [amount for amount, _count in sums] for currency, sums in seen.ageing.items()}
        overdue = {currency: amounts[1:] for currency, amounts in owed.items()}
        return [
            {"label": _("Won, 12 months"), "value": sums_of(seen.won)},
            {"label": _("Invoiced, 12 months"), "value": sums_of(seen.invoiced)},
            {"label": _("Owed by customers"), "value": sums_of(owed)},
            {"label": _("Overdue"), "value": sums_of(overdue)},
        ]


def sums_of(amounts: Mapping[str, Sequence[Decimal]]) -> str:
    """One sum per currency, side by side; of the others than the house's, only those that are something."""
    sums = {currency: sum(figures, Decimal(0)) for currency, figures in amounts.items()}
    shown = [(code, total) for code, total in sums.items() if total or code == settings.DEFAULT_CURRENCY]
    return " + ".join(formats.money(total, code) for code, total in shown)
