"""Counters on the tabs of a list: one query for all of them, after the page, of the reader's own rows only."""

import re
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.models import SavedView
from leads.models import Lead
from tests.factories import CompanyFactory, LeadFactory, QuoteFactory

pytestmark = pytest.mark.django_db


def counts(client: Client, url: str = "/leads/") -> dict[str, str]:
    answer = client.get(f"{url}?panel=counts", headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return dict(re.findall(r'id="count-([\w-]+)"[^>]*>([^<]*)<', answer.content.decode()))


def save(owner: Any, query: str, **values: Any) -> SavedView:
    kind = ContentType.objects.get_for_model(Lead)
    return SavedView.objects.create(owner=owner, name=query[:50] or "All", model=kind, query=query, **values)


def test_only_ones_own_rows_and_tabs_are_counted(cast: SimpleNamespace, client_of: Any, client: Client) -> None:
    LeadFactory.create_batch(2, owner=cast.sales, state="working", score=10)
    LeadFactory.create_batch(3, owner=cast.sales2, state="working", score=99)
    hers, shared = save(cast.sales2, "state=lost"), save(cast.manager, "hot=true", shared=True)
    found = counts(client_of(cast.sales))
    assert found["tab-all"] == "2"
    assert found[f"view-{shared.pk}"] == "0"
    assert f"view-{hers.pk}" not in found
    assert counts(client_of(cast.manager))["tab-all"] == "5"
    assert client_of(cast.buyer).get("/leads/?panel=counts").status_code == 403
    assert client.get("/leads/?panel=counts").status_code == 302


def test_counting_stops_at_a_hundred(cast: SimpleNamespace, client_of: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.pages.counts.MOST", 3)
    LeadFactory.create_batch(3, owner=cast.sales)
    assert counts(client_of(cast.sales))["tab-all"] == "3"
    LeadFactory(owner=cast.sales)
    assert counts(client_of(cast.sales))["tab-all"] == "3+"


@pytest.mark.parametrize(
    ("url", "factory", "table"),
    [
        ("/leads/", LeadFactory, "leads_lead"),
        ("/quotes/", QuoteFactory, "quotes_quote"),
        ("/companies/", CompanyFactory, "parties_company"),
    ],
)
def test_all_tabs_are_counted_in_one_query(
    url: str, factory: Any, table: str, cast: SimpleNamespace, client_of: Any
) -> None:
    factory.create_batch(3)
    manager = client_of(cast.manager)
    manager.get(url)
    with CaptureQueriesContext(connection) as queries:
        found = counts(manager, url)
    counting = [query["sql"] for query in queries if f'FROM "{table}"' in query["sql"]]
    assert len(counting) == 1
    assert counting[0].count("LIMIT 100") == len(found) > 1
    assert len(queries) <= 10


def test_the_page_itself_counts_no_tabs(cast: SimpleNamespace, client_of: Any) -> None:
    sales = client_of(cast.sales)
    with CaptureQueriesContext(connection) as queries:
        page = sales.get("/leads/").content.decode()
    assert not any("UNION" in query["sql"] for query in queries)
    assert page.count("panel=counts") == 1
    with CaptureQueriesContext(connection) as queries:
        board = sales.get("/leads/board/").content.decode()
    assert not any("LIMIT 100" in query["sql"] for query in queries)
    assert board.count("panel=counts") == 1


def test_a_view_that_makes_no_sense_is_counted_without_an_accident(cast: SimpleNamespace, client_of: Any) -> None:
    LeadFactory(owner=cast.sales)
    for query in ("gone=1", "score_min=abc", "campaign=9999", "state=nonsense", "q=%25%00"):
        save(cast.sales, query)
    assert set(counts(client_of(cast.sales)).values()) <= {"0", "1"}
