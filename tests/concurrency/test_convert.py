"""Twelve people convert one lead, and take one lead, at the same moment."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from core.access import JOB
from core.lifecycle import Refused
from core.models import Event
from leads import scoring
from leads.models import Lead, LeadScore
from opportunities.models import Opportunity
from opportunities.services import open_opportunity
from parties.models import Company, Contact
from tests.factories import LeadFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(act, times):
    """Run `act` in threads, each with a connection of its own; what came back, refusals included."""

    def run(turn):
        try:
            return act(turn)
        except Refused as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(run, range(times)))


def test_twelve_threads_convert_one_lead_into_one_opportunity():
    lead = LeadFactory(state="qualified")
    answers = at_once(lambda _turn: open_opportunity(lead=Lead.objects.get(pk=lead.pk), by=JOB), 12)
    deal = Opportunity.objects.get()
    assert answers == [deal] * 12
    assert (Company.objects.count(), Contact.objects.count()) == (1, 1)
    assert Event.objects.filter(name="lead.converted").count() == 1


def test_different_leads_get_numbers_without_a_gap():
    leads = LeadFactory.create_batch(8, state="qualified")
    deals = at_once(lambda turn: open_opportunity(lead=leads[turn], by=JOB), 8)
    numbers = sorted(int(deal.number.rpartition("/")[2]) for deal in deals)
    assert numbers == list(range(numbers[0], numbers[0] + 8))


def test_one_of_eight_takes_the_lead(cast):
    lead = LeadFactory()
    sellers = [cast.sales, *UserFactory.create_batch(7)]
    for seller in sellers[1:]:
        seller.groups.set(cast.sales.groups.all())
    answers = at_once(lambda turn: Lead.objects.get(pk=lead.pk).take(by=sellers[turn]), 8)
    lead.refresh_from_db()
    assert sum(answer is None for answer in answers) == 1
    assert lead.owner == sellers[answers.index(None)]


def test_scorers_share_the_work_and_score_each_lead_once():
    LeadFactory.create_batch(40)
    done = at_once(lambda _turn: scoring.score_waiting(batch=5), 4)
    assert sum(done) == 40
    assert not LeadScore.objects.filter(scored_at=None).exists()
