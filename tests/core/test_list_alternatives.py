"""Filters joined with "or" in the address: rows that match the filters, or all of one alternative; rights hold in each."""

from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.factories import CampaignFactory, CompanyFactory, LeadFactory, QuoteFactory

pytestmark = pytest.mark.django_db


def address(plain: str = "", *alternatives: str) -> str:
    return "?" + "&".join(filter(None, [plain, *(urlencode({"or": group}) for group in alternatives)]))


def found(client: Client, query: str, url: str = "/leads/") -> set[str]:
    page = client.get(url + query)
    assert page.status_code == 200
    return {cell.split("<")[0] for cell in page.context["body"].split('/">')[1:]}


def words(page: Any) -> str:
    return " ".join(str(message) for message in page.context["messages"])


@pytest.fixture
def leads(cast: SimpleNamespace) -> None:
    for name, state, score, owner in (
        ("New cold", "new", 10, cast.sales),
        ("New hot", "new", 90, cast.sales),
        ("Working hot", "working", 90, cast.sales),
        ("Working cold", "working", 10, None),
        ("Foreign hot", "working", 95, cast.sales2),
    ):
        LeadFactory(company_name=name, state=state, score=score, owner=owner)


@pytest.mark.usefixtures("leads")
def test_an_alternative_opens_no_rows_of_others(cast: SimpleNamespace, client_of: Any) -> None:
    for query in (address("state=lost", "score_min=80"), address("", "score_min=80", "state=working")):
        assert "Foreign hot" not in found(client_of(cast.sales), query)
    assert "Foreign hot" in found(client_of(cast.manager), address("state=lost", "score_min=80"))


@pytest.mark.usefixtures("leads")
@pytest.mark.parametrize(
    ("plain", "alternatives", "expected"),
    [
        ("state=new", ["score_min=80"], {"New cold", "New hot", "Working hot"}),
        ("state=new&score_min=80", ["state=working&score_max=20"], {"New hot", "Working cold"}),
        ("", ["state=new&score_max=20", "unassigned=true"], {"New cold", "Working cold"}),
        ("", ["score_min=80"], {"New hot", "Working hot"}),
        ("q=cold", ["state=new", "score_min=80"], {"New cold"}),
        ("mine=1&state=working", ["score_max=20"], {"Working hot", "New cold"}),
        ("open=&state=", ["score_min=80"], {"New hot", "Working hot"}),
    ],
)
def test_rows_match_the_filters_or_one_alternative(
    plain: str, alternatives: list[str], expected: set[str], cast: SimpleNamespace, client_of: Any
) -> None:
    sales = client_of(cast.sales)
    assert found(sales, address(plain, *alternatives)) == expected
    export = sales.get(f"/leads/export/{address(plain, *alternatives)}")
    assert len(b"".join(export.streaming_content).decode().splitlines()) == len(expected) + 1


@pytest.mark.usefixtures("leads")
def test_chips_say_or_and_each_can_be_removed(cast: SimpleNamespace, client_of: Any) -> None:
    page = client_of(cast.sales).get("/leads/" + address("state=new&after=x", "score_min=80&state=working", "hot=true"))
    chips = page.context["chips"]
    assert [(c.label, c.value, c.either) for c in chips] == [
        ("State", "New", False), ("", "State: Working, Score: ≥ 80", True), ("", "Hot: yes", True)
    ]  # fmt: skip
    assert chips[1].remove == address("state=new", "hot=true")
    assert chips[0].remove == address("", "score_min=80&state=working", "hot=true")


@pytest.mark.usefixtures("leads")
@pytest.mark.parametrize(
    "group",
    ["score_min=abc", "state=nonsense", "campaign=99999", "x=1", "", "%", "state=%00", "or=state%3Dnew", "a" * 9000],
)
def test_nonsense_is_named_and_opens_nothing(group: str, cast: SimpleNamespace, client_of: Any) -> None:
    sales = client_of(cast.sales)
    assert found(sales, address("state=new", group)) == {"New cold", "New hot"}
    page = sales.get("/leads/" + address("state=new", group))
    named = group.split("=")[0] in ("score_min", "state", "campaign")
    assert bool(words(page)) == named
    assert sales.get("/leads/?panel=counts&" + address("", group)[1:]).status_code == 200


def test_only_so_many_alternatives_count(cast: SimpleNamespace, client_of: Any) -> None:
    page = client_of(cast.sales).get("/leads/" + address("", *[f"score_min={n}" for n in range(9)]))
    assert len(page.context["chips"]) == 5
    assert "Only the first 5 alternatives count." in words(page)


@pytest.mark.usefixtures("leads")
def test_the_dialogue_adds_an_alternative(cast: SimpleNamespace, client_of: Any) -> None:
    sales = client_of(cast.sales)
    page = sales.get("/leads/?state=new&sort=score")
    dialogue = sales.get("/leads/" + page.context["page"].or_url, headers={"HX-Request": "true"})
    assert b"<html" not in dialogue.content
    assert dict(dialogue.context["panel_keep"])["within"] == "state=new&sort=score"
    sent = {"panel": "or", "within": "state=new&sort=score", "score_min": "80", "state": ["working"], "open": ""}
    answer = sales.get("/leads/", sent)
    assert answer.url == "?" + urlencode([("state", "new"), ("sort", "score"), ("or", "state=working&score_min=80")])
    assert found(sales, answer.url) == {"New cold", "New hot", "Working hot"}
    assert sales.get("/leads/", {"panel": "or", "within": "state=new"}).url == "?state=new"


@pytest.mark.usefixtures("leads")
def test_pages_by_key_go_through_all_alternatives(
    cast: SimpleNamespace, client_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.pages.lists.ListPage.size", 2)
    sales, url, names = client_of(cast.sales), address("state=new&sort=score", "score_min=80"), []
    while url:
        page = sales.get(f"/leads/{url}")
        names += [cell.split("<")[0] for cell in page.context["body"].split('/">')[1:]]
        url = page.context["next_url"]
    assert sorted(names) == ["New cold", "New hot", "Working hot"]


def test_quotes_companies_and_campaigns_know_alternatives_too(cast: SimpleNamespace, client_of: Any) -> None:
    manager = client_of(cast.manager)
    QuoteFactory(state="draft"), QuoteFactory(state="sent"), QuoteFactory(state="declined")
    CompanyFactory(city="Asti"), CompanyFactory(city="Bari"), CompanyFactory(city="Como")
    CampaignFactory(channel="Fair"), CampaignFactory(channel="Mail"), CampaignFactory(channel="Web")
    for url, plain, group in (
        ("/quotes/", "state=draft", "state=sent"),
        ("/companies/", "city=Asti", "city=Bari"),
        ("/campaigns/", "channel=Fair", "channel=Mail"),
    ):
        assert manager.get(url + address(plain, group)).context["shown"] == 2
        with CaptureQueriesContext(connection) as queries:
            manager.get(url + address(plain, group))
        assert len(queries) <= 10
