"""Touches: written with every lead of which a road is known, never changed, moved by merging, erased with the person."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from core import access, merging
from core.privacy import erasing, retention
from leads import touches
from leads.models import Lead, Touch
from leads.services import create_lead
from tests.factories import CampaignFactory, LeadFactory
from tests.imports.wizard import bring_in, do

pytestmark = pytest.mark.django_db


def roads(lead):
    return list(lead.touches.values_list("channel", "campaign", "source"))


def test_a_lead_of_a_campaign_has_a_touch(cast):
    fair = CampaignFactory()
    lead = create_lead(by=cast.sales, last_name="Neri", campaign=fair, source="Fiera")
    assert roads(lead) == [("campaign", fair.pk, "Fiera")]


def test_a_source_is_enough_and_nothing_is_invented(cast):
    assert roads(create_lead(by=cast.sales, last_name="Neri", source="Passaparola")) == [("other", None, "Passaparola")]
    assert roads(create_lead(by=cast.sales, last_name="Neri")) == []
    assert roads(create_lead(by=cast.sales, last_name="Neri", source="web", touched=False)) == []


def test_first_and_last_go_by_time_and_then_by_order():
    lead, now = LeadFactory(), timezone.now()
    last = touches.record(lead, at=now, channel="form", source="google")
    later = touches.record(lead, at=now, channel="page", source="linkedin")
    first = touches.record(lead, at=now - timedelta(days=3), channel="page", source="news")
    assert list(Touch.objects.filter(lead=lead).in_order()) == [first, last, later]


def test_what_strangers_write_is_cut_and_cleaned():
    lead = LeadFactory()
    touch = touches.record(
        lead,
        at=timezone.now(),
        channel="form",
        source="a\0b\ud800" + "x" * 500,
        page="https://example.com/" + "y" * 900,
    )
    touch.refresh_from_db()
    assert touch.source.startswith("ab?xxx") and len(touch.source) == 120 and len(touch.page) == 500


@pytest.mark.parametrize("act", ["update", "delete"])
def test_touches_are_append_only(act):
    touch = touches.record(LeadFactory(), at=timezone.now(), channel="form")
    rows = Touch.objects.filter(pk=touch.pk)
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.update(source="x") if act == "update" else rows.delete()
    assert Touch.objects.get(pk=touch.pk).source == ""


def test_merging_moves_them_and_undoing_gives_them_back(cast):
    keep, absorb = LeadFactory(), LeadFactory()
    one, two = (touches.record(lead, at=timezone.now(), channel="form") for lead in (keep, absorb))
    done = merging.merge(keep=keep, absorb=absorb, by=cast.manager)
    assert set(keep.touches.all()) == {one, two}
    merging.undo(merge=done, by=cast.manager)
    two.refresh_from_db()
    assert (two.lead_id, keep.touches.count()) == (absorb.pk, 1)


def test_an_erased_person_leaves_the_campaign_and_no_address(cast):
    lead = create_lead(by=access.JOB, last_name="Zuccalmaglio", campaign=CampaignFactory())
    touches.record(
        lead, at=timezone.now(), channel="form", term="zuccalmaglio pompe", referrer="https://x.example/?q=z"
    )
    erasing.erase(lead, by=cast.admin, reason="request")
    assert list(lead.touches.values_list("term", "referrer", "page")) == [("", "", "")] * 2
    assert lead.touches.exclude(campaign=None).exists()


def test_an_import_writes_them_and_takes_them_back(cast, client_of):
    client = client_of(cast.sales)
    run = bring_in(client, "azienda,email,fonte\nAlfa,a@alfa.it,Fiera\nBeta,b@beta.it,\nGamma,c@gamma.it,Fiera\n")
    assert list(Touch.objects.values_list("lead__company_name", "channel", "source")) == [
        ("Alfa", "import", "Fiera"),
        ("Gamma", "import", "Fiera"),
    ]
    touches.record(Lead.objects.get(company_name="Gamma"), at=timezone.now(), channel="form")
    do(client, run, "undo")
    assert list(Lead.objects.values_list("company_name", flat=True)) == ["Gamma"], "it came again since"
    assert Touch.objects.count() == 2


def test_a_touch_is_something_that_happens_to_a_lead():
    """Leads whose term is over are erased, but for those who came again meanwhile."""
    quiet, back = LeadFactory(state="lost"), LeadFactory(state="lost")
    touches.record(back, at=timezone.now() - timedelta(days=9), channel="form")
    Lead.objects.update(updated_at=timezone.now() - timedelta(days=4000))
    term = retention.term_of("lost_leads")
    assert list(retention.over(term, 24)) == [quiet]


def test_what_came_along_is_called_by_its_name(settings):
    from django.utils import translation

    from leads import further
    from leads.scoring import inputs

    with translation.override("it"):
        assert str(further.label("emails_opened")) == "E-mail aperte"
        assert str(inputs.label("attributes.TotalVisits")) == "Visite"
        assert str(further.label("Colore_preferito")) == "Colore preferito"
