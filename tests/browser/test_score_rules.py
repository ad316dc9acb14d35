"""The rule editor walked as marketing: a draft, what it would change, in use by one click, scored by a worker, and back."""

import re
import time
from typing import Any

import pytest
from playwright.sync_api import expect

from leads import scoring
from leads.models import Lead, RuleSet
from leads.scoring import ruling
from tests.browser.conftest import overflow, serious
from tests.factories import LeadFactory

pytestmark = [pytest.mark.browser, pytest.mark.servers, pytest.mark.django_db(transaction=True)]


def wait_for_score(lead: Lead, score: int, seconds: int = 60) -> int | None:
    until = time.monotonic() + seconds
    while (found := Lead.objects.get(pk=lead.pk).score) != score and time.monotonic() < until:
        time.sleep(0.2)
    return found


def test_marketing_gives_other_points_and_goes_back(
    desks: Any, cast_with_passwords: Any, celery_worker_process: Any, axe_source: str
) -> None:
    keen = LeadFactory(owner=cast_with_passwords.sales, need="Le pompe perdono", company_name="Alta S.r.l.")
    LeadFactory.create_batch(8, owner=cast_with_passwords.sales)
    scoring.score_all()
    before = Lead.objects.get(pk=keen.pk).score
    page = desks("marketing").page
    page.goto("/settings/scoring/")
    page.get_by_role("button", name="Change the rules").click()
    page.get_by_role("link", name=re.compile("^Change ?: Need is described")).click()
    page.get_by_label("Points", exact=True).fill("-300")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".field-error").first).to_be_visible()
    page.get_by_label("Points", exact=True).fill("28")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Add a rule").last.click()
    page.get_by_label("Part").select_option("engagement")
    page.get_by_label("Looks at").select_option(label="Forms sent")
    page.get_by_label("Condition").select_option("number")
    page.get_by_label("Half-life in days").fill("30")
    page.get_by_label("Value 1", exact=True).fill("1")
    page.get_by_label("Points for value 1").fill("9")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Half the points after 30 days")).to_be_visible()
    page.get_by_role("button", name=re.compile("^Up ?: Forms sent")).press("Enter")
    page.get_by_role("link", name="What would change").first.click()
    expect(page.get_by_text("Need is described: 8 → 28")).to_be_visible()
    page.get_by_role("button", name="Put in use").click()
    expect(page.get_by_text("Rules 2 are in use")).to_be_visible()
    assert wait_for_score(keen, before + 20) == before + 20
    page.goto("/settings/scoring/")
    page.get_by_role("button", name="Put in use again").click()
    assert wait_for_score(keen, before) == before
    assert RuleSet.objects.get(state="in_use").number == 1
    phone = desks("manager", width=360, dark=True).page
    draft = ruling.begin(by=cast_with_passwords.manager)
    for address in ("/settings/scoring/", f"{draft.get_absolute_url()}preview/", draft.get_absolute_url()):
        phone.goto(address)
        assert overflow(phone) == 0
        assert serious(phone, axe_source) == []
