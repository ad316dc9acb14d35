"""Boards show the views of their list as tabs, with counters of what their columns show, and keep views themselves."""

import re
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.models import SavedView
from leads.models import Lead
from tests.factories import LeadFactory, OpportunityFactory, QuoteFactory

pytestmark = pytest.mark.django_db


def save(owner: Any, name: str, query: str, roles: tuple[str, ...] = (), **values: Any) -> SavedView:
    kind = ContentType.objects.get_for_model(Lead)
    found = SavedView.objects.create(owner=owner, name=name, model=kind, query=query, **values)
    found.roles.set(Group.objects.filter(name__in=roles))
    return found


def tabs(client: Client, url: str) -> list[str]:
    return [str(tab["label"]) for tab in client.get(url).context["tabs"]]


def counts(client: Client, url: str) -> dict[str, str]:
    answer = client.get(f"{url}?panel=counts", headers={"HX-Request": "true"})
    return dict(re.findall(r'id="count-([\w-]+)"[^>]*>([^<]*)<', answer.content.decode()))


def cards(client: Client, url: str) -> dict[str, int]:
    return {column["state"]: len(column["cards"]) for column in client.get(url).context["columns"]}


def test_the_same_views_stand_on_list_and_board(cast: SimpleNamespace, client_of: Any) -> None:
    save(cast.sales, "Mine only", "source=web"), save(cast.sales2, "Hers", "source=web")
    save(cast.manager, "Team", "hot=true", shared=True)
    sales = client_of(cast.sales)
    found = tabs(sales, "/leads/board/")
    assert found == tabs(sales, "/leads/")
    assert {"Team", "Mine only"} <= set(found)
    assert "Hers" not in found


def test_somebody_elses_private_view_does_not_exist_on_the_board(cast: SimpleNamespace, client_of: Any) -> None:
    hers = save(cast.sales, "Hot", "hot=true")
    assert client_of(cast.sales2).get(f"/leads/board/?view={hers.pk}").status_code == 404
    assert client_of(cast.buyer).get("/leads/board/?panel=counts").status_code == 403


def test_a_tab_that_only_asks_for_a_state_is_a_column_and_no_tab(cast: SimpleNamespace, client_of: Any) -> None:
    manager = client_of(cast.manager)
    for url in ("/quotes/", "/opportunities/"):
        assert set(tabs(manager, f"{url}board/?view=all")) <= set(tabs(manager, f"{url}?view=all"))


def test_counters_say_how_many_cards_there_are(cast: SimpleNamespace, client_of: Any) -> None:
    LeadFactory.create_batch(2, owner=cast.sales, state="new", source="web")
    LeadFactory(owner=cast.sales, state="lost", source="web")
    view, lost = save(cast.sales, "Web", "source=web"), save(cast.sales, "Lost", "state=lost")
    sales = client_of(cast.sales)
    found = counts(sales, "/leads/board/")
    assert (found["tab-all"], found[f"view-{view.pk}"], found[f"view-{lost.pk}"]) == ("2", "2", "1")
    assert counts(sales, "/leads/")[f"view-{view.pk}"] == "3"
    assert sum(cards(sales, f"/leads/board/{view.address}").values()) == 2


def test_a_view_by_state_has_the_columns_it_asks_for(cast: SimpleNamespace, client_of: Any) -> None:
    LeadFactory(owner=cast.sales, state="lost")
    LeadFactory(owner=cast.sales, state="new", source="web")
    sales = client_of(cast.sales)
    assert cards(sales, "/leads/board/?state=lost&state=new") == {"new": 1, "lost": 1}
    assert cards(sales, "/leads/board/?state=lost") == {"lost": 1}
    assert cards(sales, "/leads/board/?source=web&or=state%3Dlost") == {
        "new": 1,
        "working": 0,
        "qualified": 0,
        "lost": 1,
    }
    assert list(cards(sales, "/leads/board/?state=nonsense")) == ["new", "working", "qualified"]


def test_all_tabs_are_counted_in_one_query(cast: SimpleNamespace, client_of: Any) -> None:
    for number in range(5):
        save(cast.manager, f"View {number}", "source=web", shared=True)
    manager = client_of(cast.manager)
    manager.get("/leads/board/")
    with CaptureQueriesContext(connection) as queries:
        found = counts(manager, "/leads/board/")
    counting = [query["sql"] for query in queries if 'FROM "leads_lead"' in query["sql"]]
    assert len(counting) == 1
    assert counting[0].count("LIMIT 100") == len(found) > 5


def test_a_board_starts_with_the_view_of_the_readers_role(cast: SimpleNamespace, client_of: Any) -> None:
    start = save(None, "Start", "source=web", roles=("sales",), shared=True)
    sales = client_of(cast.sales)
    assert sales.get("/leads/board/").headers["Location"] == start.address
    assert sales.get("/leads/board/?view=all").status_code == 200


def test_views_are_kept_from_the_board_and_lead_back_to_it(cast: SimpleNamespace, client_of: Any) -> None:
    sales = client_of(cast.sales)
    kept = sales.post("/views/leads/lead/new/?source=web&on=board", {"name": "Web"})
    view = SavedView.objects.get()
    assert (view.query, kept.headers["Location"]) == ("source=web", f"/leads/board/{view.address}")
    keep = sales.post(f"/views/{view.pk}/keep/", {"source": "phone", "on": "board"})
    view.refresh_from_db()
    assert (view.query, keep.headers["Location"]) == ("source=phone", f"/leads/board/{view.address}")
    assert (
        sales.post(f"/views/{view.pk}/move/?on=board", {"to": "left"}).headers["Location"].startswith("/leads/board/?")
    )
    assert sales.post(f"/views/{view.pk}/delete/?on=board").headers["Location"] == "/leads/board/?view=all"


def test_list_and_board_hand_each_other_their_address(cast: SimpleNamespace, client_of: Any) -> None:
    view = save(cast.sales, "Web", "source=web")
    sales = client_of(cast.sales)
    assert sales.get(f"/leads/{view.address}").context["board_url"] == f"/leads/board/{view.address}"
    assert sales.get(f"/leads/board/{view.address}").context["list_url"] == f"/leads/{view.address}"


def test_a_board_is_searched_and_filtered_where_it_stands(cast: SimpleNamespace, client_of: Any) -> None:
    LeadFactory(owner=cast.sales, state="new", company_name="Vetreria Veneta")
    LeadFactory(owner=cast.sales, state="new", company_name="Officine Rossi")
    sales = client_of(cast.sales)
    part = sales.get(
        "/leads/board/?q=vetreria", headers={"HX-Request": "true", "HX-Target": "results"}
    ).content.decode()
    assert "Vetreria Veneta" in part
    assert "Officine Rossi" not in part
    assert "<html" not in part
    assert b'name="source"' in sales.get("/leads/board/?panel=filters", headers={"HX-Request": "true"}).content
    assert sales.get("/leads/board/?panel=columns&up=name").status_code == 200


@pytest.mark.parametrize(("url", "factory"), [("/quotes/", QuoteFactory), ("/opportunities/", OpportunityFactory)])
def test_every_board_shares_its_lists_views(url: str, factory: Any, cast: SimpleNamespace, client_of: Any) -> None:
    made = factory(owner=cast.manager)
    kind = ContentType.objects.get_for_model(type(made))
    view = SavedView.objects.create(owner=cast.manager, name="Of mine", model=kind, query="mine=1")
    manager = client_of(cast.manager)
    assert counts(manager, f"{url}board/")[f"view-{view.pk}"] == "1"
    assert sum(cards(manager, f"{url}board/{view.address}").values()) == 1


def test_the_cards_further_down_are_asked_for_by_column(cast: SimpleNamespace, client_of: Any) -> None:
    sales = client_of(cast.sales)
    LeadFactory.create_batch(9, owner=cast.sales, state="working", source="web")
    LeadFactory.create_batch(40, owner=cast.sales, state="new", source="web")
    LeadFactory.create_batch(3, owner=cast.sales, state="new", source="fair")
    theirs = LeadFactory(owner=cast.sales2, state="new", source="web")
    new, working, qualified = sales.get("/leads/board/?source=web").context["columns"]
    assert (new["list_url"], len(new["cards"])) == ("/leads/?source=web&state=new", 6)
    assert (bool(working["rest_url"]), qualified["rest_url"]) == (True, "")
    rest = sales.get(f"/leads/board/{new['rest_url']}")
    found = [int(pk) for pk in re.findall(r'data-card="(\d+)"', rest.content.decode())]
    assert len(found) == 30
    assert theirs.pk not in found
    assert set(Lead.objects.filter(pk__in=found).values_list("source", "state")) == {("web", "new")}
    assert "<html" not in rest.content.decode()
    assert len(re.findall("data-card=", sales.get(f"/leads/board/{working['rest_url']}").content.decode())) == 9
    assert "<html" in sales.get("/leads/board/?panel=cards&column=nothing").content.decode()


def test_what_is_done_is_added_up_after_the_page(cast: SimpleNamespace, client_of: Any) -> None:
    OpportunityFactory.create_batch(3, owner=cast.sales, state="won", value=1000)
    OpportunityFactory(owner=cast.sales, state="won", value=7)
    OpportunityFactory(owner=cast.sales2, state="won", value=9)
    OpportunityFactory(owner=cast.sales, state="proposal", value=500)
    sales, script = client_of(cast.sales), {"HX-Request": "true"}
    page = sales.get("/opportunities/board/?q=")
    columns = {column["state"]: column for column in page.context["columns"]}
    assert (columns["proposal"]["count"], columns["proposal"]["amount"]) == ("1", "€500.00")
    assert (columns["won"]["count"], columns["won"]["amount"], len(columns["won"]["cards"])) == ("…", "…", 4)
    assert 'hx-get="?q=&amp;panel=totals"' in page.text
    [head] = sales.get("/opportunities/board/?q=&panel=totals", headers=script).context["heads"]
    assert (head["state"], head["count"], head["amount"]) == ("won", "4", "€3,007.00")
    narrowed = sales.get("/opportunities/board/?value_min=500&panel=totals", headers=script)
    assert [head["amount"] for head in narrowed.context["heads"]] == ["€3,000.00"]
    assert 'id="head-won" hx-swap-oob="true"' in narrowed.text
    assert "<html" not in narrowed.text
    assert client_of(cast.buyer).get("/opportunities/board/?panel=totals", headers=script).status_code == 403


def test_a_board_of_what_is_under_way_fetches_no_totals(cast: SimpleNamespace, client_of: Any) -> None:
    OpportunityFactory(owner=cast.sales, state="proposal")
    assert "panel=totals" not in client_of(cast.sales).get("/opportunities/board/?state=proposal").text
