"""Pages of quotes: list, board, detail, editor, hand-overs, PDF; costs only for those who may see them."""

import re
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from quotes.models import Quote
from quotes.services import draft_quote
from tests.factories import ContactFactory, ProductFactory, QuoteFactory

COST = Decimal("61.37")


@pytest.fixture
def draft(cast: Any, deal: Any) -> Any:
    product = ProductFactory(list_price=Decimal("100.00"), cost=COST)
    lines = [{"product": product, "quantity": Decimal(10)}, {"product": product, "description": "Altra"}]
    return draft_quote(opportunity=deal, by=cast.sales, lines=lines)


def page(name: str, *args: Any) -> str:
    return reverse(f"quotes:quote_{name}", args=args)


def typed(quote: Any, *rows: dict[str, Any], **terms: Any) -> dict[str, Any]:
    """What the editor posts: terms and rows as a person who reads English types them."""
    data = {
        "title": quote.title,
        "contact": quote.contact_id or "",
        "valid_until": quote.valid_until.isoformat(),
        "payment_days": "30",
        "language": quote.language,
        "introduction": "",
        "notes": "",
        **terms,
        "lines-TOTAL_FORMS": str(len(rows)),
        "lines-INITIAL_FORMS": str(sum("id" in row for row in rows)),
        "lines-MIN_NUM_FORMS": "0",
        "lines-MAX_NUM_FORMS": "1000",
    }
    base = {"quantity": "1", "unit": "pz", "discount": "0", "vat_rate": "22", "vat_nature": "", "product": ""}
    for place, row in enumerate(rows):
        data |= {f"lines-{place}-{name}": value for name, value in ({**base, "ORDER": place + 1} | row).items()}
    return data


def rows_of(quote: Any) -> list[dict[str, Any]]:
    return [
        {"id": n.pk, "product": n.product_id or "", "description": n.description, "quantity": "10", "unit_price": "100"}
        for n in quote.lines.all()
    ]


@pytest.mark.parametrize("query", ["", "state=draft", "state=sent", "expiring=true", "q=Impianto", "sort=-gross"])
def test_the_list_and_its_tabs(cast, client_of, draft, query):
    QuoteFactory(state="sent", owner=cast.sales, valid_until=timezone.localdate())
    response = client_of(cast.sales).get(f"{page('list')}?{query}")
    assert response.status_code == 200
    assert (draft.number in response.content.decode()) is (query not in ("state=sent", "expiring=true"))


def test_the_board(cast, client_of, draft):
    response = client_of(cast.sales).get(page("board"))
    assert response.status_code == 200
    assert draft.number in response.content.decode()


@pytest.mark.parametrize("state", [state for state, _label in Quote.State.choices])
def test_the_record_page_in_every_state(cast, client_of, state):
    quote = QuoteFactory(state=state, owner=cast.sales)
    for user in (cast.sales, cast.manager):
        response = client_of(user).get(quote.get_absolute_url())
        assert response.status_code == 200
        text = response.content.decode()
        assert quote.number in text and "2,440.00" in text
        assert (f"/q/{quote.token}/" in text) is (state in ("sent", "accepted", "declined"))


def test_the_proof_of_acceptance_is_shown(cast, client_of):
    quote = QuoteFactory(state="sent", owner=cast.sales)
    quote.accept(by=cast.sales, signer_name="Anna Neri", ip="203.0.113.9", agent="Firefox")
    text = client_of(cast.sales).get(quote.get_absolute_url()).content.decode()
    assert "Anna Neri" in text and "203.0.113.9" in text


def test_a_strangers_quote_is_not_there(cast, client_of, draft):
    for url in (draft.get_absolute_url(), page("pdf", draft.pk), page("edit", draft.pk), page("send", draft.pk)):
        assert client_of(cast.sales2).get(url).status_code == 404
    assert client_of(cast.accountant).get(page("pdf", draft.pk)).status_code == 403


def test_the_deal_becomes_a_quote_and_the_editor_opens(cast, client_of, deal):
    client = client_of(cast.sales)
    url = reverse("quotes:quote_from_opportunity", args=[deal.pk])
    assert deal.name in client.get(url).content.decode()
    response = client.post(url, {"title": "Offerta", "valid_until": "2099-01-01", "payment_days": "60"})
    quote = Quote.objects.get()
    assert response["Location"] == quote.edit_url
    assert (quote.title, quote.payment_days, quote.owner) == ("Offerta", 60, cast.sales)
    assert "draft_quote" in [step.name for step in deal.next_steps(cast.sales)]


@pytest.mark.parametrize(
    "facts", [{"title": ""}, {"valid_until": "2001-01-01"}, {"payment_days": "-1"}, {"title": "\0"}]
)
def test_bad_terms_get_a_message(cast, client_of, deal, facts):
    good = {"title": "Offerta", "valid_until": "2099-01-01", "payment_days": "60"}
    response = client_of(cast.sales).post(reverse("quotes:quote_from_opportunity", args=[deal.pk]), good | facts)
    assert response.status_code == 422
    assert not Quote.objects.exists()


def test_lines_are_typed_reordered_removed_and_added(cast, client_of, draft):
    first, second = rows_of(draft)
    product = ProductFactory(cost=Decimal("7.00"))
    added = {"product": product.pk, "description": "Nuova", "unit_price": "1,234.50", "quantity": "2"}
    rows = [first | {"ORDER": 3}, second | {"DELETE": "on"}, added | {"ORDER": 1}]
    response = client_of(cast.sales).post(draft.edit_url, typed(draft, *rows, title="Nuovo titolo"))
    assert response.status_code == 302, response.context["lines"].errors
    draft.refresh_from_db()
    assert [line.description for line in draft.lines.all()] == ["Nuova", first["description"]]
    assert draft.net.amount == Decimal("3469.00")
    assert draft.title == "Nuovo titolo"
    assert draft.lines.first().unit_cost == Decimal("7.00")


def test_totals_come_live_from_the_server_and_nothing_is_saved(cast, client_of, draft):
    rows = [row | {"quantity": "3"} for row in rows_of(draft)]
    response = client_of(cast.sales).post(draft.edit_url, typed(draft, *rows) | {"_totals": "1"})
    assert response.status_code == 200
    assert "732.00" in response.content.decode()
    draft.refresh_from_db()
    assert draft.net.amount == Decimal("1100.00")


@pytest.mark.parametrize(
    "row",
    [
        {"quantity": "many"},
        {"unit_price": "9" * 60},
        {"quantity": "99999999", "unit_price": "9999999999"},
        {"description": "\0"},
        {"description": ""},
        {"discount": "101"},
        {"product": "999999"},
        {"product": "x'; --"},
    ],
)
def test_bad_lines_get_a_message_and_lose_nothing(cast, client_of, draft, row):
    first, second = rows_of(draft)
    response = client_of(cast.sales).post(draft.edit_url, typed(draft, first, second | row, notes="Kept words"))
    assert response.status_code == 422
    assert "Kept words" in response.content.decode()
    draft.refresh_from_db()
    assert draft.net.amount == Decimal("1100.00")


def test_a_submitted_quote_is_not_edited(cast, client_of, draft):
    draft.submit(by=cast.sales)
    client = client_of(cast.sales)
    assert client.get(draft.edit_url).status_code == 409
    response = client.post(draft.edit_url, typed(draft, *rows_of(draft)))
    assert response.status_code == 409


def test_a_contact_of_another_company_is_refused(cast, client_of, draft):
    stranger = ContactFactory()
    response = client_of(cast.sales).post(draft.edit_url, typed(draft, *rows_of(draft), contact=stranger.pk))
    assert response.status_code == 422


def test_the_whole_way_by_the_pages(cast, client_of, draft):
    sales, manager = client_of(cast.sales), client_of(cast.manager)
    assert sales.post(draft.act_url("submit")).status_code == 302
    assert sales.post(draft.act_url("approve")).status_code == 403
    assert manager.post(draft.act_url("approve")).status_code == 302
    assert "giulia@cliente.example" in sales.get(page("send", draft.pk)).content.decode()
    assert sales.post(page("send", draft.pk), {"message": "Ecco"}).status_code == 302
    draft.refresh_from_db()
    assert (draft.state, draft.approved_by) == ("sent", cast.manager)
    assert sales.post(page("send", draft.pk), {"message": "Ecco"}).status_code == 409
    response = sales.post(page("revise", draft.pk))
    second = Quote.objects.get(revision=2)
    assert response["Location"] == second.edit_url
    text = sales.get(second.get_absolute_url()).content.decode()
    assert draft.get_absolute_url() in text
    assert sales.post(page("revise", draft.pk)).status_code == 409


def test_many_are_approved_at_once(cast, client_of):
    quotes = [QuoteFactory(state="pending_approval", owner=cast.sales, submitted_by=cast.sales) for _ in range(2)]
    mine = QuoteFactory(state="pending_approval", owner=cast.manager, submitted_by=cast.manager)
    data = {"verb": "approve", "ids": [q.pk for q in (*quotes, mine)]}
    client_of(cast.manager).post(page("list"), data)
    states = dict(Quote.objects.values_list("pk", "state"))
    assert [states[q.pk] for q in (*quotes, mine)] == ["approved", "approved", "pending_approval"]


def test_the_manager_approves_in_the_admin(cast, client_of):
    quote = QuoteFactory(state="pending_approval", owner=cast.sales, submitted_by=cast.sales)
    client = client_of(cast.manager)
    assert client.get(reverse("admin:quotes_quote_change", args=[quote.pk])).status_code == 200
    client.post(reverse("admin:quotes_quote_do", args=[quote.pk, "approve"]))
    quote.refresh_from_db()
    assert (quote.state, quote.approved_by) == ("approved", cast.manager)


@pytest.mark.parametrize("name", ["detail", "edit", "list", "board", "pdf", "export"])
def test_costs_and_margins_reach_only_those_who_may_see_them(cast, client_of, draft, name):
    """61.37 a piece, 675.07 in all, a margin of 424.93: in no form, hidden field, export or PDF of a seller."""
    url = page(name) if name in ("list", "board", "export") else page(name, draft.pk)
    told = {}
    for who in ("sales", "manager"):
        response = client_of(getattr(cast, who)).get(url, {"format": "csv"} if name == "export" else {})
        assert response.status_code == 200
        content = b"".join(response.streaming_content) if response.streaming else response.content
        told[who] = bool(re.search(rb"61[.,]37|675[.,]07|424[.,]93|unit_cost", content))
    assert told == {"sales": False, "manager": name in ("detail", "edit")}


def test_a_seller_cannot_post_a_cost(cast, client_of, draft):
    rows = [row | {"unit_cost": "1"} for row in rows_of(draft)]
    assert client_of(cast.sales).post(draft.edit_url, typed(draft, *rows)).status_code == 302
    assert {line.unit_cost for line in draft.lines.all()} == {COST}
    assert client_of(cast.manager).post(draft.edit_url, typed(draft, *rows)).status_code == 302
    assert {line.unit_cost for line in draft.lines.all()} == {Decimal(1)}


def test_a_product_chosen_by_a_seller_fills_the_row_without_its_cost(cast, client_of, draft):
    product = ProductFactory(name="Ventola", list_price=Decimal("12.00"), cost=Decimal("5.55"))
    rows = [*rows_of(draft), {"product": product.pk, "description": "", "unit_price": ""}]
    response = client_of(cast.sales).post(draft.edit_url, typed(draft, *rows) | {"_row": "2"})
    text = response.content.decode()
    assert "Ventola" in text and "12.00" in text
    assert "5.55" not in text


def test_the_draft_pdf_is_a_preview_and_the_sent_one_the_stored(cast, client_of, draft):
    client = client_of(cast.sales)
    assert client.get(page("pdf", draft.pk)).content.startswith(b"%PDF")
    draft.submit(by=cast.sales)
    draft.approve(by=cast.manager)
    client.post(page("send", draft.pk), {"message": ""})
    draft.refresh_from_db()
    assert client.get(page("pdf", draft.pk)).content == bytes(draft.pdf.content)


def test_queries_do_not_grow(cast, client_of, django_assert_max_num_queries):
    client = client_of(cast.manager)
    quote = QuoteFactory(owner=cast.sales, line_count=12)
    QuoteFactory.create_batch(5, owner=cast.sales)
    client.get(page("list"))
    with django_assert_max_num_queries(10):
        client.get(page("list"))
    client.get(quote.get_absolute_url())
    with django_assert_max_num_queries(15):
        client.get(quote.get_absolute_url())
