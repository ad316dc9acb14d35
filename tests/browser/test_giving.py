"""Rules are written, tried and put to work by a manager; a promise is broken and the lead moves on; a conversion is undone.

The worker is a real one; time passes by making what was written older.
"""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone
from playwright.sync_api import Page, expect

from core.models import CustomField, Event
from core.privacy import erasing
from leads.models import Assignment, AssignmentRule, Lead
from leads.services import create_lead
from leads.tasks import keep_promises
from opportunities.models import Conversion, Opportunity
from parties.models import Company
from tests.browser.test_walk import press, until
from tests.factories import EmployeeFactory, LeadFactory

pytestmark = [pytest.mark.browser, pytest.mark.servers, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def field(db: None) -> CustomField:
    kind = ContentType.objects.get_for_model(Lead)
    return CustomField.objects.create(
        model=kind, name="sector", kind="choice", label="Sector", choices=["Food", "Paper", "Steel"]
    )


def save(page: Page) -> None:
    with page.expect_navigation():
        page.locator("main .form-foot button[type=submit]").click()


def confirm(page: Page) -> None:
    with page.expect_navigation():
        page.locator("#modal-content [type=submit]").click()


def written(page: Page, cast: Any) -> AssignmentRule:
    """The manager writes a rule: Lombardy, food or paper, three to one."""
    page.goto("/settings/assignment/")
    page.get_by_role("link", name=re.compile("New")).first.click()
    page.get_by_label("Name", exact=True).fill("North")
    page.get_by_label("Lombardy").check()
    page.get_by_label("Food").check()
    page.get_by_label("Paper").check()
    page.locator(f"[name=weight_{cast.sales.pk}]").fill("3")
    page.locator(f"[name=weight_{cast.sales2.pk}]").fill("1")
    save(page)
    rule = AssignmentRule.objects.get()
    assert (rule.active, rule.asks) == (False, {"sector": {"is": ["Food", "Paper"]}})
    expect(page.get_by_text("Food, Paper")).to_be_visible()
    return rule


def tried(page: Page) -> None:
    """Last month's leads, before the rule goes live: six of the eight that fit are three to one."""
    page.get_by_role("link", name="Simulate").click()
    expect(page.get_by_role("heading", name="What this rule would have done").first).to_be_visible()
    expect(page.locator("dl.attributes dd").first).to_have_text("10")  # played after the page was there
    rows = page.locator("table.rows tbody tr", has=page.locator("td[data-label='Would have got']"))
    got = {row.locator("td").first.inner_text(): row.locator("td").nth(4).inner_text() for row in rows.all()}
    assert got == {"Sales Test": "6", "Sales2 Test": "2"}
    assert not Assignment.objects.exists()


def put_to_work(page: Page, rule: AssignmentRule) -> None:
    page.goto(rule.edit_url)
    page.locator("[name=active]").check()
    save(page)
    rule.refresh_from_db()
    assert rule.active


def test_a_rule_is_written_tried_and_put_to_work_and_a_broken_promise_moves_the_lead_on(
    desks: Any, cast_with_passwords: Any, celery_worker_process: Any, field: CustomField
) -> None:
    cast = cast_with_passwords
    for user in (cast.sales, cast.sales2):
        EmployeeFactory(user=user)
    day = timezone.now() - timedelta(days=5)
    LeadFactory.create_batch(8, province="MI", custom={"sector": "Food"}, owner=cast.manager, created_at=day)
    LeadFactory.create_batch(2, province="MI", custom={"sector": "Steel"}, owner=cast.manager, created_at=day)
    page = desks("manager").page
    rule = written(page, cast)
    tried(page)
    put_to_work(page, rule)

    lead = create_lead(by=cast.marketing, company_name="Cartiera Lariana", province="CO", custom={"sector": "Paper"})
    first = until(lambda: Assignment.objects.filter(lead=lead).select_related("user").first())
    assert first.user == cast.sales
    page.goto(lead.get_absolute_url())
    expect(page.get_by_text("Why this owner")).to_be_visible()
    expect(page.get_by_text("Sector “Paper”").first).to_be_visible()
    expect(page.get_by_text("First contact awaited")).to_be_visible()

    with erasing.opened(Assignment):
        Assignment.objects.update(at=timezone.now() - timedelta(days=3), due_by=timezone.now() - timedelta(hours=1))
    keep_promises.delay()
    second = until(lambda: Assignment.objects.filter(lead=lead).exclude(pk=first.pk).select_related("user").first())
    assert second.user == cast.sales2
    page.reload()
    expect(page.get_by_text("Moved on", exact=True).first).to_be_visible()
    expect(page.get_by_text("Sales Test made no contact within 4 hours of working time.").first).to_be_visible()
    assert Event.objects.filter(name="lead.moved_on", subject_id=lead.pk).count() == 1

    page.goto("/leads/why-not-me/")
    page.get_by_label("Who").select_option(str(cast.sales.pk))
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("Had the lead already, without a contact in time")).to_be_visible()
    expect(page.locator("table.rows").get_by_role("link", name="Cartiera Lariana")).to_be_visible()


def test_a_lead_is_converted_with_a_preview_and_taken_back(desks: Any, cast_with_passwords: Any) -> None:
    cast = cast_with_passwords
    lead = LeadFactory(
        state="qualified", owner=cast.sales, company_name="Vetreria Berica", last_name="Zanon", first_name="Ugo",
        email="ugo@vetreria.example", phone="0444 123456", province="VI",
    )  # fmt: skip
    page = desks("sales").page
    page.goto(lead.get_absolute_url())
    page.locator(".steps-bar").get_by_role("link", name="Convert", exact=True).click()
    dialog = page.locator("#modal-content")
    for name in ("Vetreria Berica", "Ugo Zanon"):
        expect(dialog.locator("li", has_text=name).first).to_be_visible()
    assert not Company.objects.exists()
    confirm(page)
    deal = Opportunity.objects.select_related("company", "contact").get()
    assert (deal.company.name, str(deal.contact), deal.owner) == ("Vetreria Berica", "Ugo Zanon", cast.sales)
    page.goto(lead.get_absolute_url())
    page.locator(".steps-bar").get_by_role("link", name="Undo the conversion").click()
    expect(dialog.get_by_text("This goes:")).to_be_visible()
    expect(dialog.get_by_role("link", name="Vetreria Berica").first).to_be_visible()
    confirm(page)
    expect(page.get_by_text("The conversion of").first).to_be_visible()
    assert not (Opportunity.objects.exists() or Company.objects.exists())
    assert Lead.objects.get().state == "qualified"

    later = LeadFactory(state="qualified", owner=cast.sales, company_name="Segheria Carnica", last_name="Nardini")
    page.goto(later.get_absolute_url())
    press(page, "Convert")
    with erasing.opened(Conversion):
        Conversion.objects.filter(lead=later).update(at=timezone.now() - timedelta(hours=25))
    page.goto(f"/opportunities/from-lead/{later.pk}/undo/")
    expect(page.get_by_text("It was converted more than 24 hours ago.").first).to_be_visible()
    assert Lead.objects.get(pk=later.pk).state == "converted"
