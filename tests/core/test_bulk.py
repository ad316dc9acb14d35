"""Bulk acts: counted before, asked once, each row by its verb, every refusal named, and nothing done that was not counted."""

import re
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from core.models import Event
from leads.models import Lead
from opportunities.models import Opportunity
from tests.factories import CompanyFactory, LeadFactory, OpportunityFactory, QuoteFactory

pytestmark = pytest.mark.django_db


def hidden(response: Any) -> dict[str, Any]:
    """What the page's form would send again."""
    found: dict[str, Any] = {}
    for name, value in response.context["sent"]:
        found.setdefault(name, []).append(value)
    return found


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", response.content.decode()))


# --- Refusals ------------------------------------------------------------------------------------------------------------


def test_a_verb_without_the_right_is_refused(cast: SimpleNamespace, client_of: Any) -> None:
    lead = LeadFactory(state="new")
    assert client_of(cast.marketing).post("/leads/", {"verb": "take", "ids": [lead.pk]}).status_code == 403
    assert client_of(cast.buyer).post("/leads/", {"verb": "take", "ids": [lead.pk]}).status_code == 403
    assert client_of(cast.sales).post("/leads/", {"verb": "qualify", "ids": [lead.pk]}).status_code == 404
    assert b'value="take"' not in client_of(cast.marketing).get("/leads/").content


def test_rows_one_does_not_see_are_not_touched(cast: SimpleNamespace, client_of: Any) -> None:
    foreign = LeadFactory(state="new", owner=cast.sales2)
    answer = client_of(cast.sales).post("/leads/", {"verb": "take", "ids": [foreign.pk]})
    assert (answer.context["work"].done, answer.context["work"].missing) == (0, 1)
    everything = client_of(cast.sales).post("/leads/", {"verb": "take", "all": "1", "confirmed": "1"}, follow=True)
    assert "Nothing was selected." in [str(message) for message in everything.context["messages"]]
    foreign.refresh_from_db()
    assert (foreign.state, foreign.owner) == ("new", cast.sales2)


@pytest.mark.parametrize("sent", [{}, {"ids": []}, {"all": "1"}])
def test_nothing_selected_is_said(sent: dict[str, Any], cast: SimpleNamespace, client_of: Any) -> None:
    answer = client_of(cast.sales).post("/leads/?state=lost", {"verb": "take", **sent}, follow=True)
    assert [str(message) for message in answer.context["messages"]] == ["Nothing was selected."]


@pytest.mark.parametrize("sent", [{"after": "x", "upto": "9" * 40, "done": "-1"}, {"ids": "a\0b"}, {"ids": "x"}])
def test_bent_figures_are_no_accident(sent: dict[str, Any], cast: SimpleNamespace, client_of: Any) -> None:
    lead = LeadFactory(state="new", owner=cast.sales)
    answer = client_of(cast.sales).post("/leads/", {"verb": "take", "ids": [lead.pk], **sent})
    assert answer.status_code in (200, 302)


# --- All results ----------------------------------------------------------------------------------------------------------


def test_all_results_are_counted_exactly_before_anything_is_done(cast: SimpleNamespace, client_of: Any) -> None:
    LeadFactory.create_batch(3, state="new", owner=cast.sales)
    LeadFactory(state="lost", owner=cast.sales)
    sales = client_of(cast.sales)
    asked = sales.post("/leads/?state=new", {"verb": "take", "all": "1"})
    assert "This will be done to 3 records." in text(asked)
    assert Lead.objects.filter(state="working").count() == 0
    late = LeadFactory(state="new", owner=cast.sales)
    answer = sales.post("/leads/?state=new", hidden(asked), follow=True)
    assert [str(message) for message in answer.context["messages"]] == ["3 done."]
    late.refresh_from_db()
    assert late.state == "new"


def test_a_long_act_goes_on_in_batches_and_loses_no_row(
    cast: SimpleNamespace, client_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.pages.bulk.MOST", 2)
    LeadFactory.create_batch(4, state="new", owner=cast.sales)
    lost = LeadFactory(state="lost", owner=cast.sales)
    sales = client_of(cast.sales)
    answer = sales.post("/leads/", {"verb": "take", "all": "1"})
    seen, parts = [], 0
    while answer.context["asks"] or answer.context["work"].goes_on:
        answer = sales.post("/leads/", hidden(answer), headers={"HX-Request": "true", "HX-Target": "bulk-more"})
        seen += [record for record, _reasons in answer.context["work"].problems]
        parts += 1
    work = answer.context["work"]
    assert (parts, work.total, work.done, work.refused, seen) == (3, 5, 4, 1, [lost])
    assert b"<html" not in answer.content
    assert Lead.objects.filter(state="working").count() == 4


def test_a_filter_that_the_act_itself_empties_still_meets_every_row(
    cast: SimpleNamespace, client_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.pages.bulk.MOST", 2)
    LeadFactory.create_batch(5, state="new", owner=None)
    sales = client_of(cast.sales)
    answer = sales.post("/leads/?unassigned=true", {"verb": "take", "all": "1"})
    while answer.context["asks"] or answer.context["work"].goes_on:
        answer = sales.post("/leads/?unassigned=true", hidden(answer))
    assert answer.context["work"].done == 5
    assert set(Lead.objects.values_list("owner", flat=True)) == {cast.sales.pk}


def test_the_reasons_are_in_the_readers_language(cast: SimpleNamespace, client_of: Any) -> None:
    cast.sales.language = "it"
    cast.sales.save()
    lost = LeadFactory(state="lost", company_name="<b>Persa", owner=cast.sales)
    answer = client_of(cast.sales).post("/leads/", {"verb": "take", "ids": [lost.pk]}).content.decode()
    assert "Non possibile nello stato" in answer
    assert "&lt;b&gt;Persa" in answer


# --- Verbs with a form ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("factory", "url"), [(LeadFactory, "/leads/"), (OpportunityFactory, "/opportunities/")])
def test_records_are_assigned_in_bulk(factory: Any, url: str, cast: SimpleNamespace, client_of: Any) -> None:
    open_state, closed = ("working", "lost")
    rows = factory.create_batch(2, state=open_state if url == "/leads/" else "identified", owner=cast.sales)
    rows.append(factory(state=closed, owner=cast.sales))
    manager = client_of(cast.manager)
    asked = manager.post(url, {"verb": "assign", "ids": [row.pk for row in rows]})
    assert "This will be done to 3 records." in text(asked)
    assert b'name="facts-to"' in asked.content
    missing = manager.post(url, {**hidden(asked), "facts-to": ""})
    assert missing.status_code == 422
    answer = manager.post(url, {**hidden(asked), "facts-to": cast.sales2.pk, "facts-reason": "Holiday"})
    work = answer.context["work"]
    assert (work.done, [record.pk for record, _reasons in work.problems]) == (2, [rows[2].pk])
    model = type(rows[0])
    assert [row.owner for row in model.objects.order_by("pk")] == [cast.sales2, cast.sales2, cast.sales]
    acts = Event.objects.filter(name=f"{model._meta.model_name}.assigned")
    assert {(act.actor, act.data["reason"]) for act in acts} == {(cast.manager, "Holiday")}
    assert acts.count() == 2


def test_the_dialogue_asks_and_the_list_comes_back(cast: SimpleNamespace, client_of: Any) -> None:
    deal = OpportunityFactory(owner=cast.sales)
    manager = client_of(cast.manager)
    modal = {"HX-Request": "true", "HX-Target": "modal-content"}
    asked = manager.post("/opportunities/?open=true", {"verb": "assign", "ids": [deal.pk]}, headers=modal)
    assert b"<html" not in asked.content
    done = manager.post("/opportunities/?open=true", {**hidden(asked), "facts-to": cast.sales2.pk}, headers=modal)
    assert (done.status_code, done["HX-Redirect"]) == (204, "/opportunities/?open=true")
    assert Opportunity.objects.get().owner == cast.sales2


def test_nobody_is_given_what_they_cannot_work(cast: SimpleNamespace, client_of: Any) -> None:
    deal = OpportunityFactory(owner=cast.sales)
    sent = {"verb": "assign", "ids": [deal.pk], "confirmed": "1", "facts-to": cast.buyer.pk}
    assert client_of(cast.manager).post("/opportunities/", sent).status_code == 422
    assert client_of(cast.pm).post("/opportunities/", sent).status_code == 403


def test_quotes_are_submitted_in_bulk_and_companies_have_no_bulk_acts(cast: SimpleNamespace, client_of: Any) -> None:
    sales: Client = client_of(cast.sales)
    sent = QuoteFactory(owner=cast.sales, state="sent")
    answer = sales.post("/quotes/", {"verb": "submit", "ids": [sent.pk]})
    assert (answer.context["work"].done, answer.context["work"].refused) == (0, 1)
    company = CompanyFactory()
    assert sales.post("/companies/", {"verb": "take", "ids": [company.pk]}).status_code == 404
