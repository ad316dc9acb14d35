"""What campaigns brought: each model adds up to the same collected total, to the cent, whatever the touches are."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal

import pgtrigger
import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from insights.attribution import MEASURES, MODELS, brought, total
from invoicing.models import Invoice, Payment
from leads import touches
from leads.models import Campaign, CampaignCost, Lead
from tests.factories import CampaignFactory, ContractFactory, InvoiceFactory, LeadFactory, OpportunityFactory, _force

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()
YEAR = (TODAY - timedelta(days=365), TODAY)
#: What is known of a touch that tells nothing of where somebody came from.
DIRECT = (
    {},
    {"source": "Direct"},
    {"channel": "import", "source": "lista.csv"},
    {"channel": "mail", "source": "Benvenuto"},
)
#: (campaigns of the touches, None for a touch by a search engine, -1... for a direct one; payments in cents) of a deal.
PLACES = st.sampled_from([0, 1, 2, None, -1, -2, -3, -4])
DEALS = st.lists(
    st.tuples(st.lists(PLACES, max_size=7), st.lists(st.integers(1, 99_999_99), max_size=3)),
    max_size=5,
)


@pytest.fixture
def contract():
    return ContractFactory(state="active")


def paid_deal(contract, campaigns, path, payments, own=None):
    """A lead with these touches, and a paid invoice in its thread."""
    lead = LeadFactory(campaign=own)
    start = timezone.now() - timedelta(days=30)
    for n, place in enumerate(path):
        facts = {"channel": "page"}
        if place is None:
            facts |= {"source": "google"}
        elif place < 0:
            facts |= DIRECT[-place - 1]
        else:
            facts |= {"campaign": campaigns[place]}
        touches.record(lead, at=start + timedelta(hours=n // 2), **facts)
    collect(contract, lead.thread, payments)
    return lead


def collect(contract, thread, payments):
    invoice = InvoiceFactory(contract=contract, thread=thread, state="issued")
    for cents in payments:
        Payment.objects.bulk_create([Payment(invoice=invoice, amount=Decimal(cents) / 100, on=TODAY)])
    return invoice


def by_hand(campaigns, deals):
    """The same by counting on fingers: cents by campaign and model."""
    found = {model: defaultdict(int) for model in MODELS}
    for path, payments in deals:
        places = [None if place is None or place < 0 else campaigns[place].pk for place in path] or [None]
        telling = [pk for pk, place in zip(places, path, strict=False) if place is None or place >= 0]
        cents = sum(payments)
        found["first"][places[0]] += cents
        found["last"][(telling or places)[-1]] += cents
        for n, place in enumerate(places):
            found["linear"][place] += cents // len(places) + (n < cents % len(places))
    return found


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(deals=DEALS)
def test_every_model_adds_up_to_the_collected_total_to_the_cent(contract, deals):
    """Row L0, against the same counted by hand."""
    with transaction.atomic():
        campaigns = CampaignFactory.create_batch(3)
        for path, payments in deals:
            paid_deal(contract, campaigns, path, payments)
        rows, expected = brought(*YEAR), by_hand(campaigns, deals)
        collected = Decimal(sum(sum(payments) for _path, payments in deals)) / 100
        assert total(rows).credit("collected") == (collected,) * 3
        for row in rows:
            key = row.campaign.pk if row.campaign else None
            assert list(row.credit("collected")) == [Decimal(expected[model][key]) / 100 for model in MODELS]
            if row.campaign:
                assert brought(*YEAR, campaign=row.campaign)[0].credits == row.credits
        for measure in MEASURES:
            assert len(set(total(rows).credit(measure))) == 1
        transaction.set_rollback(True)


def shares(campaign, measure="collected", period=YEAR):
    rows = {row.campaign: row for row in brought(*period)}
    return rows[campaign].credit(measure) if campaign in rows else None


def test_three_models_side_by_side(contract):
    fair, mailing, social = campaigns = CampaignFactory.create_batch(3)
    lead = paid_deal(contract, campaigns, [0, 1, 2], [100_00])
    OpportunityFactory(lead=lead, thread=lead.thread, state="won", closed_on=TODAY)
    assert shares(fair) == (100, 0, Decimal("33.34"))
    assert shares(mailing) == (0, 0, Decimal("33.33"))
    assert shares(social) == (0, 100, Decimal("33.33"))
    for measure in ("leads", "deals", "won"):
        assert shares(fair, measure) == (1, 0, Decimal("0.34"))


def test_a_lead_without_a_touch_was_touched_by_its_own_campaign(contract):
    fair = CampaignFactory()
    paid_deal(contract, [], [], [50_00], own=fair)
    assert shares(fair) == (50, 50, 50)


def test_what_no_campaign_has_touched_is_a_row_of_its_own(contract):
    renewal = OpportunityFactory(state="won", closed_on=TODAY)
    collect(contract, renewal.thread, [70_00])
    paid_deal(contract, [], [None], [30_00])
    assert shares(None) == (100, 100, 100)
    assert shares(None, "won") == (1, 1, 1)


def test_what_tells_nothing_takes_no_credit_from_a_campaign_as_the_last_touch(contract):
    fair, mailing = campaigns = CampaignFactory.create_batch(2)
    paid_deal(contract, campaigns, [0, -1, 1, -2, -3, -4], [60_00])
    assert shares(fair) == (60, 0, 10)
    assert shares(mailing) == (0, 60, 10)
    assert shares(None) == (0, 0, 40)
    paid_deal(contract, campaigns, [-1, -3], [10_00])  # there is nothing else
    assert shares(None) == (10, 10, 50)
    paid_deal(contract, campaigns, [1, None], [1_00])  # a search engine is somewhere to come from
    assert shares(None).last == 11


def in_dollars(invoice):
    with pgtrigger.ignore("invoicing.Invoice:frozen"):
        Invoice.objects.filter(pk=invoice.pk).update(currency="USD")


def test_credited_invoices_are_left_out(contract):
    fair = CampaignFactory()
    lead = paid_deal(contract, [], [], [], own=fair)
    _force(collect(contract, lead.thread, [10_00]), "credited", {})
    assert shares(fair) == (0, 0, 0)


def test_currencies_are_rows_of_their_own_and_never_added_up(contract):
    fair, expo = CampaignFactory(), CampaignFactory()
    Campaign.objects.filter(pk=expo.pk).update(currency="USD")
    CampaignCost.objects.create(campaign=fair, what="Stand", amount=100)
    CampaignCost.objects.create(campaign=expo, what="Booth", amount=50)
    lead = paid_deal(contract, [], [], [200_00], own=fair)
    in_dollars(collect(contract, lead.thread, [7_00]))
    other = paid_deal(contract, [], [], [], own=expo)
    in_dollars(collect(contract, other.thread, [100_00]))
    rows = brought(*YEAR)
    told = [(row.campaign, row.currency, row.cost, row.credit("collected").last) for row in rows]
    assert told == [
        (fair, "EUR", 100, 200), (expo, "USD", 50, 100), (fair, "USD", None, 7), (None, "EUR", 0, 0),
    ]  # fmt: skip
    assert rows[1].costs_per("collected") == [Decimal("0.5")] * 3
    assert rows[2].costs_per("collected") == [None] * 3
    assert (total(rows).cost, total(rows).credit("collected").first) == (100, 200)
    assert (total(rows, "USD").cost, total(rows, "USD").credit("collected").first) == (50, 107)
    assert total(rows).credit("leads") == total(rows, "USD").credit("leads") == (2, 2, 2)


def test_a_period_has_what_happened_in_it(contract):
    fair = CampaignFactory()
    CampaignCost.objects.create(campaign=fair, on=date(2025, 3, 1), what="Stand", amount=100)
    CampaignCost.objects.create(campaign=fair, on=date(2025, 4, 1), what="Stand", amount=11)
    lead = paid_deal(contract, [], [], [], own=fair)
    Lead.objects.filter(pk=lead.pk).update(created_at=timezone.make_aware(datetime(2025, 3, 31, 23, 59)))
    march = (date(2025, 3, 1), date(2025, 3, 31))
    assert [(row.campaign, row.cost) for row in brought(*march)] == [(fair, 100), (None, 0)]
    assert shares(fair, "leads", march) == (1, 1, 1)
    assert shares(fair, "leads", (date(2025, 4, 1), date(2025, 4, 30))) == (0, 0, 0)


def test_cost_per_unit_is_empty_where_nothing_came(contract):
    fair = CampaignFactory()
    CampaignCost.objects.create(campaign=fair, what="Stand", amount=100)
    paid_deal(contract, [fair], [0, None], [400_00])
    row = brought(*YEAR)[0]
    assert row.costs_per("collected") == [Decimal("0.25"), None, Decimal("0.5")]
    assert row.costs_per("won") == [None, None, None]


class TestPage:
    URL = "/insights/campaigns/"

    def test_marketing_and_managers_see_it_and_sales_do_not(self, cast, client_of):
        for role, status in (("marketing", 200), ("manager", 200), ("sales", 403), ("care", 403)):
            assert client_of(getattr(cast, role)).get(self.URL).status_code == status

    def test_it_shows_costs_and_what_each_model_says(self, cast, client_of, contract):
        fair, mailing = campaigns = CampaignFactory.create_batch(2)
        CampaignCost.objects.create(campaign=fair, what="Stand", amount=100)
        paid_deal(contract, campaigns, [0, 1], [400_01])
        page = client_of(cast.marketing).get(self.URL).content.decode()
        for text in (fair.name, mailing.name, "€400.01", "€200.01", "€200.00", "€0.250", "Without a campaign"):
            assert text in page
        leads = client_of(cast.marketing).get(self.URL, {"of": "leads"}).content.decode()
        assert "0.50" in leads

    def test_currencies_side_by_side(self, cast, client_of, contract):
        fair = CampaignFactory()
        CampaignCost.objects.create(campaign=fair, what="Stand", amount=100)
        lead = paid_deal(contract, [], [], [200_00], own=fair)
        client = client_of(cast.marketing)
        assert "Total EUR" not in client.get(self.URL).content.decode()
        in_dollars(collect(contract, lead.thread, [7_00]))
        client.post(self.URL)  # counted anew
        page = client.get(self.URL).content.decode()
        for text in ("Total EUR", "Total USD", "$7.00", "€200.00", "€0.500"):
            assert text in page, text
        assert page.count("Total") == page.count("Total EUR") + page.count("Total USD") + 2  # their labels on a phone
        assert "$7.00" not in client.get(self.URL, {"of": "leads"}).content.decode()
        assert "Collected (USD)" in client.get(f"{self.URL}{fair.pk}/?panel=result").text

    @pytest.mark.parametrize(
        "query",
        [
            "since=x",
            "since=2025-02-30",
            "since=2026-02-01&until=2026-01-01",
            "of=x",
            "until=9999-12-31",
            "since=0001-01-01",
        ],
    )
    def test_nonsense_in_the_address_is_no_error(self, cast, client_of, query):
        assert client_of(cast.manager).get(f"{self.URL}?{query}").status_code == 200

    def test_a_campaign_shows_its_own(self, cast, client_of, contract):
        fair = CampaignFactory()
        CampaignCost.objects.create(campaign=fair, what="Stand", amount=100)
        paid_deal(contract, [fair], [0], [400_00])
        url = f"{self.URL}{fair.pk}/"
        assert url not in client_of(cast.sales).get(fair.get_absolute_url()).content.decode()
        assert client_of(cast.sales).get(url).status_code == 403
        client = client_of(cast.marketing)
        assert url in client.get(fair.get_absolute_url()).content.decode()
        fragment = client.get(url, headers={"HX-Request": "true", "HX-Target": "figures"}).text
        assert "€400.00" in fragment
        assert "<html" not in fragment
        assert "Leads it has touched" not in fragment
        assert "Leads it has touched" in client.get(f"{url}?panel=result").text
