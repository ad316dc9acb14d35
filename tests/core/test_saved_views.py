"""Saved views of lists: whose they are, who may share them, what they show, and what happens when two people are at it."""

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
from parties.models import Company
from quotes.models import Quote
from tests.factories import LeadFactory
from zencrm.demo import views

pytestmark = pytest.mark.django_db

LISTS = {"leads/lead": "/leads/", "parties/company": "/companies/", "quotes/quote": "/quotes/"}


def view(owner: Any, name: str = "Hot", model: Any = Lead, **values: Any) -> SavedView:
    roles = values.pop("roles", ())
    found = SavedView.objects.create(
        owner=owner, name=name, model=ContentType.objects.get_for_model(model), **{"query": "hot=true", **values}
    )
    found.roles.set(Group.objects.filter(name__in=roles))
    return found


def tabs(client: Client, url: str = "/leads/") -> list[str]:
    return [str(tab["label"]) for tab in client.get(f"{url}?view=all").context["tabs"]]


def words(response: Any) -> str:
    return " ".join(str(message) for message in response.context["messages"])


# --- Refusals ------------------------------------------------------------------------------------------------------------


def test_somebody_elses_private_view_does_not_exist(cast: SimpleNamespace, client_of: Any) -> None:
    hers, sales2 = view(cast.sales), client_of(cast.sales2)
    assert "Hot" not in tabs(sales2)
    assert sales2.get(f"/leads/?view={hers.pk}").status_code == 404
    assert sales2.get(f"/views/{hers.pk}/edit/").status_code == 404
    for act in ("edit", "keep", "move", "delete"):
        assert sales2.post(f"/views/{hers.pk}/{act}/", {"name": "Mine now"}).status_code == 404
    assert client_of(cast.admin).get(f"/views/{hers.pk}/edit/").status_code == 404
    assert SavedView.objects.get().name == "Hot"


def test_sharing_needs_the_right(cast: SimpleNamespace, client_of: Any) -> None:
    own, sales = view(cast.sales), client_of(cast.sales)
    group = Group.objects.get(name="sales")
    for url in ("/views/leads/lead/new/?state=new", f"/views/{own.pk}/edit/"):
        assert b'name="shared"' not in sales.get(url).content
        assert sales.post(url, {"name": "All of us", "shared": "on"}).status_code == 403
        assert sales.post(url, {"name": "All of us", "roles": [group.pk]}).status_code == 403
    assert not SavedView.objects.filter(shared=True).exists()


def test_a_shared_view_is_changed_only_by_those_who_may_share(cast: SimpleNamespace, client_of: Any) -> None:
    shared, everybodys = view(cast.manager, "Team", shared=True), view(None, "House")
    sales = client_of(cast.sales)
    assert {"Team", "House"} <= set(tabs(sales))
    for found in (shared, everybodys):
        assert sales.get(f"/views/{found.pk}/edit/").status_code == 403
        for act in ("edit", "keep", "move", "delete"):
            assert sales.post(f"/views/{found.pk}/{act}/", {"name": "Mine"}).status_code == 403
    assert b"savedview" not in sales.get(shared.address).content


def test_views_are_kept_only_of_lists_one_may_see(cast: SimpleNamespace, client_of: Any, client: Client) -> None:
    assert client.get("/views/leads/lead/new/").status_code == 302
    assert client_of(cast.buyer).get("/views/leads/lead/new/").status_code == 403
    assert client_of(cast.sales).get("/views/core/event/new/").status_code == 404
    assert client_of(cast.sales).get("/views/no/such/new/").status_code == 404


def test_a_shared_view_shows_each_reader_their_own_rows_and_columns(cast: SimpleNamespace, client_of: Any) -> None:
    LeadFactory(company_name="Firma altrui", score=99, owner=cast.sales2)
    shared = view(cast.manager, shared=True)
    assert "Firma altrui" not in client_of(cast.sales).get(shared.address).content.decode()
    assert "Firma altrui" in client_of(cast.sales2).get(shared.address).content.decode()


# --- Keeping one ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", LISTS)
def test_a_view_is_saved_shown_renamed_and_deleted(kind: str, cast: SimpleNamespace, client_of: Any) -> None:
    sales, url = client_of(cast.sales), LISTS[kind]
    address = "q=rossi&sort=-created_at&columns=created_at,state&after=x&panel=filters"
    answer = sales.post(f"/views/{kind}/new/?{address}", {"name": "Rossi"})
    found = SavedView.objects.get()
    assert (found.owner, found.query, found.columns) == (
        cast.sales, "q=rossi&sort=-created_at", ["created_at", "state"]
    )  # fmt: skip
    assert answer.url == url + found.address
    page = sales.get(answer.url)
    assert [str(tab["label"]) for tab in page.context["tabs"] if tab["here"]] == ["Rossi"]
    assert page.context["page"].bound[0].name == "created_at"
    assert sales.get(f"{url}?view={found.pk}").url == found.address
    sales.post(f"/views/{found.pk}/edit/", {"name": "Bianchi"})
    assert "Bianchi" in tabs(sales, url)
    assert sales.post(f"/views/{found.pk}/delete/").url == f"{url}?view=all"
    assert not SavedView.objects.exists()


def test_a_view_becomes_what_the_list_shows(cast: SimpleNamespace, client_of: Any) -> None:
    own, sales = view(cast.sales), client_of(cast.sales)
    changed = sales.get(f"/leads/{own.address}&state=new")
    assert changed.context["page"].view_is_changed
    assert "Update “Hot”" in changed.content.decode()
    sales.post(f"/views/{own.pk}/keep/?view={own.pk}&hot=true&state=new&columns=name,state&before=x")
    own.refresh_from_db()
    assert (own.query, own.columns) == ("hot=true&state=new", ["name", "state"])
    live = {"view": own.pk, "state": "lost", "q": "", "csrfmiddlewaretoken": "x"}
    answer = sales.post(f"/views/{own.pk}/keep/", live, headers={"HX-Request": "true"})
    own.refresh_from_db()
    assert own.query == "state=lost"
    assert answer["HX-Redirect"] == f"/leads/{own.address}"
    assert not sales.get(f"/leads/{own.address}").context["page"].view_is_changed
    assert sales.post(f"/views/{own.pk}/keep/", {**live, "q": "a\0b"}).status_code == 302


def test_views_change_places_among_their_like(cast: SimpleNamespace, client_of: Any) -> None:
    manager = client_of(cast.manager)
    view(cast.manager, "Shared", shared=True)
    first, _second = view(cast.manager, "First"), view(cast.manager, "Second", position=1)
    assert tabs(manager)[-3:] == ["Shared", "First", "Second"]
    manager.post(f"/views/{first.pk}/move/", {"to": "right"})
    assert tabs(manager)[-3:] == ["Shared", "Second", "First"]
    for _turn in range(3):
        manager.post(f"/views/{first.pk}/move/", {"to": "left"})
    assert tabs(manager)[-3:] == ["Shared", "First", "Second"]


# --- Starting with one ----------------------------------------------------------------------------------------------------


def test_a_role_starts_with_its_view_and_finds_back_to_all(cast: SimpleNamespace, client_of: Any) -> None:
    shared = view(cast.manager, shared=True, roles=["sales"], columns=["name", "score"])
    sales = client_of(cast.sales)
    assert sales.get("/leads/").url == f"?view={shared.pk}&hot=true&columns=name%2Cscore"
    page = sales.get("/leads/", follow=True)
    assert [str(tab["label"]) for tab in page.context["tabs"] if tab["here"]] == ["Hot"]
    assert page.context["tabs"][0]["url"] == "?view=all"
    everything = sales.get("/leads/?view=all")
    assert [str(tab["label"]) for tab in everything.context["tabs"] if tab["here"]] == ["All"]
    assert sales.get("/leads/?q=").status_code == 200
    assert client_of(cast.manager).get("/leads/").status_code == 200
    assert sales.get("/companies/").status_code == 200


def test_sharing_names_the_roles_that_start_with_it(cast: SimpleNamespace, client_of: Any) -> None:
    manager = client_of(cast.manager)
    sales, pm = (Group.objects.get(name=name).pk for name in ("sales", "pm"))
    assert "Sales representative" in manager.get("/views/leads/lead/new/").content.decode()
    private = manager.post("/views/leads/lead/new/?hot=true", {"name": "Hot", "roles": [sales]})
    assert private.status_code == 422
    assert "has to be shared" in private.content.decode()
    manager.post("/views/leads/lead/new/?hot=true", {"name": "Hot", "shared": "on", "roles": [sales, pm]})
    second = manager.post("/views/leads/lead/new/", {"name": "New", "shared": "on", "roles": [sales]})
    assert second.status_code == 422
    assert "starts with “Hot”" in second.content.decode()
    assert client_of(cast.sales).get("/leads/").status_code == 302


# --- What goes wrong ------------------------------------------------------------------------------------------------------


def test_a_name_is_taken_once_per_person(cast: SimpleNamespace, client_of: Any) -> None:
    view(cast.sales), view(cast.sales2), view(cast.sales, model=Company)
    answer = client_of(cast.sales).post("/views/leads/lead/new/?state=new", {"name": "Hot"})
    assert answer.status_code == 422
    assert "You have a view “Hot” of this list already" in answer.content.decode()
    assert SavedView.objects.count() == 3


def test_two_windows_do_not_overwrite_each_other(cast: SimpleNamespace, client_of: Any) -> None:
    own, sales = view(cast.sales), client_of(cast.sales)
    seen = sales.get(f"/views/{own.pk}/edit/").context["version"]
    sales.post(f"/views/{own.pk}/edit/", {"name": "One", "_version": seen})
    late = sales.post(f"/views/{own.pk}/edit/", {"name": "Two", "_version": seen})
    assert late.status_code == 409
    assert "Somebody has changed" in late.content.decode()
    sales.post(f"/views/{own.pk}/delete/")
    gone = sales.get(f"/leads/?view={own.pk}&state=new")
    assert gone.status_code == 200
    assert "no longer exists" in words(gone)


@pytest.mark.parametrize(
    "query", ["removed=1", "state=nonsense", "sort=password", "score_min=abc", "q=%25%27", "campaign=99999", "or=%FF"]
)
def test_a_view_that_makes_no_sense_any_more_is_shown_with_a_message(
    query: str, cast: SimpleNamespace, client_of: Any
) -> None:
    LeadFactory(owner=cast.sales)
    broken = view(cast.sales, query=query, columns=["gone", "name", "cost"])
    page = client_of(cast.sales).get(f"/leads/{broken.address}")
    assert page.status_code == 200
    assert "gone" in words(page)
    assert ("removed" in words(page)) == (query == "removed=1")


def test_names_are_escaped_and_too_long_filters_refused(cast: SimpleNamespace, client_of: Any) -> None:
    sales = client_of(cast.sales)
    view(cast.sales, "<script>x</script>")
    assert b"<script>x" not in sales.get("/leads/?view=all").content
    assert sales.post(f"/views/leads/lead/new/?q={'x' * 3000}", {"name": "Long"}).status_code == 422
    assert sales.post("/views/leads/lead/new/", {"name": ""}).status_code == 422
    assert sales.post("/views/leads/lead/new/", {"name": "a\0b"}).status_code == 422


def test_a_person_keeps_thirty_views_of_a_list(
    cast: SimpleNamespace, client_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.pages.saving.MOST", 1)
    view(cast.sales)
    answer = client_of(cast.sales).post("/views/leads/lead/new/", {"name": "More"})
    assert answer.status_code == 422
    assert "Delete one first" in answer.content.decode()


@pytest.mark.parametrize(("model", "url"), [(Lead, "/leads/"), (Company, "/companies/"), (Quote, "/quotes/")])
def test_views_cost_one_query_however_many_there_are(
    model: Any, url: str, cast: SimpleNamespace, client_of: Any
) -> None:
    sales, counts = client_of(cast.sales), []
    sales.get(url)
    for number in range(2):
        with CaptureQueriesContext(connection) as queries:
            assert sales.get(f"{url}?view=all").status_code == 200
        counts.append(len(queries))
        for name in "abcdef":
            view(cast.sales, f"{name}{number}", model), view(cast.manager, f"{name}{number}", model, shared=True)
    assert counts[0] == counts[1] <= 10


def test_the_demo_shares_views_that_show_something_sensible(cast: SimpleNamespace, client_of: Any) -> None:
    views.make_views()
    views.make_views()
    assert SavedView.objects.count() == len(views.VIEWS)
    for user, url, name in ((cast.sales, "/leads/", "I miei lead caldi"), (cast.accountant, "/invoices/", "Scaduto")):
        page = client_of(user).get(url, follow=True)
        assert [str(tab["label"]) for tab in page.context["tabs"] if tab["here"]] == [name]
        assert words(page) == ""
    for view_ in SavedView.objects.all():
        page = client_of(cast.manager).get(f"/{view_.model.model}s/{view_.address}")
        assert [column.name for column in page.context["page"].bound] == view_.columns
        assert not page.context["page"].view_is_changed
