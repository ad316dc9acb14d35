"""A colleague is named in a note, and finds it behind the bell; a plan is started with one click."""

from typing import Any

import pytest
from playwright.sync_api import expect

from activities.models import Activity, Plan, PlanStep
from tests.factories import LeadFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_mention_reaches_the_bell(cast_with_passwords: Any, desks: Any) -> None:
    cast = cast_with_passwords
    lead = LeadFactory(owner=cast.sales, company_name="Vetreria Veneta")
    page = desks(cast.sales.username).page
    page.goto(lead.get_absolute_url())
    note = page.locator("[name=note-body]")
    note.press_sequentially(f"Ask @{cast.manager.username[:3]}", delay=40)
    offer = page.get_by_role("option").filter(has_text=f"@{cast.manager.username}")
    offer.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(note).to_have_value(f"Ask @{cast.manager.username} ")
    expect(note).to_be_focused()
    note.press_sequentially("about the price")
    page.get_by_role("button", name="Add note").click()
    page.get_by_text("Noted.").first.wait_for()

    bell = desks(cast.manager.username, width=360).page
    bell.locator("#bell .badge", has_text="1").wait_for()
    bell.locator("#bell").click()
    bell.get_by_role("link", name="Vetreria Veneta").click()
    bell.wait_for_url(f"**{lead.get_absolute_url()}")
    expect(bell.locator("#bell .badge")).to_have_count(0)


def test_a_plan_is_started_with_one_click(cast_with_passwords: Any, desks: Any) -> None:
    cast = cast_with_passwords
    lead = LeadFactory(owner=cast.sales)
    plan = Plan.objects.create(name="First contact")
    PlanStep.objects.create(plan=plan, summary="Introduce us", kind="call")
    page = desks(cast.sales.username).page
    page.goto(lead.get_absolute_url())
    page.locator("#next-activities").get_by_role("link", name="Plan").click()
    page.get_by_role("dialog").get_by_role("button", name="Start").click()
    page.locator("#next-activities", has_text="Introduce us").wait_for()
    assert Activity.objects.about(lead).get().owner == cast.sales
    page.locator("#next-activities").get_by_role("link", name="Plan").click()
    page.get_by_role("dialog").get_by_role("button", name="Start").click()
    page.get_by_text("under way").wait_for()
    assert Activity.objects.about(lead).count() == 1
