"""Related records: all groups of a page in one query, and every value as it was in its own table."""

from datetime import date
from decimal import Decimal

import pytest
from django.utils import translation

from core.pages import Column, Related
from core.pages.related import groups
from tests.factories import CompanyFactory, ContractFactory, InvoiceFactory, OpportunityFactory, QuoteFactory

pytestmark = pytest.mark.django_db

WANTED = (
    Related("Deals", "opportunities", ("number", "name", "state", "value", "probability", "owner", "created_at")),
    Related("Quotes", "quotes", ("number", "gross"), limit=2),
    Related("Contracts", "contracts", ("number", Column("starts_on"), "project__number")),
    Related("Cases", "cases", ("number",)),
)


@pytest.fixture
def company(cast):
    found = CompanyFactory(owner=cast.sales)
    amount = Decimal("12345678901.10")
    OpportunityFactory(company=found, owner=cast.sales, name="A <b> deal", value=amount, probability=35)
    QuoteFactory.create_batch(3, company=found, owner=cast.sales)
    ContractFactory(company=found, owner=cast.sales, starts_on=date(2026, 3, 1))
    return found


def test_all_groups_take_one_query(cast, company, django_assert_num_queries):
    cast.manager.has_perm("core.see_costs")  # rights are read once
    with django_assert_num_queries(1), translation.override("en"):
        deals, quotes, contracts, cases = groups(company, WANTED, cast.manager)
    assert [group["count"] for group in (deals, quotes, contracts, cases)] == [1, "2+", 1, 0]
    assert len(quotes["rows"]) == 2
    cells = " ".join(deals["rows"][0])
    assert "€12,345,678,901.10" in cells
    assert "A &lt;b&gt; deal" in cells
    assert "35" in cells
    assert "2026" in cells
    assert "1\xa0Mar\xa02026" in contracts["rows"][0][1]


def test_rows_of_others_are_left_out(cast, company):
    OpportunityFactory(company=company, owner=cast.sales2)
    InvoiceFactory(company=company)
    assert [group["count"] for group in groups(company, WANTED[:2], cast.sales)] == [1, "2+"]
    assert [group["count"] for group in groups(company, WANTED, cast.nobody)] == [0, 0, 0, 0]
