"""Columns chosen in the address, on the lists of the house: what is forbidden stays away, in the page and in the export."""

import csv
import io
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.factories import CompanyFactory, LeadFactory, ProductFactory, QuoteFactory

pytestmark = pytest.mark.django_db

LISTS = {
    "/leads/": "state,email,decision_by,owner,budget,closed_at",
    "/companies/": "city,name,employees,is_customer,updated_at",
    "/quotes/": "gross,number,customer_vat_number,payment_days,approved_by",
}


def heads(client: Client, url: str) -> list[str]:
    response = client.get(url)
    assert response.status_code == 200
    return [head.label for head in response.context["heads"]]


def rows(client: Client, url: str) -> list[list[str]]:
    text = b"".join(client.get(url).streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def offered(client: Client, url: str) -> list[str]:
    return [choice.name for choice in client.get(f"{url}?panel=columns").context["choices"]]


# --- Refusals ------------------------------------------------------------------------------------------------------------


def test_costs_are_no_column_for_those_who_may_not_see_them(cast: SimpleNamespace, client_of: Any) -> None:
    ProductFactory(name="Pump", cost="12.34")
    sales, buyer = client_of(cast.sales), client_of(cast.buyer)
    query = "?columns=name,cost&sort=cost"
    assert heads(sales, f"/products/{query}") == ["Name"]
    assert rows(sales, f"/products/export/{query}") == [["Name"], ["Pump"]]
    assert "12.34" not in sales.get(f"/products/{query}").content.decode()
    assert "cost" not in offered(sales, "/products/")
    assert heads(buyer, f"/products/{query}") == ["Name", "Cost"]
    assert rows(buyer, f"/products/export/{query}")[1] == ["Pump", "12.34"]
    assert "cost" in offered(buyer, "/products/")


@pytest.mark.parametrize(
    "names",
    ["token", "search", "thread", "accepted_sha256", "owner__password", "company__notes", "pk", "id", "x" * 500],
)
def test_internals_and_nonsense_are_no_columns(cast: SimpleNamespace, client_of: Any, names: str) -> None:
    QuoteFactory(owner=cast.sales)
    sales = client_of(cast.sales)
    assert heads(sales, f"/quotes/?columns={names}") == heads(sales, "/quotes/")
    assert heads(sales, f"/quotes/?columns={names},number&sort={names[:40]}") == ["Number"]
    assert rows(sales, f"/quotes/export/?columns={names},number")[0] == ["Number"]


def test_columns_open_no_other_rows(cast: SimpleNamespace, client_of: Any) -> None:
    LeadFactory(email="secret@example.com", owner=cast.sales2)
    assert "secret@" not in client_of(cast.sales).get("/leads/?columns=email&sort=email").content.decode()
    assert client_of(cast.nobody).get("/leads/?panel=columns").status_code == 403


# --- What works -----------------------------------------------------------------------------------------------------------


def test_columns_come_in_the_order_of_the_address(cast: SimpleNamespace, client_of: Any) -> None:
    sales = client_of(cast.sales)
    assert heads(sales, "/leads/?columns=state,email,state,name") == ["State", "E-mail", "Name"]
    assert heads(sales, "/companies/?columns=employees,name") == ["Employees", "Name"]
    assert heads(sales, "/leads/?columns=") == heads(sales, "/leads/")


@pytest.mark.parametrize("url", LISTS)
def test_every_chosen_column_sorts_and_pages(
    url: str, cast: SimpleNamespace, client_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.pages.lists.ListPage.size", 3)
    factory = {"/leads/": LeadFactory, "/companies/": CompanyFactory, "/quotes/": QuoteFactory}[url]
    factory.create_batch(5, **({} if url == "/companies/" else {"owner": cast.manager}))
    manager = client_of(cast.manager)
    for name in LISTS[url].split(","):
        for sign in ("", "-"):
            first = manager.get(f"{url}?columns={LISTS[url]}&sort={sign}{name}")
            second = manager.get(f"{url}{first.context['next_url']}")
            assert (first.context["shown"], second.context["shown"]) == (3, 2), name
            again = manager.get(f"{url}{second.context['previous_url']}")
            assert again.context["body"] == first.context["body"]


def test_rows_sort_by_a_column_that_is_not_shown(cast: SimpleNamespace, client_of: Any) -> None:
    for name, city in (("Alfa", "Zagarolo"), ("Beta", "Asti")):
        LeadFactory(company_name=name, city=city, owner=cast.sales)
    body = client_of(cast.sales).get("/leads/?columns=name&sort=city").context["body"]
    assert body.index("Beta") < body.index("Alfa")


def test_a_list_without_its_name_still_leads_to_the_records(cast: SimpleNamespace, client_of: Any) -> None:
    lead = LeadFactory(owner=cast.sales, city="Asti")
    assert (
        f'<a href="/leads/{lead.pk}/">Asti</a>'
        in client_of(cast.sales).get("/leads/?columns=city,state").context["body"]
    )


def test_export_has_the_chosen_columns_and_the_filtered_rows(cast: SimpleNamespace, client_of: Any) -> None:
    LeadFactory(email="a@example.com", state="new", owner=cast.sales)
    LeadFactory(email="b@example.com", state="lost", owner=cast.sales)
    sales = client_of(cast.sales)
    page = sales.get("/leads/?columns=email,state&state=new")
    assert rows(sales, page.context["csv_url"]) == [["E-mail", "State"], ["a@example.com", "New"]]


@pytest.mark.parametrize("url", LISTS)
def test_chosen_columns_cost_no_further_queries(url: str, cast: SimpleNamespace, client_of: Any) -> None:
    manager = client_of(cast.manager)
    manager.get(url)
    counts = []
    for query in ("", f"?columns={LISTS[url]}"):
        with CaptureQueriesContext(connection) as queries:
            manager.get(url + query)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 10


# --- The dialogue ---------------------------------------------------------------------------------------------------------


def test_the_dialogue_offers_what_is_shown_first(cast: SimpleNamespace, client_of: Any) -> None:
    sales = client_of(cast.sales)
    answer = sales.get("/leads/?panel=columns&columns=email,name&state=new", headers={"HX-Request": "true"})
    assert b"<html" not in answer.content
    assert [(c.name, c.shown) for c in answer.context["choices"]][:3] == [
        ("email", True),
        ("name", True),
        ("city", False),
    ]
    assert ("state", "new") in answer.context["panel_keep"]


def test_without_a_script_the_arrows_ask_the_server(cast: SimpleNamespace, client_of: Any) -> None:
    sales = client_of(cast.sales)
    sent = "?panel=columns&order=name&order=city&order=state&column=state&column=city"
    page = sales.get(f"/leads/{sent}&up=state")
    assert [(c.name, c.shown) for c in page.context["choices"]][:3] == [
        ("name", False),
        ("state", True),
        ("city", True),
    ]
    assert b"data-chooser" in page.content
    assert sales.get(f"/leads/{sent}&q=x").url == "?q=x&columns=city%2Cstate"
    assert sales.get(f"/leads/{sent}&up=nonsense&down=city").status_code == 200


def test_the_standard_columns_leave_no_trace_in_the_address(cast: SimpleNamespace, client_of: Any) -> None:
    sales = client_of(cast.sales)
    names = [choice.name for choice in sales.get("/leads/?panel=columns").context["choices"] if choice.shown]
    both = "".join(f"&order={name}&column={name}" for name in names)
    assert sales.get(f"/leads/?panel=columns{both}").url == "?"
    assert sales.get("/leads/?panel=columns&order=name").url == "?"


def test_filters_keep_the_columns(cast: SimpleNamespace, client_of: Any) -> None:
    page = client_of(cast.sales).get("/leads/?panel=filters&columns=name&sort=name&mine=1&state=new&after=x")
    assert page.context["panel_keep"] == [("columns", "name"), ("sort", "name"), ("mine", "1")]
