"""Reading through the API: who sees what, page by page, filtered as on the pages."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core.models import ApiToken
from core.models.api import digest
from tests import factories
from tests.api.conftest import Caller
from zencrm.api import APIS


def make(prefix, owner):
    company = factories.CompanyFactory(owner=owner)
    factory = {
        "companies": lambda: company,
        "contacts": lambda: factories.ContactFactory(company=company, owner=owner),
        "products": factories.ProductFactory,
        "campaigns": lambda: factories.CampaignFactory(owner=owner),
        "campaign-members": lambda: factories.CampaignMemberFactory(owner=owner),
        "leads": lambda: factories.LeadFactory(owner=owner),
        "opportunities": lambda: factories.OpportunityFactory(owner=owner),
        "quotes": lambda: factories.QuoteFactory(owner=owner),
        "orders": lambda: factories.SalesOrderFactory(owner=owner),
        "contracts": lambda: factories.ContractFactory(owner=owner),
        "projects": lambda: factories.ProjectFactory(owner=owner),
        "purchases": lambda: factories.PurchaseOrderFactory(owner=owner),
        "invoices": lambda: factories.InvoiceFactory(owner=owner),
        "cases": lambda: factories.CaseFactory(owner=owner),
        "activities": lambda: factories.ActivityFactory(subject=company, owner=owner),
        "segments": lambda: factories.SegmentFactory(owner=owner),
        "sequences": lambda: factories.SequenceFactory(owner=owner),
        "enrolments": lambda: factories.EnrolmentFactory(subject=factories.LeadFactory(owner=owner), owner=owner),
        "mailings": lambda: factories.MailingFactory(owner=owner),
        "emails": lambda: factories.EmailFactory(subject=company, owner=owner),
    }[prefix]
    return factory()


PREFIXES = [api.prefix for api in APIS]


class TestWhoMayRead:
    def test_without_a_token_nothing(self, client, db):
        response = client.get("/api/v1/leads/")
        assert response.status_code == 401
        assert response["WWW-Authenticate"] == 'Bearer realm="ZenCRM"'
        assert response["Content-Type"] == "application/problem+json"

    def test_a_session_is_no_token(self, cast, client_of):
        assert client_of(cast.admin).get("/api/v1/leads/").status_code == 401

    @pytest.mark.parametrize(
        ("values", "words"),
        [
            ({"expires_at": timezone.now() - timedelta(seconds=1)}, "expired"),
            ({"revoked_at": timezone.now()}, "revoked"),
        ],
    )
    def test_a_dead_token_opens_nothing(self, cast, caller_of, values, words):
        response = caller_of(cast.admin, **values).get("leads/")
        assert response.status_code == 401
        assert 'error="invalid_token"' in response["WWW-Authenticate"]
        assert words in response.json()["detail"]

    @pytest.mark.parametrize("token", ["", "zcr_", "zcr_12345678_wrong", "x" * 5000, "caffè"])
    def test_a_wrong_token_opens_nothing(self, db, token):
        assert Caller(token.encode().decode("latin-1")).get("leads/").status_code == 401

    def test_the_token_of_a_person_who_left_opens_nothing(self, cast, caller_of):
        caller = caller_of(cast.sales)
        cast.sales.is_active = False
        cast.sales.save()
        assert caller.get("leads/").status_code == 401

    def test_only_a_hash_is_kept_and_the_use_is_noted_once_a_minute(self, cast, sales, django_assert_max_num_queries):
        token = ApiToken.objects.get()
        plain = sales.headers["Authorization"].removeprefix("Bearer ")
        assert plain not in str(token.__dict__)
        assert token.digest == digest(plain)
        assert plain.startswith(token.prefix)
        sales.get("leads/")
        first = ApiToken.objects.get().last_used_at
        sales.get("leads/")
        assert first is not None
        assert ApiToken.objects.get().last_used_at == first

    @pytest.mark.parametrize("prefix", PREFIXES)
    def test_without_a_right_403_and_a_stranger_404(self, cast, caller_of, prefix):
        record = make(prefix, cast.sales)
        nobody = caller_of(cast.nobody)
        assert nobody.get(f"{prefix}/").status_code == 403
        assert nobody.get(f"{prefix}/{record.pk}/").status_code == 403
        admin = caller_of(cast.admin)
        shown = admin.get(f"{prefix}/{record.pk}/")
        assert shown.status_code == 200
        assert shown.json()["id"] == record.pk
        assert shown.json()["type"] == record._meta.model_name
        assert [row["id"] for row in admin.get(f"{prefix}/").json()["results"]].count(record.pk) == 1
        assert admin.get(f"{prefix}/{record.pk + 999}/").status_code == 404
        assert admin.get(f"{prefix}/99999999999999999999999/").status_code == 404

    @pytest.mark.parametrize("prefix", ["leads", "opportunities", "quotes", "orders", "contracts", "invoices"])
    def test_somebody_elses_document_does_not_exist(self, cast, caller_of, prefix):
        record = make(prefix, cast.sales)
        stranger = caller_of(cast.sales2)
        assert stranger.get(f"{prefix}/{record.pk}/").status_code == 404
        assert stranger.get(f"{prefix}/").json()["results"] == []
        assert caller_of(cast.sales).get(f"{prefix}/{record.pk}/").status_code == 200


class TestCosts:
    @pytest.mark.parametrize("prefix", ["products", "quotes", "orders", "projects"])
    def test_only_for_those_who_may_see_them(self, cast, caller_of, prefix):
        record = make(prefix, cast.sales)
        type(record).objects.filter(pk=record.pk).update(**({"owner": cast.sales} if hasattr(record, "owner") else {}))
        hidden = set(type(record).COST_FIELDS)
        plain = caller_of(cast.sales).get(f"{prefix}/{record.pk}/").json()
        full = caller_of(cast.admin).get(f"{prefix}/{record.pk}/").json()
        assert not hidden & plain.keys()
        assert hidden & full.keys()
        for line in plain.get("lines", ()):
            assert "unit_cost" not in line
        assert all("unit_cost" in line for line in full.get("lines", ()))

    def test_nor_sorted_by_them(self, sales):
        response = sales.get("products/?sort=cost")
        assert response.status_code == 400
        assert "sort" in response.json()["errors"]


class TestLists:
    def test_pages_by_key_forwards_and_backwards(self, cast, sales):
        made = [factories.LeadFactory(owner=cast.sales).pk for _ in range(7)]
        seen, url = [], "leads/?limit=3&sort=created_at"
        while url:
            page = sales.get(url).json()
            seen += [row["id"] for row in page["results"]]
            last, url = page, page["next"]
        assert seen == made
        assert [row["id"] for row in sales.get(last["previous"]).json()["results"]] == made[3:6]

    @pytest.mark.parametrize("limit", ["0", "201", "-1", "x", "1e2"])
    def test_the_limit_has_limits(self, sales, limit):
        assert sales.get(f"leads/?limit={limit}").status_code == 400

    def test_an_unknown_filter_is_named(self, sales):
        response = sales.get("leads/?colour=red&state=new")
        assert response.status_code == 400
        assert list(response.json()["errors"]) == ["colour"]
        assert "decision_by_after" in response.json()["errors"]["colour"][0]

    @pytest.mark.parametrize(
        "query",
        ["state=gone", "open=perhaps", "score_min=x", "created_at_after=31/31/2026", "owner=abc", "sort=colour",
         "after=xyz", "mine=2", "campaign=99999999999999999999", "or=colour%3Dred", "or=score_min%3Dx"],
    )  # fmt: skip
    def test_a_senseless_value_is_an_error(self, sales, query):
        response = sales.get(f"leads/?{query}")
        assert response.status_code == 400, response.content
        assert query.split("=")[0].removesuffix("_min").removesuffix("_after") in response.json()["errors"] or (
            query.split("=")[0] in response.json()["errors"]
        )

    def test_filters_are_those_of_the_page(self, cast, sales):
        lead = factories.LeadFactory(owner=cast.sales, state="working", score=80, city="Torino")
        factories.LeadFactory(owner=cast.sales, score=10)
        for query in (
            "state=working",
            "city=x&or=state%3Dworking%26score_min%3D70",
            "score_min=50.5",
            "city=tor",
            "q=torn",
            "hot=true",
            "mine=1",
        ):
            found = [row["id"] for row in sales.get(f"leads/?{query}").json()["results"]]
            assert lead.pk in found, query

    @pytest.mark.parametrize("prefix", PREFIXES)
    def test_the_same_number_of_queries_for_3_rows_and_for_30(
        self, cast, caller_of, prefix, django_assert_num_queries, django_assert_max_num_queries
    ):
        admin = caller_of(cast.admin)
        for _ in range(3):
            make(prefix, cast.sales)
        admin.get(f"{prefix}/")
        with django_assert_max_num_queries(8) as three:
            assert len(admin.get(f"{prefix}/").json()["results"]) >= 3
        for _ in range(27):
            make(prefix, cast.sales)
        with django_assert_num_queries(len(three)):
            assert len(admin.get(f"{prefix}/").json()["results"]) >= 30


class TestOneRecord:
    def test_lines_and_next_steps_with_their_reasons(self, cast, sales):
        quote = factories.QuoteFactory(owner=cast.sales)
        found = sales.get(f"quotes/{quote.pk}/").json()
        assert found["net"] == f"{quote.net.amount:f}"
        assert found["owner_name"] == str(cast.sales)
        assert [line["position"] for line in found["lines"]] == [line.position for line in quote.lines.all()]
        steps = {step["verb"]: step for step in found["next_steps"]}
        assert steps["submit"]["url"] == f"/api/v1/quotes/{quote.pk}/submit/"
        assert steps["submit"]["allowed"] is (not steps["submit"]["reasons"])

    def test_secrets_stay_here(self, cast, caller_of):
        quote = factories.QuoteFactory(owner=cast.sales)
        assert quote.token not in caller_of(cast.admin).get(f"quotes/{quote.pk}/").content.decode()

    def test_me_says_whose_token_this_is(self, cast, sales):
        found = sales.get("me/").json()
        assert found["username"] == "sales"
        assert found["token"]["scope"] == "write"
        assert sales.get("").json()["documents"]["leads"].endswith("/api/v1/leads/")
        assert "campaigns" in sales.get("").json()["documents"]
