"""Letters as keys: rows, pages of the menu, the form; the sheet that lists them; none while one types, none when turned off."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import serious
from tests.factories import CompanyFactory, LeadFactory, QuoteFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def at(page: Page, path: str) -> None:
    page.wait_for_url(lambda url: url.split("?")[0].endswith(path))
    page.wait_for_load_state("networkidle")


def test_leads_companies_and_quotes_without_a_mouse(desks: Any, cast_with_passwords: Any) -> None:
    cast = cast_with_passwords
    first, second = (LeadFactory(company_name=name, owner=cast.sales) for name in ("Alfa", "Beta"))
    company, quote = CompanyFactory(owner=cast.sales), QuoteFactory(owner=cast.sales, state="draft")
    page = desks("sales").page
    for letter, path, records in (("l", "/leads/", (second, first)), ("c", "/companies/", (company,)),
                                  ("q", "/quotes/", (quote,))):  # fmt: skip
        page.keyboard.press("g")
        page.keyboard.press(letter)
        at(page, path)
        if len(records) > 1:
            page.keyboard.press("j")
            page.keyboard.press("x")
            expect(page.locator("[data-bulk-count]")).to_have_text("1")
            page.keyboard.press("j")
            page.keyboard.press("k")
        else:
            page.keyboard.press("k")
        page.keyboard.press("Enter")
        at(page, records[0].get_absolute_url())
        page.keyboard.press("e")
        at(page, records[0].edit_url)
    page.keyboard.press("g")
    page.keyboard.press("l")
    at(page, "/leads/")
    page.keyboard.press("b")
    at(page, "/leads/board/")
    page.keyboard.press("n")
    at(page, "/leads/new/")


def test_the_sheet_and_the_switch(desks: Any, cast_with_passwords: Any, axe_source: str) -> None:
    page = desks("sales").page
    page.goto("/leads/")
    page.keyboard.press("?")
    expect(page.locator("#modal")).to_contain_text("Next row")
    assert not serious(page, axe_source)
    page.keyboard.press("Escape")
    expect(page.locator("#modal")).not_to_be_visible()
    page.fill("#search", "g")
    page.keyboard.type("l?n")
    assert page.url.endswith("/leads/")
    assert page.input_value("#search") == "gl?n"
    page.goto("/keyboard/")
    page.get_by_role("button", name="Turn single letters off").click()
    page.get_by_role("button", name="Turn single letters on").wait_for()
    page.keyboard.press("n")
    page.keyboard.press("g")
    page.keyboard.press("l")
    assert page.url.endswith("/keyboard/")
    page.keyboard.press("Control+k")
    expect(page.locator("#search")).to_be_focused()


def test_a_note_and_an_activity_by_letters(desks: Any, cast_with_passwords: Any) -> None:
    lead = LeadFactory(owner=cast_with_passwords.sales)
    page = desks("sales").page
    page.goto(lead.get_absolute_url())
    page.keyboard.press("m")
    page.keyboard.type("Called, will call back")
    page.keyboard.press("Control+Enter")
    page.locator("#timeline", has_text="Called, will call back").wait_for()
    page.keyboard.press("a")
    expect(page.locator("#modal")).to_contain_text("Schedule")
