"""Custom fields and tags in Chromium: defined by an administrator, seen by a seller with the next click."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from leads.models import Lead
from tests.browser.conftest import overflow, serious
from tests.factories import LeadFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def define(page: Page, label: str, kind: str, choices: str = "", *, in_list: bool = False) -> None:
    page.goto("/settings/fields/")
    page.get_by_role("link", name="New").last.click()
    page.locator("[name=model]").select_option(label="Leads")
    page.locator("[name=label]").fill(label)
    page.locator("[name=kind]").select_option(label=kind)
    page.locator("[name=choices]").fill(choices)
    if in_list:
        page.locator("[name=in_list]").check()
    with page.expect_navigation():
        page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name=label, level=1)).to_be_visible()


def well(page: Page, axe_source: str) -> None:
    assert serious(page, axe_source) == []
    assert overflow(page) <= 0


def tag_in_bulk(page: Page, axe_source: str) -> None:
    page.get_by_label("Select all of this page").check()
    page.locator("[data-bulk-bar]").get_by_role("button", name="Add tags").click()
    dialogue = page.locator("#modal-content")
    dialogue.get_by_label("Trade fair").check()
    well(page, axe_source)
    with page.expect_navigation():
        dialogue.get_by_role("button", name="Add tags").click()


@pytest.mark.usefixtures("cast_with_passwords")
def test_from_the_definition_to_the_list(desks: Any, cast: Any, axe_source: str) -> None:
    LeadFactory(owner=cast.sales, company_name="Alfa")
    admin, seller = desks("admin").page, desks("sales", width=360, dark=True).page
    define(admin, "Machines", "Number", in_list=True)
    define(admin, "Sector", "Choice", "Steel\nFood")
    well(admin, axe_source)
    admin.goto("/settings/tags/new/")
    admin.locator("[name=name]").fill("Trade fair")
    with admin.expect_navigation():
        admin.get_by_role("button", name="Save").click()
    seller.goto("/leads/new/")
    seller.locator("[name=last_name]").fill("Rossi")
    seller.get_by_label("Machines").fill("1,200")
    seller.get_by_label("Sector").select_option("Food")
    well(seller, axe_source)
    with seller.expect_navigation():
        seller.get_by_role("button", name="Save").click()
    expect(seller.get_by_text("1,200", exact=True)).to_be_visible()
    seller.get_by_role("link", name="Tags").click()
    seller.locator("#modal-content").get_by_label("Trade fair").check()
    well(seller, axe_source)
    with seller.expect_navigation():
        seller.locator("#modal-content").get_by_role("button", name="Save").click()
    expect(seller.get_by_text("Trade fair").first).to_be_visible()
    well(seller, axe_source)
    seller.goto("/leads/?cf_machines_min=1000&cf_sector=Food&columns=name,cf_machines,cf_sector,tags")
    expect(seller.locator("table.rows")).to_contain_text("Rossi")
    well(seller, axe_source)
    seller.goto("/leads/?panel=filters")
    well(seller, axe_source)
    admin.goto("/leads/")
    expect(admin.get_by_role("columnheader", name="Machines")).to_be_visible()
    tag_in_bulk(admin, axe_source)
    assert {tuple(tags) for tags in Lead.objects.values_list("tags", flat=True)} == {("Trade fair",)}
