"""Two leads that both became deals turn out to be one: both deals stay, on one thread, and undoing parts them exactly."""

import pytest

from core import merging
from core.lifecycle import Refused
from core.models import Merge
from leads.models import Lead
from opportunities import services, undoing
from opportunities.models import Conversion, Opportunity
from tests.factories import LeadFactory, QuoteFactory
from tests.merging.families import compare, dump

pytestmark = pytest.mark.django_db


@pytest.fixture
def both(cast):
    """(the lead that stays, the one that goes), each converted as people do it."""
    leads = []
    for name in ("Alfa", "Alfa Srl"):
        lead = LeadFactory(owner=cast.manager, state="qualified", company_name=name)
        services.open_opportunity(lead=lead, by=cast.manager)
        leads.append(Lead.objects.get(pk=lead.pk))
    return leads


def test_both_deals_stay_on_one_thread(both, cast):
    keep, absorb = both
    first, second = Opportunity.objects.order_by("pk")
    quote = QuoteFactory(opportunity=second, thread=second.thread, owner=cast.manager)
    merging.merge(keep=keep, absorb=absorb, by=cast.manager)
    first, second = Opportunity.objects.order_by("pk")
    quote.refresh_from_db()
    assert (first.lead_id, second.lead_id) == (keep.pk, None)
    assert first.thread_id == second.thread_id == quote.thread_id == keep.thread_id
    assert Conversion.objects.filter(lead=keep).count() == 2
    assert not Lead.objects.filter(pk=absorb.pk).exists()


@pytest.mark.parametrize("turn", [1, -1])
def test_undoing_parts_them_exactly(both, cast, turn):
    keep, absorb = both[::turn]
    before = dump()
    done = merging.merge(keep=keep, absorb=absorb, by=cast.manager, chosen={"company_name": "absorb"})
    report = merging.what_undo_would_do(done)
    assert (report.reasons, report.left) == ([], 0)
    merging.undo(merge=Merge.objects.get(pk=done.pk), by=cast.manager)
    assert compare(before, dump()) == []
    assert Opportunity.objects.get(lead=absorb).thread_id == absorb.thread_id


def test_what_was_done_to_the_deal_meanwhile_stays(both, cast):
    keep, absorb = both
    done = merging.merge(keep=keep, absorb=absorb, by=cast.manager)
    Opportunity.objects.filter(lead=None).update(lead=None, name="Renamed")
    merging.undo(merge=Merge.objects.get(pk=done.pk), by=cast.manager)
    assert Opportunity.objects.get(lead=absorb).name == "Renamed"


def test_a_conversion_cannot_be_taken_back_of_a_lead_that_is_two(both, cast):
    keep, absorb = both
    merging.merge(keep=keep, absorb=absorb, by=cast.manager)
    with pytest.raises(Refused, match="merged with another one"):
        undoing.undo_conversion(lead=Lead.objects.get(pk=keep.pk), by=cast.manager)


def test_the_page_says_so_and_leads_to_both_deals(both, cast, client_of):
    keep, absorb = both
    page = client_of(cast.manager).get(f"/merge/leads/lead/{keep.pk}/{absorb.pk}/").content.decode()
    assert "each deal stays one of its own" in page
    for deal in Opportunity.objects.all():
        assert deal.get_absolute_url() in page


def test_only_the_converted_one_can_stay_and_the_refusal_leads_there(both, cast, client_of):
    new = LeadFactory(owner=cast.manager)
    (reason,) = merging.why_not(new, both[0])
    assert reason.fix_url == f"/merge/leads/lead/{both[0].pk}/{new.pk}/"
    page = client_of(cast.manager).get(f"/merge/leads/lead/{new.pk}/{both[0].pk}/")
    assert reason.fix_url in page.content.decode()
    assert "each deal stays" not in page.content.decode()
