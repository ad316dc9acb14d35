"""The pages and verbs of opportunities."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from djmoney.money import Money

from core.lifecycle import Refused
from opportunities.models import Opportunity
from tests.factories import CompanyFactory, ContactFactory, OpportunityFactory, QuoteFactory

pytestmark = pytest.mark.django_db
LIST = "/opportunities/"


@pytest.fixture
def sales(cast, client_of):
    return client_of(cast.sales)


class TestVerbs:
    def test_each_stage_begins_with_its_probability(self, cast):
        deal = OpportunityFactory(owner=cast.sales)
        for verb, probability in (("qualify", 25), ("propose", 50), ("negotiate", 75), ("win", 100)):
            getattr(deal, verb)(by=cast.sales)
            assert deal.probability == probability
        assert deal.closed_on == timezone.localdate()
        assert not deal.is_editable

    def test_a_deal_without_a_value_is_not_qualified(self, cast):
        deal = OpportunityFactory(owner=cast.sales, value=0)
        with pytest.raises(Refused) as refusal:
            deal.qualify(by=cast.sales)
        assert refusal.value.reasons[0].fix_url == f"{deal.edit_url}#id_value"

    def test_lost_and_back(self, cast):
        deal = OpportunityFactory(owner=cast.sales, state="negotiation")
        deal.lose(by=cast.sales, reason="competitor")
        assert (deal.probability, deal.lost_reason) == (0, "competitor")
        deal.reopen(by=cast.sales)
        assert (deal.state, deal.probability, deal.closed_on) == ("qualified", 25, None)

    def test_weighted_value_rounds_to_cents(self):
        deal = OpportunityFactory(value=Decimal("33.33"), probability=50)
        assert deal.weighted.amount == Decimal("16.67")


class TestList:
    def test_the_same_number_of_queries_for_3_rows_and_for_30(self, cast, sales, django_assert_max_num_queries):
        OpportunityFactory.create_batch(3, owner=cast.sales)
        sales.get(LIST)  # what every process reads once
        with django_assert_max_num_queries(10) as three:
            sales.get(LIST)
        OpportunityFactory.create_batch(27, owner=cast.sales)
        with django_assert_max_num_queries(10) as thirty:
            sales.get(LIST)
        assert len(three) == len(thirty)

    def test_tabs_and_filters(self, cast, sales):
        today = timezone.localdate()
        late = OpportunityFactory(owner=cast.sales, expected_close=today - timedelta(days=1))
        won = OpportunityFactory(owner=cast.sales, state="won", expected_close=today - timedelta(days=9))
        big = OpportunityFactory(owner=cast.sales, value=99000, company__name="Officine Grandi")
        OpportunityFactory(owner=cast.sales2)
        for params, expected in (
            ({}, {late, won, big}),
            ({"mine": 1, "open": "true"}, {late, big}),
            ({"overdue": "true"}, {late}),
            ({"state": "won"}, {won}),
            ({"value_min": 50000}, {big}),
            ({"company": "grandi"}, {big}),
        ):
            page = sales.get(LIST, params).content.decode()
            assert {deal for deal in (late, won, big) if deal.number in page} == expected, params

    @pytest.mark.parametrize("sort", ["-value", "probability", "expected_close", "company__name", "owner", "number"])
    def test_every_column_sorts(self, cast, sales, sort):
        OpportunityFactory.create_batch(2, owner=cast.sales)
        assert sales.get(LIST, {"sort": sort}).status_code == 200


class TestBoard:
    def test_columns_add_up_and_weigh(self, cast, sales):
        OpportunityFactory(owner=cast.sales, state="proposal", value=1000, probability=50)
        OpportunityFactory(owner=cast.sales, state="proposal", value=3000, probability=10)
        OpportunityFactory(owner=cast.sales2, state="proposal", value=9000)
        columns = {c["state"]: c for c in sales.get("/opportunities/board/").context["columns"]}
        assert columns["proposal"]["count"] == "2"
        assert columns["proposal"]["amount"] == "€4,000.00"
        assert columns["proposal"]["note"] == "weighted €800.00"
        assert "lost" not in columns

    def test_the_board_adds_up_each_currency_for_itself(self, cast, client_of):
        for value in (Money(1000, "EUR"), Money(500, "USD"), Money(250, "USD"), Money(30, "CHF")):
            OpportunityFactory(state="negotiation", value=value, probability=50)
        context = client_of(cast.manager).get("/opportunities/board/").context
        column = next(column for column in context["columns"] if column["state"] == "negotiation")
        assert column["count"] == "4"
        assert column["amount"] == "€1,000.00 + CHF\xa030.00 + $750.00"
        assert column["note"] == "weighted €500.00 + CHF\xa015.00 + $375.00"

    def test_a_drop_that_is_refused_is_409_and_says_why(self, cast, sales):
        deal = OpportunityFactory(owner=cast.sales, value=0)
        answer = sales.post(deal.act_url("qualify"), headers={"Accept": "application/json"})
        assert answer.status_code == 409
        assert answer.json()["reasons"] == ["Give the opportunity a value first."]
        assert Opportunity.objects.get().state == "identified"

    def test_the_same_number_of_queries_however_many_cards(self, cast, sales, django_assert_max_num_queries):
        OpportunityFactory.create_batch(3, owner=cast.sales)
        with django_assert_max_num_queries(9):
            sales.get("/opportunities/board/")
        OpportunityFactory.create_batch(20, owner=cast.sales, state="proposal")
        with django_assert_max_num_queries(9):
            sales.get("/opportunities/board/")


class TestRecordPage:
    def test_figures_people_and_quotes(self, cast, sales, django_assert_max_num_queries):
        person = ContactFactory(last_name="Verdi")
        deal = OpportunityFactory(
            owner=cast.sales, company=person.company, contact=person, value=10000, probability=25, state="proposal"
        )
        quote = QuoteFactory(opportunity=deal, owner=cast.sales)
        sales.get(deal.get_absolute_url())
        with django_assert_max_num_queries(15):
            page = sales.get(deal.get_absolute_url()).content.decode()
        for words in ("€10,000.00", "€2,500.00", "25", "Verdi", quote.number):
            assert words in page

    def test_overdue_is_said(self, cast, sales):
        deal = OpportunityFactory(owner=cast.sales, expected_close=timezone.localdate() - timedelta(days=1))
        assert "Overdue" in sales.get(deal.get_absolute_url()).content.decode()

    def test_stranger_404_no_right_403(self, cast, client_of):
        deal = OpportunityFactory(owner=cast.sales2)
        assert client_of(cast.sales).get(deal.get_absolute_url()).status_code == 404
        assert client_of(cast.hr).get(deal.get_absolute_url()).status_code == 403


class TestForm:
    def facts(self, at, **more):
        return {"name": "Centrale", "kind": "new", "company": at.pk, "value": "1,000", "probability": "10", **more}

    def test_a_deal_typed_in(self, cast, sales):
        answer = sales.post("/opportunities/new/", self.facts(CompanyFactory()))
        deal = Opportunity.objects.get()
        assert answer.headers["Location"] == deal.get_absolute_url()
        assert (deal.owner, deal.value.amount, deal.state) == (cast.sales, 1000, "identified")
        assert deal.number.startswith("OP ")

    @pytest.mark.parametrize("wrong", [{"value": "-1"}, {"probability": "101"}, {"company": "x"}, {"kind": "odd"}])
    def test_errors_keep_what_was_typed(self, sales, wrong):
        answer = sales.post("/opportunities/new/", self.facts(CompanyFactory(), next_step="Chiamare", **wrong))
        assert answer.status_code == 422
        assert 'value="Chiamare"' in answer.content.decode()

    def test_the_person_works_at_the_company(self, sales):
        person = ContactFactory(last_name="Verdi")
        answer = sales.post("/opportunities/new/", self.facts(CompanyFactory(), contact=person.pk))
        assert answer.status_code == 422
        assert "does not work at" in answer.content.decode()

    def test_what_is_won_is_not_edited(self, cast, sales):
        deal = OpportunityFactory(owner=cast.sales, state="won")
        assert sales.get(deal.edit_url).status_code == 409
        assert sales.post(deal.edit_url, self.facts(deal.company)).status_code == 409

    def test_an_edit_shows_in_the_timeline(self, cast, sales):
        deal = OpportunityFactory(owner=cast.sales, value=500)
        sales.post(deal.edit_url, self.facts(deal.company))
        page = sales.get(deal.get_absolute_url()).content.decode()
        assert "Impianto di pompaggio → Centrale" in page
