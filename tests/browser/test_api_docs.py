"""The API's description in a browser: drawn by our own files, under our policy, and tried with a token."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from core.models import ApiToken
from tests.browser.conftest import PASSWORD

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


def test_it_is_drawn_and_tried(cast, desks):
    cast.sales.set_password(PASSWORD)
    cast.sales.save()
    expires_at = timezone.now() + timedelta(days=1)
    _token, plain = ApiToken.issue(user=cast.sales, name="x", scope="read", expires_at=expires_at)
    page = desks("sales").page
    page.goto("/api/v1/docs/")
    expect(page.get_by_role("heading", name="ZenCRM").first).to_be_visible()
    page.locator("button.authorize").first.click()
    page.locator(".auth-container input").fill(plain)
    page.locator(".modal-btn.authorize").click()
    page.locator(".btn-done").click()
    page.locator(".opblock-tag[data-tag=api]").click()
    page.locator("#operations-api-me .opblock-summary-control").click()
    page.locator("#operations-api-me .try-out__btn").click()
    page.locator("#operations-api-me .execute").click()
    expect(page.locator("#operations-api-me .live-responses-table")).to_contain_text('"username": "sales"')
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 360, "height": 800})
    page.reload()
    expect(page.locator("html.dark-mode .opblock-tag").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
