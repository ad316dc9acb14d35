"""The dashboard's figures: kept ones say their age, are counted anew when asked, and are for those who see every row."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from core import access
from core.money import Money
from core.remembered import changed
from insights import overview, reports, tasks
from insights.models import Snapshot
from leads.models import Lead, LostReason
from opportunities.models import Opportunity
from tests.factories import CampaignFactory, InvoiceFactory, LeadFactory, OpportunityFactory

pytestmark = pytest.mark.django_db


def counted(user, on):
    return {name: count(user, on) for name, (_model, count) in overview.PARTS.items()}


def test_kept_figures_are_those_that_a_count_gives(cast):
    today = timezone.localdate()
    LeadFactory.create_batch(2)
    OpportunityFactory(expected_close=today, value=1000, probability=50)
    OpportunityFactory(state="won", closed_on=today, value=700)
    InvoiceFactory(state="issued", due_on=today - timedelta(days=40))
    seen = overview.overview(cast.manager, on=today)
    assert seen.as_of is not None
    assert {name: getattr(seen, name) for name in overview.PARTS} == counted(cast.manager, today)
    assert seen.pipeline["EUR"][0][0] == 1000
    assert seen.won["EUR"][-1] == 700
    assert seen.ageing["EUR"][2][1] == 1


def test_figures_are_kept_for_a_while_and_counted_anew_when_asked(cast, client_of):
    client, url = client_of(cast.manager), reverse("insights:dashboard")
    OpportunityFactory(state="won", closed_on=timezone.localdate(), value=1111)
    assert "1,111.00" in client.get(url).content.decode()
    OpportunityFactory(state="won", closed_on=timezone.localdate(), value=1111)
    page = client.get(url).content.decode()
    assert "1,111.00" in page
    assert f"As of {timezone.localtime(Snapshot.objects.get().taken_at):%H:%M}" in page
    assert client.post(url).status_code == 302
    assert "2,222.00" in client.get(url).content.decode()
    assert client_of(cast.sales).post(url).status_code == 403


def test_figures_that_nobody_counted_for_long_are_counted_by_the_reader(cast):
    today = timezone.localdate()
    tasks.take_snapshot()
    LeadFactory()
    assert overview.overview(cast.manager, on=today).funnel[0] == 0
    Snapshot.objects.update(taken_at=timezone.now() - overview.MAX_AGE)
    assert overview.overview(cast.manager, on=today).funnel[0] == 1
    assert overview.overview(cast.manager, on=today + timedelta(days=1)).funnel[0] == 1
    assert Snapshot.objects.count() == 1


def test_who_does_not_see_every_row_gets_the_figures_of_their_own(cast):
    today = timezone.localdate()
    OpportunityFactory(owner=cast.sales, expected_close=today, value=10)
    OpportunityFactory(owner=cast.sales2, expected_close=today, value=500)
    tasks.take_snapshot()
    seen = overview.overview(cast.sales, on=today)
    assert seen.pipeline == reports.pipeline(cast.sales, months=reports.months_ahead(today, overview.AHEAD))
    assert seen.pipeline["EUR"][0][0] == 10
    assert not access.sees_all(cast.sales, Opportunity)
    assert access.sees_all(cast.manager, Opportunity)
    assert not access.sees_all(cast.nobody, Lead)


def test_why_deals_were_lost_is_told_in_the_present_words(cast, client_of):
    for reason in ("price", "price", "timing"):
        OpportunityFactory(state="lost", lost_reason=reason, closed_on=timezone.localdate())
    OpportunityFactory(state="lost", lost_reason="price", closed_on=timezone.localdate() - timedelta(days=500))
    LostReason.objects.filter(code="timing").update(label="Another year")
    changed()
    assert overview.overview(cast.manager, on=timezone.localdate()).lost == [("price", 2), ("timing", 1)]
    page = client_of(cast.manager).get(reverse("insights:dashboard")).content.decode()
    assert "Another year" in page
    assert "lost_reason=price" in page


def in_two_currencies(today):
    """A deal open and one won in each; three invoices in euros, one in dollars and its credit note, each 2,000 net."""
    for currency, amount in (("EUR", 1000), ("USD", 300)):
        OpportunityFactory(expected_close=today, value=Money(amount, currency), probability=50)
        OpportunityFactory(state="won", closed_on=today, value=Money(amount, currency))
        overdue = today - timedelta(days=40)
        bills = [InvoiceFactory(state="issued", currency=currency, due_on=overdue) for _n in range(amount // 300)]
    InvoiceFactory(kind="credit_note", credits=bills[0], state="issued", currency="USD")


def test_amounts_of_two_currencies_are_never_added(cast):
    today = timezone.localdate()
    in_two_currencies(today)
    seen = overview.overview(cast.manager, on=today)
    assert seen.currencies == ["EUR", "USD"]
    assert {code: sums[0] for code, sums in seen.pipeline.items()} == {"EUR": (1000, 500), "USD": (300, 150)}
    assert {code: sums[-1] for code, sums in seen.won.items()} == {"EUR": 1000, "USD": 300}
    assert {code: sums[-1] for code, sums in seen.invoiced.items()} == {"EUR": 6000, "USD": 0}
    assert {code: sums[2] for code, sums in seen.ageing.items()} == {"EUR": (7320, 3), "USD": (2440, 1)}


def test_the_dashboard_has_a_chart_per_currency_and_sums_side_by_side(cast, client_of):
    in_two_currencies(timezone.localdate())
    manager = client_of(cast.manager)
    page = manager.get(reverse("insights:dashboard"))
    figures = {figure["label"]: figure["value"] for figure in page.context["figures"]}
    assert figures["Won, 12 months"] == "€1,000.00 + $300.00"
    assert figures["Invoiced, 12 months"] == "€6,000.00"
    assert figures["Overdue"] == "€7,320.00 + $2,440.00"
    titles = [str(title) for title, _icon, _chart in page.context["charts"]]
    assert {"Won and invoiced", "Won and invoiced (USD)", "Pipeline by month (USD)"} <= set(titles)
    assert "1,300" not in page.content.decode()
    assert "Pipeline by month (USD)" in manager.get(reverse("home")).content.decode()


def test_one_currency_shows_no_other(cast, client_of):
    OpportunityFactory(state="won", closed_on=timezone.localdate(), value=700)
    page = client_of(cast.manager).get(reverse("insights:dashboard"))
    assert len(page.context["charts"]) == 5
    assert "USD" not in page.content.decode()


def test_figures_kept_in_another_shape_are_counted_anew(cast):
    Snapshot.objects.create(on=timezone.localdate(), figures={name: [] for name in overview.PARTS})
    assert overview.overview(cast.manager, on=timezone.localdate()).won["EUR"][-1] == 0


def test_what_campaigns_bring_in_the_usual_months_is_kept_and_counted_anew_when_asked(cast, client_of):
    client, url = client_of(cast.manager), reverse("insights:campaigns")
    today, campaign = timezone.localdate(), CampaignFactory()
    since = today - timedelta(days=365)

    def leads(address):
        rows = client.get(address).context["lines"]
        return [row["pairs"][0][1] for row in rows if row["campaign"] == campaign]

    LeadFactory(campaign=campaign)
    assert leads(f"{url}?of=leads") == ["1"]
    LeadFactory(campaign=campaign)
    assert leads(f"{url}?of=leads&since={since}&until={today}") == ["1"], "the same days, as the tabs ask for them"
    assert leads(f"{url}?of=leads&since={since + timedelta(days=1)}&until={today}") == ["2"], "other days are counted"
    assert client_of(cast.sales).post(url).status_code == 403
    assert client.post(url).status_code == 302
    assert leads(f"{url}?of=leads") == ["2"]
