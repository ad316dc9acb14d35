"""How many leads a campaign has brought is kept up to date by the database, whatever changes them."""

import pytest
from django.db import connection
from django.db.models import Count, Q

from leads import tasks
from leads.models import Campaign, CampaignTally, Lead
from tests.factories import CampaignFactory, LeadFactory

pytestmark = pytest.mark.django_db


def shown():
    return {c.pk: (c.lead_count, c.converted_count) for c in Campaign.objects.with_figures()}


def counted():
    rows = Campaign.objects.annotate(
        n=Count("leads"), done=Count("leads", filter=Q(leads__state="converted"))
    ).values_list("pk", "n", "done")
    return {pk: (n, done) for pk, n, done in rows}


def test_tallies_follow_every_change(cast):
    fair, mailing = CampaignFactory(), CampaignFactory()
    leads = [*LeadFactory.create_batch(3, campaign=fair), LeadFactory(campaign=mailing), LeadFactory()]
    assert shown() == counted() == {fair.pk: (3, 0), mailing.pk: (1, 0)}
    leads[0].take(by=cast.sales)
    leads[1].lose(by=cast.manager, reason="price")
    won = LeadFactory(state="qualified", campaign=fair)
    won.convert(by=cast.manager)
    assert shown() == counted() == {fair.pk: (4, 1), mailing.pk: (1, 0)}
    Lead.objects.filter(pk=won.pk).update(campaign=mailing)
    Lead.objects.filter(pk=leads[4].pk).update(campaign=fair)
    Lead.objects.filter(pk=leads[3].pk).update(campaign=None)
    assert shown() == counted() == {fair.pk: (4, 0), mailing.pk: (1, 1)}


def test_many_at_once_and_raw_sql_are_counted_too():
    fair = CampaignFactory()
    Lead.objects.bulk_create([Lead(thread=LeadFactory().thread, campaign=fair) for _n in range(3)])
    assert CampaignTally.objects.count() == 1  # one row for a whole statement
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM leads_lead WHERE campaign_id = %s AND id %% 2 = 0", [fair.pk])
    assert shown() == counted()
    assert 1 <= shown()[fair.pk][0] <= 2


def test_tallies_are_folded_without_a_change_of_the_sum(cast):
    fair = CampaignFactory()
    LeadFactory.create_batch(4, campaign=fair)
    LeadFactory(campaign=fair, state="qualified").convert(by=cast.manager)
    before = shown()
    assert CampaignTally.objects.count() == 6
    tasks.fold_tallies()
    assert CampaignTally.objects.count() == 1
    assert shown() == before == counted()


def test_a_new_score_writes_no_tally():
    lead = LeadFactory(campaign=CampaignFactory())
    Lead.objects.filter(pk=lead.pk).update(interest="Pompe", city="Parma")
    assert CampaignTally.objects.count() == 1
