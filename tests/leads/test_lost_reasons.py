"""Reasons for losing as rows: renamed, added, put out of use; seen in forms, filters, lists, imports, the API and history."""

import pytest

from core.lifecycle import Refused
from leads.models import Lead, LostReason
from leads.models.reasons import FIRST, choices, make_first
from tests.factories import LeadFactory, OpportunityFactory
from tests.imports.wizard import bring_in

pytestmark = pytest.mark.django_db


def reason(code):
    return LostReason.objects.get(code=code)


def form_of(client, lead):
    return client.get(lead.act_url("lose")).context["form"].fields["reason"].choices


def test_a_new_house_begins_with_ours(db):
    make_first()
    assert [code for code, _label in choices()] == list(FIRST)
    assert dict(choices())["price"] == "Price too high"


@pytest.mark.parametrize("who", ["sales", "marketing", "nobody"])
def test_only_managers_keep_them(cast, client_of, who):
    client = client_of(getattr(cast, who))
    assert client.get("/settings/lost-reasons/").status_code == 403
    assert client.post("/settings/lost-reasons/new/", {"label": "x"}).status_code == 403
    assert client.post(f"/settings/lost-reasons/{reason('price').pk}/edit/", {"label": "x"}).status_code == 403


def test_added_and_chosen(cast, client_of):
    manager, seller = client_of(cast.manager), client_of(cast.sales)
    sent = {"label": "Delivery too late", "position": "1", "active": "on"}
    assert manager.post("/settings/lost-reasons/new/", sent).status_code == 302
    assert manager.post("/settings/lost-reasons/new/", sent).status_code == 422
    lead = LeadFactory(owner=cast.sales, state="working")
    assert ("delivery_too_lat", "Delivery too late") in list(form_of(seller, lead))
    assert seller.post(lead.act_url("lose"), {"reason": "delivery_too_lat"}).status_code == 302
    lead.refresh_from_db()
    assert lead.get_lost_reason_display() == "Delivery too late"
    page = seller.get(lead.get_absolute_url()).content.decode()
    assert page.count("Delivery too late") >= 2
    assert "delivery_too_lat<" not in page
    found = seller.get("/leads/?lost_reason=delivery_too_lat&columns=name,lost_reason")
    assert "Delivery too late" in found.context["body"]
    assert found.context["chips"][0].value == "Delivery too late"


def test_another_label_is_another_word_for_the_same(cast, client_of):
    manager = client_of(cast.manager)
    deal = OpportunityFactory(owner=cast.sales, state="lost", lost_reason="price", closed_on="2026-01-01")
    price = reason("price")
    page = manager.get(price.edit_url)
    assert page.context["form"]["label"].value() == "Price too high"
    sent = {"label": "Too expensive", "position": "0", "active": "on"}
    assert manager.post(price.edit_url, sent).status_code == 302
    assert "Too expensive" in manager.get(deal.get_absolute_url()).content.decode()
    assert "Too expensive" in manager.get("/settings/lost-reasons/").content.decode()
    for ours in ("Price too high", "Prezzo troppo alto"):
        assert manager.post(price.edit_url, sent | {"label": ours}).status_code == 302
        price.refresh_from_db()
        assert price.label == ""


def test_out_of_use_it_is_shown_but_no_longer_chosen(cast, client_of):
    price = reason("price")
    price.active = False
    price.save()
    old = LeadFactory(owner=cast.sales, state="lost", lost_reason="price")
    client = client_of(cast.sales)
    assert "Price too high" in client.get(old.get_absolute_url()).content.decode()
    for record in (LeadFactory(owner=cast.sales, state="working"), OpportunityFactory(owner=cast.sales)):
        assert "price" not in dict(form_of(client, record))
        assert client.post(record.act_url("lose"), {"reason": "price"}).status_code == 422
        with pytest.raises(Refused):
            record.lose(by=cast.sales, reason="price")
    LostReason.objects.exclude(code="other").update(active=False)
    sent = {"label": "Other", "position": "9"}
    answer = client_of(cast.manager).post(reason("other").edit_url, sent)
    assert answer.status_code == 422
    assert "active" in answer.context["form"].errors


def test_imports_know_the_present_labels_and_ours(cast, client_of):
    price = reason("price")
    price.label = "Troppo caro"
    price.save()
    text = "Cognome;Stato;Motivo\nRossi;lost;troppo caro\nBianchi;lost;Budget assente\nVerdi;lost;Boh\n"
    run = bring_in(client_of(cast.marketing), text, key="", field_Stato="state", field_Motivo="lost_reason")
    assert (run.counts["create"], run.counts["error"]) == (2, 1)
    assert list(Lead.objects.order_by("pk").values_list("lost_reason", flat=True)) == ["price", "no_budget"]
