"""The frame and the page classes in a browser: keyboard, dialogues, board, lines, phone. How pages look is tried elsewhere."""

import re
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, expect

from leads.models import Lead
from tests.browser.conftest import real, serious
from tests.factories import CampaignFactory, LeadFactory, ProductFactory, QuoteFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("tests.core.site")]


@pytest.fixture
def visit(browser: Browser, live_server: Any, client_of: Any) -> Iterator[Callable[..., Page]]:
    """`visit(cast.sales, "/leads/", width=360)` is a page opened by somebody; what it complains about fails the test."""
    opened: list[tuple[Any, list[str]]] = []

    def open_page(user: Any, path: str, *, width: int = 1440, theme: Any = "light") -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=theme, reduced_motion="reduce"
        )
        if user is not None:
            session = client_of(user).cookies[settings.SESSION_COOKIE_NAME].value
            context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
        page, complaints = context.new_page(), []
        page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        opened.append((context, complaints))
        page.goto(live_server.url + path)
        page.wait_for_load_state("networkidle")
        return page

    yield open_page
    for context, _complaints in opened:
        context.close()
    assert [complaint for _context, complaints in opened for complaint in real(complaints)] == []


@pytest.fixture
def deal(cast: SimpleNamespace) -> SimpleNamespace:
    """A few records to look at."""
    LeadFactory.create_batch(3, owner=cast.sales, campaign=CampaignFactory())
    new = LeadFactory(company_name="Vetreria Veneta", owner=cast.sales, state="new", budget=1200)
    quote = QuoteFactory(owner=cast.sales)
    product = ProductFactory(name="Pressa piegatrice", list_price="1234.50")
    return SimpleNamespace(lead=new, quote=quote, product=product)


def test_a_verb_with_a_form_opens_a_dialogue_and_keeps_what_was_typed(
    cast: SimpleNamespace, deal: SimpleNamespace, visit: Any
) -> None:
    page = visit(cast.sales, f"/leads/{deal.lead.pk}/")
    page.get_by_role("link", name="Lose", exact=True).click()
    dialogue = page.get_by_role("dialog")
    dialogue.get_by_label("Note").fill("They bought elsewhere")
    dialogue.get_by_role("button", name="Lose", exact=True).click()
    dialogue.get_by_role("alert").wait_for()
    assert dialogue.get_by_label("Note").input_value() == "They bought elsewhere"
    dialogue.get_by_label("Price too high").check()
    dialogue.get_by_role("button", name="Lose", exact=True).click()
    page.get_by_text("marked the lead as lost").first.wait_for()
    assert Lead.objects.get(pk=deal.lead.pk).state == "lost"


def test_a_card_is_dragged_to_its_next_state_and_snaps_back_where_it_cannot_go(
    cast: SimpleNamespace, deal: SimpleNamespace, visit: Any
) -> None:
    page = visit(cast.sales, "/leads/board/")
    page.wait_for_function(
        "() => window.Sortable && [...document.querySelectorAll('[data-cards]')].every((cards) => Sortable.get(cards))"
    )
    column = page.locator("[data-column=qualified] [data-cards]")
    page.get_by_text("Vetreria Veneta").drag_to(column, steps=10)
    page.get_by_text("A card cannot go there from here.").wait_for()
    assert page.locator("[data-column=new]").get_by_text("Vetreria Veneta").count() == 1
    page.wait_for_timeout(500)  # the browser ends one drag before it begins the next
    page.get_by_text("Vetreria Veneta").drag_to(page.locator("[data-column=working] [data-cards]"), steps=10)
    page.get_by_text("took the lead").wait_for()
    assert Lead.objects.get(pk=deal.lead.pk).state == "working"
    assert page.locator("[data-column=working] [data-count]").inner_text() == "1"
    card = page.locator("[data-column=working] [data-card]", has_text="Vetreria Veneta")
    card.get_by_role("button", name="Next steps", exact=True).click()
    expect(card.get_by_role("button", name="Take", exact=True)).to_have_count(0)
    expect(card.get_by_role("link", name="Qualify", exact=True)).to_have_attribute(
        "href", f"/leads/{deal.lead.pk}/do/qualify/"
    )


def test_cards_further_down_come_when_one_scrolls(cast: SimpleNamespace, deal: SimpleNamespace, visit: Any) -> None:
    LeadFactory.create_batch(34, owner=cast.sales, state="working")
    LeadFactory.create_batch(9, owner=cast.sales, state="qualified")
    page = visit(cast.sales, "/leads/board/")
    working, qualified = (page.locator(f"[data-column={state}]") for state in ("working", "qualified"))
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    expect(working.locator("[data-card]")).to_have_count(30)
    expect(qualified.locator("[data-card]")).to_have_count(9)
    expect(working.get_by_text("Show all")).to_have_count(1)
    expect(qualified.get_by_text("Show all")).to_have_count(0)
    shown = page.locator("[data-card]").evaluate_all("cards => cards.map((card) => card.dataset.card)")
    assert len(shown) == len(set(shown))
    last = working.locator("[data-card]").last
    last.get_by_role("button", name="Next steps", exact=True).click()
    expect(last.get_by_role("link", name="Qualify", exact=True)).to_be_visible()


def test_the_same_move_by_keyboard(cast: SimpleNamespace, deal: SimpleNamespace, visit: Any) -> None:
    page = visit(cast.sales, "/leads/board/")
    card = page.locator("[data-card]", has_text="Vetreria Veneta")
    card.get_by_role("button", name="Next steps", exact=True).focus()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.get_by_text("took the lead").first.wait_for()
    assert Lead.objects.get(pk=deal.lead.pk).state == "working"


def test_lines_are_filled_by_a_product_and_totals_follow(
    cast: SimpleNamespace, deal: SimpleNamespace, visit: Any
) -> None:
    page = visit(cast.sales, f"/quotes/{deal.quote.pk}/edit/")
    page.wait_for_selector(".ts-wrapper")
    page.get_by_role("button", name="Add a line").click()
    row = page.locator("[data-rows] > [data-row]").last
    row.locator(".ts-control input").fill("pressa")
    page.locator(".ts-dropdown .option", has_text="Pressa piegatrice").click()
    page.locator("#lines-totals", has_text="€3,234.50").wait_for()
    row = page.locator("[data-rows] > [data-row]").last
    assert row.locator("[name$=-unit_price]").input_value() == "1,234.50"
    expect(row.locator("[name$=-quantity]")).to_be_focused()  # one types on where the chosen product leaves off
    expect(page.locator("body > .ts-dropdown")).to_have_count(page.locator("[data-rows] .ts-wrapper").count())
    row.locator("[name$=-quantity]").fill("2")
    row.locator("[name$=-quantity]").blur()
    page.locator("#lines-totals", has_text="€4,469.00").wait_for()
    page.locator("[data-rows] > [data-row]").first.get_by_role("button", name="Remove this line").click()
    page.locator("#lines-totals", has_text="€3,469.00").wait_for()
    page.locator("[data-rows] > [data-row]").last.get_by_role("button", name="Up").click()
    page.get_by_role("button", name="Save").click()
    page.wait_for_url(f"**/quotes/{deal.quote.pk}/")
    deal.quote.refresh_from_db()
    assert deal.quote.net.amount == 3469


def test_a_button_stays_under_the_cursor_when_a_picker_is_left(
    cast: SimpleNamespace, deal: SimpleNamespace, visit: Any
) -> None:
    """A box that grows while it has the cursor moves the page at the very click that leaves it, and the click is lost."""
    CampaignFactory(name="Fiera internazionale delle tecnologie per il trattamento delle acque 2026")
    page = visit(cast.sales, "/leads/new/", width=360)
    box = page.locator("[name=campaign] ~ .ts-wrapper")
    box.locator(".ts-control").click()
    page.locator(".ts-dropdown .option", has_text="Fiera internazionale").click()
    box.locator("input").focus()
    height = box.bounding_box()["height"]
    page.locator("[name=last_name]").focus()
    assert box.bounding_box()["height"] == height


def test_search_by_keyboard(cast: SimpleNamespace, deal: SimpleNamespace, visit: Any) -> None:
    page = visit(cast.sales, "/leads/")
    page.keyboard.press("Control+k")
    page.keyboard.type("vetr")
    page.locator("#search-results .hit", has_text="Vetreria").wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/leads/{deal.lead.pk}/")
    assert "Vetreria" in page.locator("main h1").inner_text()


def test_filters_open_as_a_dialogue_and_lists_narrow_while_typing(
    cast: SimpleNamespace, deal: SimpleNamespace, visit: Any, axe_source: str
) -> None:
    page = visit(cast.sales, "/leads/")
    page.locator(".list-tools [name=q]").fill("vetr")
    page.wait_for_function("() => document.querySelectorAll('#results tbody tr').length === 1")
    assert "q=vetr" in page.url
    page.get_by_role("link", name="Filters").click()
    page.get_by_label("Created from").fill("2026-01-01")
    assert serious(page, axe_source) == []
    page.get_by_role("dialog").get_by_label("Lost").check()
    page.get_by_role("dialog").get_by_role("button", name="Show").click()
    page.get_by_text("Nothing matches").wait_for()
    assert "q=vetr" in page.url
    assert "state=lost" in page.url


def test_a_double_click_submits_once(cast: SimpleNamespace, deal: SimpleNamespace, visit: Any) -> None:
    before = Lead.objects.count()
    page = visit(cast.sales, "/leads/new/")
    page.get_by_label("Company", exact=True).fill("Doppia")
    page.get_by_role("button", name="Save").dblclick()
    page.wait_for_url(re.compile(r"/leads/\d+/$"))
    assert Lead.objects.count() == before + 1


def test_on_a_phone_the_menu_slides_in(cast: SimpleNamespace, deal: SimpleNamespace, visit: Any) -> None:
    page = visit(cast.sales, "/leads/", width=360)
    assert not page.get_by_role("link", name="Companies").is_visible()
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("link", name="Companies").click()
    page.wait_for_url("**/companies/")


def test_on_a_phone_the_search_takes_the_whole_bar(cast: SimpleNamespace, deal: SimpleNamespace, visit: Any) -> None:
    page = visit(cast.sales, "/leads/", width=360)
    page.locator("#search").click()
    page.keyboard.type("vetr")
    page.locator("#search-results .hit", has_text="Vetreria").wait_for()
    for shown in ("#search", "#search-results"):
        box = page.locator(shown).bounding_box()
        assert box["x"] >= 0
        assert box["width"] > 320
        assert box["x"] + box["width"] <= 360
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("link", name="Companies").wait_for()


def test_theme_and_language_are_switched_in_the_frame(cast: SimpleNamespace, deal: SimpleNamespace, visit: Any) -> None:
    page = visit(cast.sales, "/leads/")
    page.get_by_role("button", name="Appearance").click()
    page.get_by_role("button", name="Dark").click()
    page.wait_for_selector("html[data-bs-theme=dark]")
    page.get_by_role("button", name="Language").click()
    page.get_by_role("button", name="Italiano").click()
    page.wait_for_selector("html[lang=it]")
    assert page.url.endswith("/leads/")
