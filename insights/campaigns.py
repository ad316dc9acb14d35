"""Pages of what campaigns cost and bring: all of them side by side, and each one with its funnel."""

from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import charts, formats
from core.forms import Form
from core.pages import Page
from insights import reports
from insights.attribution import CURRENCY, MEASURES, Brought, brought, currencies, total, usual_period
from insights.models import Snapshot
from insights.overview import CREDITED, latest, take
from leads.models import Campaign, CampaignMember, Lead, Touch

#: The first day there is anything of.
EVER = date(2000, 1, 1)
#: Campaigns drawn; the table has them all.
DRAWN = 12
#: What each measure is called, and a unit of it.
NAMES: dict[str, tuple[Any, Any]] = {
    "collected": (gettext_lazy("Collected"), gettext_lazy("Cost per collected euro")),
    "won": (gettext_lazy("Won deals"), gettext_lazy("Cost per won deal")),
    "deals": (gettext_lazy("Opportunities"), gettext_lazy("Cost per opportunity")),
    "leads": (gettext_lazy("Leads"), gettext_lazy("Cost per lead")),
}
ATTRIBUTIONS = (gettext_lazy("First touch"), gettext_lazy("Last touch"), gettext_lazy("Linear"))


class PeriodForm(Form):
    """From when to when, both days included."""

    since = forms.DateField(label=gettext_lazy("From"))
    until = forms.DateField(label=gettext_lazy("To"))

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if (
            found.get("since")
            and found.get("until")
            and not EVER <= found["since"] <= found["until"] <= date(2100, 1, 1)
        ):
            self.add_error("until", gettext_lazy("The last day is before the first."))
        return found


class CampaignResults(Page):
    """Every campaign in one table: what it cost, and what each model of attribution credits to it."""

    permission = "insights.view_attribution"
    template_name = "insights/campaigns.html"
    title = gettext_lazy("What campaigns bring")

    def get(self, request: HttpRequest) -> HttpResponse:
        form, since, until = self.period()
        measure = request.GET.get("of", "")
        measure = measure if measure in MEASURES else "collected"
        kept = self.kept(since, until)
        rows = brought(since, until, counted=kept.figures[CREDITED] if kept else None)
        context = {
            "form": form,
            "as_of": kept.taken_at if kept else None,
            "tabs": [self.tab(name, measure, since, until) for name in NAMES],
            "name": NAMES[measure][0],
            "unit": NAMES[measure][1],
            "attributions": ATTRIBUTIONS,
            "lines": [line(row, measure) for row in rows if counts_here(row, measure)],
            "totals": totals(rows, measure),
            "drawing": drawing(rows, measure),
            "measure": measure,
        }
        return self.show(context)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Count anew."""
        take()
        return self.go(reverse("insights:campaigns"))

    def kept(self, since: date, until: date) -> Snapshot | None:
        """What was counted some minutes ago, if these are the days that are usually asked for."""
        today = timezone.localdate()
        return latest(today) if (since, until) == usual_period(today) else None

    def period(self) -> tuple[Form, date, date]:
        """The days asked for; the last twelve months where nothing, or nonsense, is."""
        usual = dict(zip(("since", "until"), usual_period(timezone.localdate()), strict=True))
        if not {"since", "until"} & set(self.request.GET):
            return PeriodForm(initial=usual), usual["since"], usual["until"]
        form = PeriodForm({**usual, **self.request.GET.dict()})
        found = form.cleaned_data if form.is_valid() else usual
        return form, found["since"], found["until"]

    def tab(self, name: str, here: str, since: date, until: date) -> dict[str, Any]:
        query = urlencode({"of": name, "since": since.isoformat(), "until": until.isoformat()})
        return {"label": NAMES[name][0], "url": f"?{query}", "here": name == here}


class CampaignResult(Page):
    """One campaign since it began: what it has brought, its funnel, its list; for its own page, the table alone."""

    model = Campaign
    permission = "insights.view_attribution"
    template_name = "insights/campaign.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        campaign = self.record()
        if request.headers.get("HX-Target") == "figures":
            return self.show(self.figures(campaign), part="figures")
        page = {"record": campaign, "title": str(campaign)}
        return self.show_later("result", lambda: page, lambda: self.figures(campaign) | self.charts(campaign))

    def charts(self, campaign: Campaign) -> dict[str, Any]:
        return {"charts": [funnel(campaign), list_of(campaign)]}

    def figures(self, campaign: Campaign) -> dict[str, Any]:
        row, *further = brought(EVER, timezone.localdate(), campaign=campaign)
        row.cost = campaign.cost.amount
        measures = [{"name": NAMES[name][0], "unit": NAMES[name][1], **line(row, name)} for name in NAMES]
        others = [{"name": f"{NAMES['collected'][0]} ({row.currency})", **line(row, "collected")} for row in further]
        return {"attributions": ATTRIBUTIONS, "measures": [measures[0], *others, *measures[1:]]}


def line(row: Brought, measure: str) -> dict[str, Any]:
    """A row as it is written: what it cost, and under each model how much and at what cost a unit."""
    costs = [_unit(cost, measure, row.currency) for cost in row.costs_per(measure)]
    shares = [_share(share, measure, row.currency) for share in row.credit(measure)]
    cost = "—" if row.cost is None else formats.money(row.cost, row.currency)
    return {"campaign": row.campaign, "cost": cost, "pairs": list(zip(ATTRIBUTIONS, shares, costs, strict=True))}


def counts_here(row: Brought, measure: str) -> bool:
    """A row of what was paid in another currency has nothing to say of leads and deals."""
    return measure == "collected" or row.cost is not None


def totals(rows: list[Brought], measure: str) -> list[dict[str, Any]]:
    """One of each currency; of leads and deals a single one, whose costs are not added up where they are of several."""
    known = currencies(rows)
    if measure == "collected" or len(known) == 1:
        names = known if measure == "collected" else [CURRENCY]
        return [{"currency": code if len(names) > 1 else "", **line(total(rows, code), measure)} for code in names]
    costs = [formats.money(spent, code) for code in known if (spent := total(rows, code).cost)]
    every = total(rows)
    every.cost = None
    return [line(every, measure) | {"currency": "", "cost": " + ".join(costs) or "—"}]


def _share(share: Decimal, measure: str, currency: str = CURRENCY) -> str:
    if measure == "collected":
        return formats.money(share, currency)
    return formats.number(share, 0 if share == int(share) else 2)


def _unit(cost: Decimal | None, measure: str, currency: str) -> str:
    """An amount; with a third place where it is the cost of a single euro."""
    if cost is None:
        return "—"
    return formats.money(cost, currency, places=3 if measure == "collected" else 2)


def drawing(rows: list[Brought], measure: str) -> charts.Chart | None:
    """The campaigns that brought most, under the three models."""
    drawn = [row for row in rows if row.campaign and (measure != "collected" or row.currency == CURRENCY)]
    found = sorted(drawn, key=lambda row: -max(row.credit(measure)))[:DRAWN]
    found = [row for row in found if any(row.credit(measure))]
    if not found:
        return None
    labels = [str(row.campaign) for row in found]
    series = {label: [row.credit(measure)[n] for row in found] for n, label in enumerate(map(str, ATTRIBUTIONS))}
    links = [row.campaign.get_absolute_url() for row in found if row.campaign]
    return charts.bars(
        NAMES[measure][0], labels, series, written=lambda share: _share(share, measure), links=links, sideways=True
    )


def funnel(campaign: Campaign) -> charts.Chart:
    """The leads this campaign has touched, and how far their deals have come."""
    touched = Touch.objects.filter(campaign=campaign).order_by().values("lead")
    made = Lead.objects.filter(campaign=campaign).order_by().values("pk")
    # A union has an index for each half; of "either" the database would read all leads.
    counts = reports.reached(Lead.objects.filter(pk__in=made.union(touched)))
    names = (_("Leads"), _("Qualified"), _("Opportunities"), _("Quoted"), _("Ordered"), _("Paid"))
    return charts.funnel(_("Leads it has touched"), list(zip(names, counts, strict=True)), written=formats.number)


def list_of(campaign: Campaign) -> charts.Chart:
    """Who was invited, and what came of it. Nobody is counted twice, also where two records were found to be one."""
    people = Count("lead", distinct=True) + Count("contact", distinct=True)
    rows = CampaignMember.objects.filter(campaign=campaign).order_by().values("state").annotate(n=people)
    counts = {row["state"]: row["n"] for row in rows}
    labels = [str(label) for _value, label in CampaignMember.State.choices]
    series = {_("People"): [counts.get(value, 0) for value, _label in CampaignMember.State.choices]}
    links = [
        f"{reverse('leads:campaignmember_list')}?{urlencode({'campaign': campaign.pk, 'state': value})}"
        for value, _label in CampaignMember.State.choices
    ]
    return charts.bars(_("Who is on the list"), labels, series, written=formats.number, links=links)
