"""The dashboard's figures: kept ones say their age, are counted anew when asked, and are for those who see every row."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from core import access
from core.remembered import changed
from insights import overview, reports, tasks
from insights.models import Snapshot
from leads.models import Lead, LostReason
from opportunities.models import Opportunity
from tests.factories import InvoiceFactory, LeadFactory, OpportunityFactory

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
    assert seen.pipeline[0][0] == 1000
    assert seen.won[-1] == 700
    assert seen.ageing[2][1] == 1


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
    assert seen.pipeline[0][0] == 10
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
