"""Chromium, driven by Playwright, against the real server with a real worker and a real mail server on loopback."""

import os
import re
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, expect

# Playwright's event loop lives in this thread; the tests' own queries are made between its steps, never inside.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
# The Node in our packages needs nothing else; Playwright's own wants a library that a bare machine lacks.
if (node := Path(sys.executable).with_name("node")).exists():
    os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(node))
expect.set_options(timeout=30_000)

CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync"]  # fmt: skip


@pytest.fixture(scope="session")
def browser_type_launch_args(chromium_path: str) -> dict[str, Any]:
    return {"executable_path": chromium_path, "args": CHROMIUM, "headless": True}


#: Chromium calls every 4xx answer an error, and htmx a request that a later one or the next page overtakes.
EXPECTED = re.compile(r"status of (400|403|404|409|422)|^htmx:sendAbort")


def real(complaints: list[str]) -> list[str]:
    """What the console should not have said. htmx reports a request given up in two lines, the first of them general."""
    return [
        text
        for text, then in pairwise([*complaints, ""])
        if not EXPECTED.search(text) and not (text.startswith("htmx:afterRequest") and EXPECTED.search(then))
    ]


class Desk:
    """One user's browser window; complaints of the page (errors, refused scripts) fail the test at the end."""

    def __init__(self, browser: Browser, base: str, *, width: int = 1440, dark: bool = False) -> None:
        scheme: Any = "dark" if dark else "light"
        self.context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, base_url=base, reduced_motion="reduce"
        )
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(45_000)  # a busy machine takes half a minute for its first PDF
        self.complaints: list[str] = []
        self.page.on("console", lambda m: self.complaints.append(m.text) if m.type == "error" else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def login(self, username: str, password: str) -> "Desk":
        self.page.goto("/account/login/")
        self.page.fill("[name=login]", username)
        self.page.fill("[name=password]", password)
        self.page.press("[name=password]", "Enter")
        self.page.wait_for_url(lambda url: "/login" not in url)
        return self

    def close(self) -> None:
        self.context.close()
        assert real(self.complaints) == []


@pytest.fixture
def desks(browser: Browser, live_server: Any) -> Iterator[Any]:
    """`desks("sales")` opens a window in which that user of the cast has logged in."""
    opened: list[Desk] = []

    def open_desk(username: str = "", **options: Any) -> Desk:
        desk = Desk(browser, live_server.url, **options)
        opened.append(desk)
        return desk.login(username, PASSWORD) if username else desk

    yield open_desk
    for desk in opened:
        desk.close()


PASSWORD = "a long enough password"


@pytest.fixture
def cast_with_passwords(transactional_db: None, cast: Any) -> Any:
    for user in vars(cast).values():
        user.set_password(PASSWORD)
        user.save()
    return cast


@pytest.fixture(scope="session")
def axe_source() -> str:
    path = Path(settings.BASE_DIR) / "node_modules" / "axe-core" / "axe.min.js"
    if not path.exists():
        pytest.fail("axe-core is not installed: run `npm ci`")
    return path.read_text()


def serious(page: Page, axe_source: str, *, leave_out: tuple[str, ...] = ()) -> list[str]:
    """What axe-core finds serious or critical on the page, with the elements. `leave_out`: selectors of known parts."""
    page.evaluate(axe_source + "; 0")
    found = page.evaluate(
        "out => axe.run({exclude: out.map(s => [s])}, {resultTypes: ['violations']}).then(r => r.violations)",
        list(leave_out),
    )
    return [
        f"{v['id']}: {v['help']} {[n['html'][:160] for n in v['nodes'][:3]]}"
        for v in found
        if v["impact"] in ("serious", "critical")
    ]


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than the window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
