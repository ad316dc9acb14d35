"""Lists in Chromium: columns chosen and ordered, the view saved as a tab with its counter, and rows assigned in bulk."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from core.models import SavedView
from leads.models import Lead
from tests.browser.conftest import overflow, serious
from tests.factories import LeadFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def headings(page: Page) -> list[str]:
    return [text.strip() for text in page.locator("table.rows thead th[scope=col]").all_inner_texts()]


def choose_columns(page: Page, axe_source: str) -> None:
    page.locator("#list-tools").get_by_role("link", name="Columns").click()
    dialogue = page.locator("#modal-content")
    expect(dialogue.get_by_role("heading", name="Columns")).to_be_visible()
    assert serious(page, axe_source) == []
    dialogue.get_by_label("City", exact=True).uncheck()
    dialogue.get_by_label("E-mail", exact=True).check()
    up = dialogue.get_by_role("button", name="Move Score up")
    for _turn in range(3):
        up.focus()
        page.keyboard.press("Enter")
    expect(up).to_be_focused()
    with page.expect_navigation():
        dialogue.get_by_role("button", name="Show").last.click()
    found = headings(page)
    assert found[:2] == ["Name", "Score"] or found[0] == "Score"
    assert "E-mail" in found
    assert "City" not in found


def save_view(page: Page, name: str) -> None:
    page.get_by_role("button", name="View", exact=True).click()
    page.get_by_role("link", name="Save as view").click()
    dialogue = page.locator("#modal-content")
    dialogue.get_by_label("Name").fill(name)
    with page.expect_navigation():
        dialogue.get_by_role("button", name="Save").click()


def assign_all(page: Page, seller: str) -> None:
    page.get_by_label("Select all of this page").check()
    page.locator("[data-bulk-bar]").get_by_role("button", name="Assign").click()
    dialogue = page.locator("#modal-content")
    expect(dialogue.get_by_text("This will be done to 3 records.")).to_be_visible()
    dialogue.get_by_label("Salesperson").select_option(label=seller)
    dialogue.get_by_role("button", name="Assign").click()


@pytest.mark.usefixtures("cast_with_passwords")
def test_columns_a_view_and_a_bulk_assignment(desks: Any, cast: Any, axe_source: str) -> None:
    LeadFactory.create_batch(2, state="working", owner=cast.manager, score=90)
    lost = LeadFactory(state="lost", owner=cast.manager, score=90, company_name="Persa")
    page: Page = desks("manager").page
    page.goto("/leads/?q=")
    choose_columns(page, axe_source)
    save_view(page, "Mine to give away")
    view = SavedView.objects.get()
    tab = page.get_by_role("link", name="Mine to give away")
    expect(tab).to_have_attribute("aria-current", "page")
    expect(page.locator(f"#count-view-{view.pk}")).to_have_text("3")
    assert "email" in view.columns
    seller = f"{cast.sales2} (0 open leads)"
    assign_all(page, seller)
    outcome = page.locator("#modal-content")
    expect(outcome.get_by_text("2 done.")).to_be_visible()
    expect(outcome.get_by_role("link", name="Persa")).to_have_attribute("href", f"/leads/{lost.pk}/")
    assert serious(page, axe_source) == []
    assert Lead.objects.filter(owner=cast.sales2).count() == 2
    outcome.get_by_role("link", name="Back to the list").click()
    expect(tab).to_have_attribute("aria-current", "page")


@pytest.mark.usefixtures("cast_with_passwords")
def test_the_tools_of_a_list_fit_a_phone(desks: Any, cast: Any, axe_source: str) -> None:
    LeadFactory.create_batch(2, state="new", owner=cast.sales)
    page: Page = desks("sales", width=360, dark=True).page
    for address in (
        "/leads/?state=new&or=score_min%3D80",
        "/leads/?panel=columns",
        "/leads/?panel=or&state=new",
        "/views/leads/lead/new/?state=new",
    ):
        page.goto(address)
        assert overflow(page) <= 0, address
        assert serious(page, axe_source) == [], address


@pytest.mark.usefixtures("cast_with_passwords")
def test_rows_are_counted_where_their_number_is_seen(desks: Any, cast: Any) -> None:
    LeadFactory.create_batch(60, state="working", owner=cast.sales)
    LeadFactory(state="new", owner=cast.sales)
    desk = desks("sales")
    page, asked = desk.page, []
    page.on("request", lambda request: asked.append(request.url) if request.url.endswith("panel=count") else None)
    page.goto("/leads/?state=working")
    foot = page.locator(".list-foot")
    expect(page.locator("table.rows tbody tr")).to_have_count(50)
    assert (foot.text_content() or "").split()[:1] == ["50+"] and not asked
    foot.scroll_into_view_if_needed()
    expect(foot).to_contain_text("60 in all")
    page.get_by_label("Select all of this page").check()
    expect(page.get_by_label("Select all results: 60")).to_be_visible()
    foot.get_by_role("link", name="Next").click()
    expect(page.locator("table.rows tbody tr")).to_have_count(10)
    expect(foot).to_contain_text("60 in all")
    assert len(asked) == 3
