"""Custom fields and tags through the API: written, read, filtered, sorted, described."""

from decimal import Decimal

import pytest

from core.api import openapi
from leads.models import Lead
from parties.models import Company
from quotes.models import Quote
from tests.core.fields import make_field, make_tags
from tests.factories import CompanyFactory, LeadFactory, OpportunityFactory, QuoteFactory

GIVEN = {"sector": "Food", "seats": Decimal("12.5"), "since": "2026-03-01", "vip": True, "nickname": "Ace"}
KEPT = {**GIVEN, "seats": 12.5}


def all_kinds(*models):
    for model in models:
        make_field(model, "sector", "choice", choices=["Steel", "Food"])
        make_field(model, "seats", "number")
        make_field(model, "since", "date", required=True)
        make_field(model, "vip", "bool")
        make_field(model, "nickname")
    make_tags("Fair", "Partner")


@pytest.fixture
def api(cast, caller_of):
    all_kinds(Lead, Company, Quote)
    return caller_of(cast.sales)


@pytest.mark.parametrize(("prefix", "body"), [("leads", {"last_name": "Rossi"}), ("companies", {"name": "Rossi srl"})])
def test_made_read_and_changed(api, prefix, body):
    refused = api.post(f"{prefix}/", body)
    assert (refused.status_code, list(refused.json()["errors"])) == (422, ["custom.since"])
    answer = api.post(f"{prefix}/", body | {"custom": GIVEN, "tags": ["Fair"]})
    assert answer.status_code == 201, answer.json()
    made = answer.json()
    assert (made["custom"], made["tags"]) == (KEPT, ["Fair"])
    url = f"{prefix}/{made['id']}/"
    changed = api.patch(url, {"custom": {"vip": None, "seats": "3"}, "tags": ["Partner"]}).json()
    assert changed["custom"] == {**KEPT, "vip": None, "seats": 3}
    assert changed["tags"] == ["Partner"]
    assert api.get(url).json()["custom"]["nickname"] == "Ace"
    assert api.get(f"{prefix}/").json()["results"][0]["custom"]["seats"] == 3


def test_a_quote(api, cast):
    quote = QuoteFactory(owner=cast.sales, custom={"since": "2026-01-01"})
    answer = api.patch(f"quotes/{quote.pk}/", {"custom": {"sector": "steel"}})
    assert answer.status_code == 422
    answer = api.patch(f"quotes/{quote.pk}/", {"custom": {"sector": "Steel"}})
    assert answer.status_code == 200, answer.json()
    quote.refresh_from_db()
    assert quote.custom == {"since": "2026-01-01", "sector": "Steel"}


@pytest.mark.parametrize(
    ("custom", "wrong"),
    [
        ({"odd": 1}, "custom.odd"),
        ({"sector": "Odd"}, "custom.sector"),
        ({"seats": "many"}, "custom.seats"),
        ({"seats": "1234567890123456789"}, "custom.seats"),
        ({"vip": "yes"}, "custom.vip"),
        ({"since": "soon"}, "custom.since"),
        ({"nickname": ["a"]}, "custom.nickname"),
        ({"nickname": "x" * 2001}, "custom.nickname"),
        ("text", "custom"),
    ],
)
def test_what_makes_no_sense_is_named(api, custom, wrong):
    body = {"last_name": "R", "custom": {"since": "2026-01-01", **custom} if isinstance(custom, dict) else custom}
    answer = api.post("leads/", body)
    assert answer.status_code == 422
    assert wrong in answer.json()["errors"]
    assert not Lead.objects.exists()


def test_form_names_and_unknown_tags_are_refused(api):
    body = {"last_name": "R", "custom": {"since": "2026-01-01"}}
    assert "cf_seats" in api.post("leads/", body | {"cf_seats": 1}).json()["errors"]
    assert "tags" in api.post("leads/", body | {"tags": ["Odd"]}).json()["errors"]


def test_filtered_and_sorted(api, cast):
    for seats in (3, 10, None):
        LeadFactory(owner=cast.sales, custom={"seats": seats} if seats else {}, tags=["Fair"] if seats == 3 else [])
    LeadFactory(owner=cast.sales2, custom={"seats": 50})

    def found(query):
        return [row["custom"]["seats"] for row in api.get(f"leads/?{query}").json()["results"]]

    assert found("cf_seats_min=5") == [10]
    assert found("sort=-cf_seats") == [10, 3, None]
    assert found("tags=Fair&or=cf_seats_min%3D10&sort=cf_seats") == [3, 10]
    assert api.get("leads/?cf_seats_min=x").status_code == 400
    assert api.get("leads/?cf_other=1").status_code == 400


def test_described_as_they_are_now(api):
    schemas = openapi.schema()["components"]["schemas"]
    create = schemas["LeadCreate"]
    assert create["properties"]["custom"]["required"] == ["since"]
    assert "custom" in create["required"]
    assert create["properties"]["custom"]["properties"]["sector"]["enum"] == ["Steel", "Food", None]
    assert create["properties"]["tags"]["items"]["enum"] == ["Fair", "Partner"]
    assert "custom" not in schemas["CompanyChange"].get("required", [])
    make_field(Lead, "later")
    again = openapi.schema()["components"]["schemas"]["LeadRow"]["properties"]["custom"]["properties"]
    assert "later" in again


def test_rights_hold(api, cast, caller_of):
    company, lead = CompanyFactory(owner=cast.sales), LeadFactory(owner=cast.sales2)
    assert api.patch(f"leads/{lead.pk}/", {"custom": {"seats": 1}}).status_code == 404
    assert caller_of(cast.care).patch(f"companies/{company.pk}/", {"custom": {"seats": 1}}).status_code == 403


class TestActs:
    def test_they_ask_as_the_pages_do(self, cast, caller_of):
        make_field(Lead, "sector", required=True)
        make_field(Quote, "site", required=True)
        lead = LeadFactory(owner=cast.sales, state="working")
        deal = OpportunityFactory(owner=cast.sales, state="qualified")
        sales, answers = caller_of(cast.sales), {"need": "Cut glass faster", "fit": "good"}
        qualify = f"leads/{lead.pk}/qualify/"
        assert "custom.sector" in sales.post(qualify, answers).json()["errors"]
        assert "custom.wrong" in sales.post(qualify, answers | {"custom": {"wrong": 1}}).json()["errors"]
        done = sales.post(qualify, answers | {"custom": {"sector": "Glass"}})
        assert (done.status_code, done.json()["custom"]["sector"]) == (200, "Glass")
        draft = f"opportunities/{deal.pk}/draft_quote/"
        assert sales.post(draft, {"title": "Oven"}).status_code == 422
        assert sales.post(draft, {"title": "Oven", "custom": {"site": "Murano"}}).status_code == 201
        assert Quote.objects.get().custom == {"site": "Murano"}

    def test_the_description_says_so(self, db):
        make_field(Lead, "sector", required=True)
        make_field(Quote, "site", required=True)
        schemas = openapi.schema()["components"]["schemas"]
        qualify, quote = schemas["LeadQualify"], schemas["OpportunityDraftQuote"]
        assert qualify["properties"]["custom"]["properties"].keys() == {"sector"}
        assert "custom" not in qualify.get("required", [])
        assert quote["properties"]["custom"]["properties"].keys() == {"site"}
        assert "custom" in quote["required"]
        assert "custom" not in schemas["LeadLose"]["properties"]
