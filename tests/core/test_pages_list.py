"""Lists: rows, rights, filters, sorting, pages by key, export, bulk acts, and addresses that somebody has bent."""

import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls.base import get_script_prefix, set_script_prefix
from django.utils import timezone
from openpyxl import load_workbook

from core.pages import keyset
from core.pages.base import model_url
from leads.models import Lead
from tests.factories import LeadFactory

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.core.site")]


@pytest.fixture
def sales(cast: SimpleNamespace, client_of: Any) -> Client:
    return client_of(cast.sales)


def names(client: Client, url: str) -> Iterator[str]:
    """Company names over all pages of a list, following its own links."""
    while url:
        response = client.get(url)
        assert response.status_code == 200
        yield from [
            cell.split("<")[0] for cell in response.content.decode().split('/">')[1:] if cell.startswith("Firma")
        ]
        url = response.context["next_url"] and f"/leads/{response.context['next_url']}"


def test_a_list_shows_only_what_its_reader_may_see(cast: SimpleNamespace, sales: Client) -> None:
    LeadFactory(company_name="Firma mia", owner=cast.sales)
    LeadFactory(company_name="Firma altrui", owner=cast.sales2)
    assert list(names(sales, "/leads/")) == ["Firma mia"]


def test_a_list_needs_an_account_and_the_right(client: Client, cast: SimpleNamespace, client_of: Any) -> None:
    assert client.get("/leads/?x=1").url == "/account/login/?next=%2Fleads%2F%3Fx%3D1"
    assert client_of(cast.nobody).get("/leads/").status_code == 403


def test_cells_are_escaped(cast: SimpleNamespace, sales: Client) -> None:
    LeadFactory(company_name="<script>alert(1)</script>", last_name="<b>", owner=cast.sales)
    page = sales.get("/leads/").content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert ">&lt;b&gt;</td>" in page


@pytest.mark.parametrize(
    "sort", ["created_at", "score", "last_name", "campaign__name", "owner", "budget", "decision_by", "state"]
)
@pytest.mark.parametrize("sign", ["", "-"])
def test_pages_by_key_show_each_row_once_in_both_directions(
    cast: SimpleNamespace, sales: Client, sort: str, sign: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.core.site.LeadList.size", 3)
    for i in range(11):
        LeadFactory(
            company_name=f"Firma {i:02}",
            owner=cast.sales if i % 2 else None,
            score=None if i % 3 == 0 else i // 4,
            budget=None if i % 4 == 0 else i // 2,
            decision_by=None if i % 2 else timezone.localdate() + timedelta(days=i // 3),
        )
    forward = list(names(sales, f"/leads/?sort={sign}{sort}"))
    assert len(forward) == len(set(forward)) == 11
    url, pages = f"/leads/?sort={sign}{sort}", []
    while url:
        response = sales.get(url)
        pages.append(response.context["body"])
        last, url = response, response.context["next_url"] and f"/leads/{response.context['next_url']}"
    for expected in reversed(pages[:-1]):
        last = sales.get(f"/leads/{last.context['previous_url']}")
        assert last.context["body"] == expected
    assert not last.context["previous_url"]


def test_empty_values_come_last_whichever_way(cast: SimpleNamespace, sales: Client) -> None:
    for score in (None, 5, 90):
        LeadFactory(company_name=f"Firma {score}", score=score, owner=cast.sales)
    assert list(names(sales, "/leads/?sort=score")) == ["Firma 5", "Firma 90", "Firma None"]
    assert list(names(sales, "/leads/?sort=-score")) == ["Firma 90", "Firma 5", "Firma None"]


def test_filters_search_and_tabs_narrow(cast: SimpleNamespace, sales: Client) -> None:
    LeadFactory(company_name="Firma alfa", state="new", owner=cast.sales)
    LeadFactory(company_name="Firma beta", state="lost", owner=None)
    assert list(names(sales, "/leads/?state=lost")) == ["Firma beta"]
    assert list(names(sales, "/leads/?q=fir+alf")) == ["Firma alfa"]
    assert list(names(sales, "/leads/?mine=1")) == ["Firma alfa"]
    page = sales.get("/leads/?state=lost&q=beta")
    assert [(chip.label, chip.value) for chip in page.context["chips"]] == [("State", "Lost"), ("Search", "beta")]
    assert page.context["chips"][0].remove == "?q=beta"


def test_the_filter_form_comes_as_a_dialogue(sales: Client) -> None:
    answer = sales.get("/leads/?panel=filters&state=new", headers={"HX-Request": "true"})
    assert b'name="state"' in answer.content
    assert b"<html" not in answer.content


@pytest.mark.parametrize(
    "query",
    [
        "state=nonsense", "score_min=abc", "created_after=99/99/9999", "sort=password", "sort=-owner__password", "after=%%%",
        "after=bnVsbA", "before=WyJ4IiwgMV0", "after=W251bGwsIDFd", "after=WzEsIFsxXV0", "q=%27%22%5C", "q=:*%26|!()",
        "campaign=99999999999999999999999", "campaign=x", "score_max=99999999999999999999999999", "mine=2", "q=+++",
        "sort=", "panel=x",
    ],
)  # fmt: skip
def test_a_bent_address_is_no_accident(cast: SimpleNamespace, sales: Client, query: str) -> None:
    LeadFactory(owner=cast.sales)
    assert sales.get(f"/leads/?{query}").status_code == 200


def test_a_nul_in_the_address_is_refused(sales: Client) -> None:
    assert sales.get("/leads/?q=%00").status_code == 400
    assert sales.get("/search/?q=a%00").status_code == 400


def test_heads_sort_and_keep_the_rest_of_the_address(cast: SimpleNamespace, sales: Client) -> None:
    LeadFactory(company_name="Firma mia", owner=cast.sales)
    heads = sales.get("/leads/", {"q": "Firma & %00", "sort": "-score", "after": "x"}).context["heads"]
    urls = {head.url for head in heads if head.url}
    assert "?q=Firma+%26+%2500&sort=score" in urls
    assert "?q=Firma+%26+%2500&sort=last_name" in urls
    assert {head.direction for head in heads} == {"", "descending"}


def test_addresses_are_those_under_which_the_server_is_reached() -> None:
    assert model_url(Lead, "list") == "/leads/"
    usual = get_script_prefix()
    set_script_prefix("/crm/")
    try:
        assert model_url(Lead, "list") == "/crm/leads/"
    finally:
        set_script_prefix(usual)
    assert model_url(Lead, "detail", 7) == "/leads/7/"
    assert model_url(Lead, "nowhere") == ""


def test_wrong_filter_values_are_named(cast: SimpleNamespace, sales: Client) -> None:
    page = sales.get("/leads/?score_min=abc").content.decode()
    assert "Enter a number" in page


def test_the_count_is_exact_while_cheap(cast: SimpleNamespace, sales: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.core.site.LeadList.size", 2)
    LeadFactory.create_batch(4, owner=cast.sales)
    LeadFactory(owner=cast.sales, state="lost")
    page = sales.get("/leads/?state=new")
    assert page.context["count"] == "2+"  # what the page knows without counting
    assert 'hx-get="/leads/?state=new&amp;panel=count"' in page.text
    assert sales.get("/leads/?state=new&panel=count").text == "4"
    monkeypatch.setattr("tests.core.site.LeadList.count_up_to", 3)
    assert sales.get("/leads/?state=new&panel=count").text == "3+"


def test_a_list_on_one_page_knows_its_count(cast: SimpleNamespace, sales: Client) -> None:
    LeadFactory.create_batch(4, owner=cast.sales)
    page = sales.get("/leads/")
    assert (page.context["count"], page.context["count_url"]) == ("4", "")


def test_queries_do_not_grow_with_the_rows(cast: SimpleNamespace, sales: Client) -> None:
    counts = []
    sales.get("/leads/?state=new&q=firma")  # what a process asks once: how the word is cut, how common words are
    for more in (3, 27):
        LeadFactory.create_batch(more, owner=cast.sales)
        with CaptureQueriesContext(_connection()) as queries:
            sales.get("/leads/?state=new&q=firma")
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 10


def _connection() -> Any:
    from django.db import connection

    return connection


def test_csv_has_the_filtered_rows_and_no_formula(cast: SimpleNamespace, sales: Client) -> None:
    LeadFactory(company_name="=HYPERLINK(1)", last_name="@x", state="new", owner=cast.sales, budget="1234.50")
    LeadFactory(company_name="Firma", state="lost", owner=cast.sales)
    LeadFactory(company_name="Firma altrui", state="new", owner=cast.sales2)
    answer = sales.get("/leads/export/?format=csv&state=new")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    head, *rows = csv.reader(io.StringIO(text))
    assert head[:4] == ["Company", "Last name", "State", "Score"]
    assert len(rows) == 1
    assert rows[0][:3] == ["'=HYPERLINK(1)", "'@x", "New"]
    assert rows[0][6] == "1234.50"


def test_an_italian_csv_opens_in_an_italian_spreadsheet(cast: SimpleNamespace, client_of: Any) -> None:
    cast.sales.language = "it"
    cast.sales.save()
    LeadFactory(owner=cast.sales, budget="1234.50")
    text = b"".join(client_of(cast.sales).get("/leads/export/").streaming_content).decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(text), delimiter=";"))[1][6] == "1234,50"


def test_xlsx_is_typed_and_complete(cast: SimpleNamespace, sales: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.pages.exports.CHUNK", 2)
    for i in range(5):
        LeadFactory(company_name=f"Firma {i}\x0b", score=i, owner=cast.sales)
    answer = sales.get("/leads/export/?format=xlsx")
    sheet = load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    assert sheet is not None
    rows = list(sheet.iter_rows(values_only=True))
    assert [row[3] for row in rows[1:]] == [0, 1, 2, 3, 4]
    assert rows[1][0] == "Firma 0"


def test_an_unknown_export_format_is_refused(sales: Client) -> None:
    assert sales.get("/leads/export/?format=exe").status_code == 400


def test_bulk_acts_go_through_the_verb_and_name_what_was_refused(cast: SimpleNamespace, sales: Client) -> None:
    new = LeadFactory(state="new", owner=None)
    lost = LeadFactory(company_name="Firma persa", state="lost", owner=cast.sales)
    foreign = LeadFactory(state="new", owner=cast.sales2)
    answer = sales.post("/leads/", {"verb": "take", "ids": [new.pk, lost.pk, foreign.pk, "x", "9" * 40]})
    work = answer.context["work"]
    assert (work.done, work.refused, work.missing) == (1, 1, 3)
    assert [record for record, _reasons in work.problems] == [lost]
    assert f'href="/leads/{lost.pk}/">Firma persa</a>' in answer.content.decode()
    assert list(Lead.objects.order_by("pk").values_list("state", flat=True)) == ["working", "lost", "new"]


def test_a_verb_that_is_not_offered_in_bulk_is_not_found(sales: Client) -> None:
    assert sales.post("/leads/", {"verb": "lose"}).status_code == 404


def test_cursors_survive_their_round_trip(cast: SimpleNamespace) -> None:
    lead = LeadFactory()
    order = keyset.Order.of(Lead.objects.all(), "created_at", descending=True)
    assert keyset.decode(keyset.encode((lead.pk, lead.created_at)), order) == (lead.created_at, lead.pk)
