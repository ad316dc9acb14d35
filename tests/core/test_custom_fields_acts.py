"""Required custom fields are asked wherever a record is made or completed: on hand-overs and verbs as on its own form."""

from types import SimpleNamespace
from typing import Any

import pytest

from customercare.models import Case
from leads.models import Lead
from opportunities.models import Opportunity
from orders.models import SalesOrder
from quotes.models import Quote
from tests.core.fields import make_field, make_tags
from tests.factories import CompanyFactory, LeadFactory, OpportunityFactory, QuoteFactory

pytestmark = pytest.mark.django_db

ANSWERS = {"need": "Cut glass faster", "fit": "good"}


def test_a_hand_over_asks_what_the_next_record_has_to_have(cast: SimpleNamespace, client_of: Any) -> None:
    make_field(Quote, "site", required=True)
    make_field(Quote, "colour")
    deal = OpportunityFactory(owner=cast.sales, state="qualified")
    sales, url = client_of(cast.sales), f"/quotes/from-opportunity/{deal.pk}/"
    page = sales.get(url).content.decode()
    assert 'name="cf_site"' in page
    assert "cf_colour" not in page
    refused = sales.post(url, {"title": "Oven", "payment_days": "30", "valid_until": "2099-01-31"})
    assert refused.status_code == 422
    assert "cf_site" in refused.context["form"].errors
    assert not Quote.objects.exists()
    assert (
        sales.post(
            url, {"title": "Oven", "payment_days": "30", "valid_until": "2099-01-31", "cf_site": "Murano"}
        ).status_code
        == 302
    )
    assert Quote.objects.get().custom == {"site": "Murano"}


def test_a_hand_over_without_a_form_of_its_own_asks_too(cast: SimpleNamespace, client_of: Any) -> None:
    make_field(SalesOrder, "site", required=True)
    quote = QuoteFactory(owner=cast.sales, state="accepted")
    sales, url = client_of(cast.sales), f"/orders/from-quote/{quote.pk}/"
    assert 'name="cf_site"' in sales.get(url).content.decode()
    assert sales.post(url).status_code == 422
    assert sales.post(url, {"cf_site": "Murano"}).status_code == 302
    assert SalesOrder.objects.get().custom == {"site": "Murano"}


def test_converting_asks_for_the_deal(cast: SimpleNamespace, client_of: Any) -> None:
    make_field(Opportunity, "sector", "choice", choices=["Glass", "Wood"], required=True)
    lead = LeadFactory(owner=cast.sales, state="qualified")
    sales, url = client_of(cast.sales), f"/opportunities/from-lead/{lead.pk}/"
    facts = {"link": "new", "name": "Oven", "value": "1000"}
    assert sales.post(url, facts | {"cf_sector": "Iron"}).status_code == 422
    lead.refresh_from_db()
    assert lead.state == "qualified"
    assert sales.post(url, facts | {"cf_sector": "Glass"}).status_code == 302
    assert Opportunity.objects.get().custom == {"sector": "Glass"}


def test_a_case_about_something_is_asked_for_once(cast: SimpleNamespace, client_of: Any) -> None:
    make_field(Case, "machine", required=True)
    company = CompanyFactory()
    care, url = client_of(cast.care), f"/cases/from-company/{company.pk}/"
    facts = {"title": "Stops", "priority": "2", "channel": "phone"}
    assert care.post(url, facts).status_code == 422
    assert care.post(url, facts | {"cf_machine": "P-40"}).status_code == 302
    assert Case.objects.get().custom == {"machine": "P-40"}


def test_the_next_revision_keeps_what_was_said_of_the_last(cast: SimpleNamespace, client_of: Any) -> None:
    make_field(Quote, "site", required=True)
    make_field(Quote, "colour")
    make_tags("Fair")
    quote = QuoteFactory(owner=cast.sales, state="sent", custom={"site": "Murano", "colour": "red"}, tags=["Fair"])
    sales, url = client_of(cast.sales), f"/quotes/{quote.pk}/revise/"
    assert 'value="Murano"' in sales.get(url).content.decode()
    assert sales.post(url, {"cf_site": "Burano"}).status_code == 302
    revision = Quote.objects.exclude(pk=quote.pk).get()
    assert (revision.custom, revision.tags) == ({"site": "Burano", "colour": "red"}, ["Fair"])
    quote.refresh_from_db()
    assert quote.custom["site"] == "Murano"


def test_a_verb_that_completes_the_record_asks_too(cast: SimpleNamespace, client_of: Any) -> None:
    make_field(Lead, "sector", required=True)
    lead = LeadFactory(owner=cast.sales, state="working")
    sales, url = client_of(cast.sales), f"/leads/{lead.pk}/do/qualify/"
    assert 'name="cf_sector"' in sales.get(url).content.decode()
    assert sales.post(url, ANSWERS).status_code == 422
    assert sales.post(url, ANSWERS | {"cf_sector": "Glass"}).status_code == 302
    lead.refresh_from_db()
    assert (lead.state, lead.custom, lead.need) == ("qualified", {"sector": "Glass"}, ANSWERS["need"])


def test_a_verb_that_is_refused_keeps_no_answers(cast: SimpleNamespace, client_of: Any) -> None:
    make_field(Lead, "sector", required=True)
    lead = LeadFactory(owner=cast.sales, state="lost")
    answer = client_of(cast.sales).post(f"/leads/{lead.pk}/do/qualify/", ANSWERS | {"cf_sector": "Glass"})
    assert answer.status_code == 409
    lead.refresh_from_db()
    assert (lead.state, lead.custom) == ("lost", {})


def test_a_verb_that_ends_or_hands_on_a_record_asks_for_nothing_more(cast: SimpleNamespace, client_of: Any) -> None:
    make_field(Lead, "sector", required=True)
    lead = LeadFactory(owner=cast.manager, state="working")
    manager = client_of(cast.manager)
    for verb in ("lose", "assign"):
        assert "cf_sector" not in manager.get(f"/leads/{lead.pk}/do/{verb}/").content.decode()
    assert manager.post(f"/leads/{lead.pk}/do/lose/", {"reason": "price", "note": ""}).status_code == 302
