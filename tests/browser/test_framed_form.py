"""A form in a frame on somebody else's site, another origin: it works where it is allowed, and shows nothing elsewhere."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from leads.capture import bots, jobs
from leads.models import Capture, Lead, Touch
from tests import brakes
from tests.factories import WebFormFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@contextmanager
def site_with(address: str) -> Iterator[str]:
    """A site of somebody else's, with the form in a frame; gives its origin."""
    text = f'<!doctype html><title>Shop</title><h1>Shop</h1><iframe src="{address}" width="350" height="700"></iframe>'

    class Shop(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_args: Any) -> None:
            """Silence."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 360, "height": 800}, locale="it-IT")
    yield context.new_page()
    context.close()


def test_it_works_on_an_allowed_site_and_is_refused_elsewhere(live_server: Any, page: Page) -> None:
    brakes.release()
    form = WebFormFactory(language="it")
    address = f"{live_server.url}{form.public_url}embed/"
    said: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        said.append(message.text)

    page.on("console", hear)
    with site_with(address) as allowed, site_with(address) as other:
        form.sites = [allowed]
        form.save()

        page.goto(other)
        page.wait_for_timeout(1000)
        assert page.frame_locator("iframe").locator("form").count() == 0
        assert any("frame-ancestors" in text for text in said), said

        said.clear()
        page.goto(allowed)
        frame = page.frame_locator("iframe")
        frame.locator("[name=last_name]").fill("Lovelace")
        frame.locator("[name=email]").fill("ada@engine.example")
        assert frame.locator("html").evaluate("page => page.scrollWidth - page.clientWidth") == 0
        page.wait_for_timeout((bots.FASTEST + 1) * 1000)  # nobody fills in a form within a moment
        frame.locator("form [type=submit]").click()
        expect(frame.get_by_text("Grazie").first).to_be_visible()
        assert page.url.rstrip("/") == allowed  # the visitor stays on the site they came to
        assert said == []
    assert Capture.objects.get().state == "received"
    assert jobs.take_in_captures() == 1
    lead = Lead.objects.get()
    assert (lead.last_name, lead.email) == ("Lovelace", "ada@engine.example")
    assert Touch.objects.get(lead=lead).form == form
