"""Charts in a browser: what is drawn is written in the reader's language."""

import re
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Browser

from tests.factories import OpportunityFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(("language", "written"), [("it", "100.000"), ("en", "100,000")])
def test_axes_write_numbers_as_the_page_does(
    browser: Browser, live_server: Any, client_of: Any, cast: Any, language: str, written: str
) -> None:
    OpportunityFactory(state="won", closed_on=timezone.localdate(), value=400_000)
    cast.manager.language = language
    cast.manager.save()
    context = browser.new_context()
    session = client_of(cast.manager).cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    page = context.new_page()
    page.goto(f"{live_server.url}/insights/dashboard/")
    page.locator("svg text", has_text=re.compile(re.escape(written))).first.wait_for()
    other = written.translate(str.maketrans(".,", ",."))
    assert other not in page.locator("svg text").all_text_contents()
    context.close()
