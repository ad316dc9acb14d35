"""Record pages, forms, acts and boards: what is shown, what is refused, and that nothing typed is ever lost."""

import json
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core import thread
from core.models import Event
from leads.models import Lead
from people.models import User
from quotes.models import Quote, QuoteLine
from tests.factories import (
    CampaignFactory,
    CompanyFactory,
    LeadFactory,
    OpportunityFactory,
    ProductFactory,
    QuoteFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.core.site")]


@pytest.fixture
def sales(cast: SimpleNamespace, client_of: Any) -> Client:
    return client_of(cast.sales)


@pytest.fixture
def lead(cast: SimpleNamespace) -> Lead:
    return LeadFactory(company_name="Firma", owner=cast.sales, state="working", campaign=CampaignFactory())


# --- The record's page --------------------------------------------------------------------------------------------------


def test_a_record_page_shows_facts_steps_life_and_thread(sales: Client, lead: Lead) -> None:
    page = sales.get(f"/leads/{lead.pk}/")
    assert [step["label"] for step in page.context["life"]] == ["New", "Working", "Qualified", "Converted"]
    assert [step.name for step in page.context["steps"]] == ["qualify", "assign", "invite", "enrol", "lose"]
    assert page.context["stages"][0].stops[0].current
    text = page.content.decode()
    assert 'href="mailto:' in text
    assert f'href="/campaigns/{lead.campaign_id}/"' in text


def test_a_stranger_finds_nothing(cast: SimpleNamespace, client_of: Any, lead: Lead) -> None:
    for path in ("", "edit/", "do/lose/"):
        assert client_of(cast.sales2).get(f"/leads/{lead.pk}/{path}").status_code == 404


@pytest.mark.parametrize("pk", ["0", "9" * 18, "9" * 40])
def test_ids_that_are_none_are_not_found(sales: Client, pk: str) -> None:
    for path in ("", "edit/", "do/lose/"):
        assert sales.get(f"/leads/{pk}/{path}").status_code == 404
        assert sales.post(f"/leads/{pk}/{path}").status_code in (404, 405)


def test_a_record_page_needs_few_queries(cast: SimpleNamespace, sales: Client, lead: Lead) -> None:
    counts = []
    sales.get(f"/leads/{lead.pk}/")
    for more in (1, 20):
        LeadFactory.create_batch(more, company_name="Firma", owner=cast.sales)
        with CaptureQueriesContext(connection) as queries:
            sales.get(f"/leads/{lead.pk}/")
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 15


def test_related_records_are_those_the_reader_may_see(cast: SimpleNamespace, sales: Client, client_of: Any) -> None:
    campaign = CampaignFactory()
    LeadFactory(company_name="Firma mia", campaign=campaign, owner=cast.sales)
    LeadFactory(company_name="Firma altrui", campaign=campaign, owner=cast.sales2)
    text = sales.get(f"/campaigns/{campaign.pk}/").content.decode()
    assert "Firma mia" in text
    assert "Firma altrui" not in text


def test_the_timeline_is_filtered_by_kind(cast: SimpleNamespace, sales: Client, lead: Lead) -> None:
    lead.lose(by=cast.sales, reason="price")
    part = sales.get(f"/leads/{lead.pk}/?kind=act", headers={"HX-Request": "true", "HX-Target": "timeline"})
    assert {entry.kind for entry in part.context["entries"]} == {"act"}
    assert b"<html" not in part.content


def test_a_step_that_is_not_possible_now_says_why_and_where_to_mend_it(cast: SimpleNamespace, sales: Client) -> None:
    lead = LeadFactory(state="working", owner=cast.sales, email="", phone="")
    text = sales.get(f"/leads/{lead.pk}/").content.decode()
    assert 'aria-disabled="true"' in text
    assert f'href="/leads/{lead.pk}/edit/#id_email"' in text


def test_lines_are_shown_with_totals_per_rate_and_without_costs(cast: SimpleNamespace, client_of: Any) -> None:
    quote = QuoteFactory(owner=cast.sales)
    mine = client_of(cast.sales).get(f"/quotes/{quote.pk}/")
    assert "Unit cost" not in mine.content.decode()
    assert "€2,000.00" in mine.content.decode()
    theirs = client_of(cast.manager).get(f"/quotes/{quote.pk}/")
    assert "Unit cost" in theirs.content.decode()


# --- Forms --------------------------------------------------------------------------------------------------------------


def test_a_new_record_belongs_to_whoever_typed_it_in(cast: SimpleNamespace, sales: Client) -> None:
    answer = sales.post("/leads/new/", {"company_name": "Firma", "country": "IT", "budget": "1,234.50"})
    lead = Lead.objects.get()
    assert answer.url == f"/leads/{lead.pk}/"
    assert (lead.owner, lead.budget.amount) == (cast.sales, 1234.50)
    assert Event.objects.filter(name="lead.created", actor=cast.sales).count() == 1


def test_italian_numbers_are_read_as_italians_write_them(cast: SimpleNamespace, client_of: Any) -> None:
    cast.sales.language = "it"
    cast.sales.save()
    client = client_of(cast.sales)
    client.post("/leads/new/", {"company_name": "Firma", "country": "IT", "budget": "1.234,50"})
    lead = Lead.objects.get()
    assert lead.budget.amount == 1234.50
    assert 'value="1.234,50"' in client.get(f"/leads/{lead.pk}/edit/").content.decode()


def test_errors_stand_beside_the_field_and_nothing_typed_is_lost(sales: Client) -> None:
    answer = sales.post(
        "/leads/new/",
        {"company_name": "Firma", "email": "no address", "budget": "much", "website": "javascript:alert(1)"},
    )
    assert answer.status_code == 422
    text = answer.content.decode()
    assert 'id="id_email_error"' in text
    assert 'aria-invalid="true"' in text
    assert 'href="#id_email"' in text
    assert 'value="no address"' in text
    assert 'value="much"' in text
    assert not Lead.objects.exists()


@pytest.mark.parametrize(
    "value", ["\0", "x" * 100_000, "\ud83d", "<script>", "9" * 400, "NaN", "Infinity", "1e999", "-1"]
)
def test_hostile_values_get_an_answer(sales: Client, value: str) -> None:
    fields = ("company_name", "budget", "decision_by", "campaign", "email", "message", "vat_number")
    body = urlencode(dict.fromkeys(fields, value), errors="surrogatepass")
    answer = sales.post("/leads/new/", body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 422
    assert not Lead.objects.exists()


def test_a_body_of_the_wrong_kind_is_no_accident(sales: Client) -> None:
    assert sales.post("/leads/new/", "{", content_type="application/json").status_code in (302, 422)
    broken = sales.post("/leads/new/", b"--x\r\nnonsense", content_type="multipart/form-data; boundary=x")
    assert broken.status_code in (400, 302, 422)


def test_known_fields_may_come_from_the_address(sales: Client) -> None:
    assert 'value="Firma nuova"' in sales.get("/leads/new/?company_name=Firma+nuova&owner=1").content.decode()


def test_somebody_elses_change_is_not_overwritten(sales: Client, lead: Lead) -> None:
    page = sales.get(f"/leads/{lead.pk}/edit/")
    Lead.objects.get(pk=lead.pk).save()
    answer = sales.post(f"/leads/{lead.pk}/edit/", {"company_name": "Mine", "_version": page.context["version"]})
    assert answer.status_code == 409
    assert 'value="Mine"' in answer.content.decode()
    lead.refresh_from_db()
    assert lead.company_name == "Firma"


def test_a_form_comes_back_to_where_it_was_opened_but_never_to_strangers(sales: Client, lead: Lead) -> None:
    data = {"company_name": "Firma", "country": "IT"}
    assert sales.post(f"/leads/{lead.pk}/edit/", {**data, "next": "/companies/"}).url == "/companies/"
    assert sales.post(f"/leads/{lead.pk}/edit/", {**data, "next": "https://evil.example/"}).url == f"/leads/{lead.pk}/"


def test_no_right_no_form(cast: SimpleNamespace, client_of: Any) -> None:
    assert client_of(cast.accountant).get("/leads/new/").status_code == 403


def test_what_can_no_longer_be_changed_says_so(cast: SimpleNamespace, sales: Client) -> None:
    quote = QuoteFactory(owner=cast.sales, state="sent")
    assert not sales.get(f"/quotes/{quote.pk}/").context["edit_url"]
    page = sales.get(f"/quotes/{quote.pk}/edit/")
    assert page.status_code == 409
    assert "Sent" in page.content.decode()


# --- Document lines -----------------------------------------------------------------------------------------------------


def line_data(quote: Quote, **changes: str) -> dict[str, str]:
    """The posted form of a quote with its present lines."""
    data = {
        "title": quote.title,
        "company": str(quote.company_id),
        "lines-INITIAL_FORMS": "2",
        "lines-TOTAL_FORMS": "3",
    }
    for i, line in enumerate(quote.lines.all()):
        row = {"id": line.pk, "description": line.description, "quantity": line.quantity, "unit": line.unit, "ORDER": i + 1,
               "unit_price": line.unit_price, "discount": line.discount, "vat_rate": line.vat_rate}  # fmt: skip
        data |= {f"lines-{i}-{name}": str(value) for name, value in row.items()}
    data |= {
        "lines-2-quantity": "1",
        "lines-2-unit": "pz",
        "lines-2-discount": "0",
        "lines-2-vat_rate": "22",
        "lines-2-ORDER": "3",
    }
    return data | changes


def test_lines_are_changed_ordered_added_and_removed_with_their_document(cast: SimpleNamespace, sales: Client) -> None:
    quote = QuoteFactory(owner=cast.sales)
    first, second = quote.lines.all()
    changes = {
        "lines-0-ORDER": "9", "lines-1-ORDER": "1", "lines-1-quantity": "2",
        "lines-2-description": "New", "lines-2-unit_price": "10.50", "lines-2-ORDER": "5",
    }  # fmt: skip
    answer = sales.post(f"/quotes/{quote.pk}/edit/", line_data(quote, **changes))
    assert answer.status_code == 302
    quote.refresh_from_db()
    assert [line.description for line in quote.lines.all()] == [second.description, "New", first.description]
    assert quote.net.amount == sum(line.net for line in quote.lines.all())
    sales.post(f"/quotes/{quote.pk}/edit/", line_data(quote, **{"lines-1-DELETE": "on"}) | {"lines-INITIAL_FORMS": "3"})
    assert quote.lines.count() == 2


def test_an_empty_row_is_no_line_wherever_it_stands(cast: SimpleNamespace, sales: Client) -> None:
    quote = QuoteFactory(owner=cast.sales)
    assert sales.post(f"/quotes/{quote.pk}/edit/", line_data(quote, **{"lines-2-ORDER": "1"})).status_code == 302
    assert quote.lines.count() == 2


def test_totals_come_live_without_saving(cast: SimpleNamespace, sales: Client) -> None:
    quote = QuoteFactory(owner=cast.sales)
    answer = sales.post(f"/quotes/{quote.pk}/edit/", line_data(quote, **{"lines-0-quantity": "0", "_totals": "1"}))
    assert answer.status_code == 200
    assert b"<html" not in answer.content
    quote.refresh_from_db()
    assert quote.net.amount == 2000


def test_a_chosen_product_fills_its_row(cast: SimpleNamespace, sales: Client) -> None:
    quote, product = QuoteFactory(owner=cast.sales), ProductFactory(name="Pompa nuova", list_price="1234.5")
    answer = sales.post(
        f"/quotes/{quote.pk}/edit/", line_data(quote, **{"lines-2-product": str(product.pk), "_row": "2"})
    )
    text = answer.content.decode()
    assert "Pompa nuova" in text
    assert 'value="1,234.50"' in text
    sales.post(
        f"/quotes/{quote.pk}/edit/",
        line_data(
            quote, **{"lines-2-product": str(product.pk), "lines-2-description": "P", "lines-2-unit_price": "1234.5"}
        ),
    )
    assert quote.lines.last().unit_cost == product.cost.amount


def test_the_lines_editor_asks_for_products_once(cast: SimpleNamespace, sales: Client) -> None:
    counts = []
    for more in (2, 12):
        quote = QuoteFactory(owner=cast.sales, line_count=0)
        for i in range(more):
            product = ProductFactory()
            QuoteLine.objects.create(quote=quote, product=product, description=f"L{i}", unit_price=1, position=i)
        with CaptureQueriesContext(connection) as queries:
            page = sales.get(f"/quotes/{quote.pk}/edit/")
        counts.append(len(queries))
        assert f"{product.code} {product.name}" in page.content.decode()
    assert counts[0] == counts[1]


def test_a_form_tells_nobody_the_name_of_a_record_that_is_not_theirs(cast: SimpleNamespace, sales: Client) -> None:
    foreign = OpportunityFactory(name="Secret deal", owner=cast.sales2)
    for answer in (sales.get(f"/try/?opportunity={foreign.pk}"), sales.post("/try/", {"opportunity": foreign.pk})):
        assert "Secret deal" not in answer.content.decode()
    assert answer.status_code == 422


def test_a_wrong_line_is_shown_at_its_place(cast: SimpleNamespace, sales: Client) -> None:
    quote = QuoteFactory(owner=cast.sales)
    answer = sales.post(f"/quotes/{quote.pk}/edit/", line_data(quote, **{"lines-0-discount": "500"}))
    assert answer.status_code == 422
    assert 'id="id_lines-0-discount_error"' in answer.content.decode()


@pytest.mark.parametrize("total", ["999999999", "-1", "x", ""])
def test_a_bent_line_count_is_an_error_not_an_accident(cast: SimpleNamespace, sales: Client, total: str) -> None:
    quote = QuoteFactory(owner=cast.sales)
    data = line_data(quote, **{"lines-TOTAL_FORMS": total, "lines-0-id": "x", "lines-1-id": "9" * 30})
    before = list(quote.lines.values_list("pk", "net"))
    assert sales.post(f"/quotes/{quote.pk}/edit/", data).status_code in (302, 422)
    assert sales.post(f"/quotes/{quote.pk}/edit/", data | {"_row": "7"}).status_code in (200, 302, 422)
    assert list(quote.lines.values_list("pk", "net")) == before


# --- Acts ---------------------------------------------------------------------------------------------------------------


def test_a_verb_without_a_form_is_one_click(cast: SimpleNamespace, sales: Client) -> None:
    lead = LeadFactory(owner=None, state="new")
    assert f'action="/leads/{lead.pk}/do/take/"' in sales.get(f"/leads/{lead.pk}/").content.decode()
    answer = sales.post(f"/leads/{lead.pk}/do/take/", follow=True)
    lead.refresh_from_db()
    assert (lead.state, lead.owner) == ("working", cast.sales)
    assert "took the lead" in str(next(iter(answer.context["messages"])))


def test_a_refused_verb_answers_409_with_the_reasons(cast: SimpleNamespace, sales: Client) -> None:
    lead = LeadFactory(owner=cast.sales, state="lost")
    answer = sales.post(f"/leads/{lead.pk}/do/take/")
    assert answer.status_code == 409
    assert "Not possible while “Lost”" in answer.content.decode()
    assert sales.get(f"/leads/{lead.pk}/do/take/").status_code == 409


def test_a_verb_of_somebody_elses_role_is_forbidden_and_an_unknown_one_not_found(
    cast: SimpleNamespace, client_of: Any, lead: Lead
) -> None:
    assert client_of(cast.marketing).post(f"/leads/{lead.pk}/do/qualify/").status_code == 403
    assert client_of(cast.sales).post(f"/leads/{lead.pk}/do/delete/").status_code == 404
    assert client_of(cast.sales).post(f"/leads/{lead.pk}/do/__init__/").status_code == 404


def test_htmx_gets_a_dialogue_and_then_the_whole_page(cast: SimpleNamespace, sales: Client) -> None:
    lead = LeadFactory(owner=cast.sales, state="new")
    htmx = {"HX-Request": "true", "HX-Target": "modal-content"}
    dialogue = sales.get(f"/leads/{lead.pk}/do/take/", headers=htmx)
    assert b"<html" not in dialogue.content
    assert b'id="modal-title"' in dialogue.content
    done = sales.post(f"/leads/{lead.pk}/do/take/", headers=htmx)
    assert (done.status_code, done.headers["HX-Redirect"]) == (204, f"/leads/{lead.pk}/")


# --- Boards -------------------------------------------------------------------------------------------------------------


def test_a_board_has_counts_sums_cards_and_moves(cast: SimpleNamespace, sales: Client) -> None:
    LeadFactory(company_name="Firma", owner=cast.sales, state="new", budget=1000)
    LeadFactory(owner=cast.sales, state="new", budget=500)
    LeadFactory(owner=cast.sales, state="lost", budget=7)
    columns = sales.get("/leads/board/").context["columns"]
    assert [column["state"] for column in columns] == ["new", "working", "qualified", "converted"]
    assert (columns[0]["count"], columns[0]["amount"]) == ("2", "€1,500.00")
    assert {act["url"].split("/")[-2] for act in columns[0]["acts"]} >= {"take", "lose"}
    assert json.loads(columns[0]["moves"])["working"] == {"url": "/leads/0/do/take/", "form": False}


def test_a_card_is_written_safely_and_has_a_menu_where_there_is_something_to_do(cast: SimpleNamespace) -> None:
    lead = LeadFactory(company_name="<b>Rossi & C.</b>", owner=cast.sales, state="new", interest='"><script>')
    reader, seller = Client(), Client()
    reader.force_login(cast.accountant)
    seller.force_login(cast.sales)
    [card] = seller.get("/leads/board/").context["columns"][0]["cards"]
    assert f'data-card="{lead.pk}"' in card
    assert f'href="/leads/{lead.pk}/">&lt;b&gt;Rossi &amp; C.&lt;/b&gt;</a>' in card
    assert "<script" not in card
    assert 'aria-label="Next steps"' in card
    assert reader.get("/leads/board/").status_code == 403


def test_a_board_needs_few_queries(cast: SimpleNamespace, sales: Client) -> None:
    LeadFactory.create_batch(40, owner=cast.sales, state="new")
    with CaptureQueriesContext(connection) as queries:
        page = sales.get("/leads/board/")
    assert len(page.context["columns"][0]["cards"]) == 6
    assert len(queries) <= 8


def test_a_dropped_card_moves_or_snaps_back_with_reasons(cast: SimpleNamespace, sales: Client) -> None:
    lead = LeadFactory(company_name="Firma", owner=cast.sales, state="new")
    script = {"Accept": "application/json"}
    done = sales.post(f"/leads/{lead.pk}/do/take/", headers=script)
    assert done.json()["state"] == "working"
    refused = sales.post(f"/leads/{lead.pk}/do/take/", headers=script)
    assert refused.status_code == 409
    assert refused.json()["reasons"] == ["Not possible while “Working”."]


def test_a_script_without_a_session_is_told_so(client: Client, lead: Lead) -> None:
    assert client.post(f"/leads/{lead.pk}/do/take/", headers={"Accept": "application/json"}).status_code == 401


def test_a_company_can_be_listed_by_name(cast: SimpleNamespace, sales: Client) -> None:
    CompanyFactory(name="Zeta")
    CompanyFactory(name="Alfa")
    body = sales.get("/companies/").context["body"]
    assert body.index("Alfa") < body.index("Zeta")


def test_the_thread_follows_the_rights_of_the_moment(cast: SimpleNamespace) -> None:
    lead = LeadFactory(owner=cast.sales)
    (stop,) = thread.bar(lead, cast.sales2)[0].stops
    assert not stop.url
    cast.sales2.groups.add(Group.objects.get(name="manager"))
    (stop,) = thread.bar(lead, User.objects.get(pk=cast.sales2.pk))[0].stops
    assert stop.url == lead.get_absolute_url()
