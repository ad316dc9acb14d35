"""Every page of the house in Chromium: readable by everybody (axe-core), no wider than a phone, silent in the console.

Pages alternate between light and dark, Italian and English. The addresses and the records are those of the table of access.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Error, Page

from core.models import Stateful
from people.models import User
from tests.architecture.addresses import address, named_urls
from tests.architecture.test_access_table import records, values
from tests.browser.conftest import Desk, overflow, serious
from tests.conftest import ROLE_NAMES

__all__ = ["records"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 360, "height": 780}
#: What answers with a file or data, or takes only POST.
NO_PAGES = ("_export", "_pdf", "_file", ":file", ":pick", "healthz", "readyz", ":preferences", "_accept", "_decline",
            "_complete", "_reopen", "_remove", "_act")  # fmt: skip
LOOKS = (("it", "light"), ("en", "dark"), ("en", "light"), ("it", "dark"))


class Inspector:
    """Looks at one page after another and keeps what is wrong with them."""

    def __init__(self, desk: Desk, axe: str, user: User | None = None) -> None:
        self.desk, self.axe, self.user = desk, axe, user
        self.page: Page = desk.page
        self.seen: list[str] = []
        self.wrong: list[str] = []

    def look(self, url: str) -> None:
        language, theme = LOOKS[len(self.seen) % len(LOOKS)]
        self.seen.append(url)
        if self.user is not None:
            User.objects.filter(pk=self.user.pk).update(language=language, theme=theme)
        self.page.set_viewport_size(WIDE)
        self.page.emulate_media(color_scheme=theme)
        heard = len(self.desk.complaints)
        where = f"{url} ({language}, {theme})"
        try:
            answer = self.page.goto(url, wait_until="load")
        except Error as error:
            self.wrong.append(f"{where}: {error.message.splitlines()[0]}")
            return
        if answer.status not in (200, 409):
            self.wrong.append(f"{where}: answered {answer.status}")
        self.wrong += [f"{where}: {found}" for found in serious(self.page, self.axe)]
        self.page.set_viewport_size(PHONE)
        if (wider := overflow(self.page)) > 0:
            self.wrong.append(f"{where}: {wider} px wider than a phone")
        said = [text for text in self.desk.complaints[heard:] if "status of 409" not in text]
        self.wrong += [f"{where}: console: {text}" for text in said]
        del self.desk.complaints[heard:]


def enter(desk: Desk, client: Any, base: str) -> None:
    """Carry the session of a test client into the browser: quicker than to sign in by hand for every role."""
    desk.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": base}])


def next_pages(found: dict[str, Any], user: User) -> Iterator[str]:
    """The forms of acts and hand-overs that are possible on these records now."""
    for record in {id(record): record for record in found.values() if isinstance(record, Stateful)}.values():
        record = type(record)._base_manager.get(pk=record.pk)
        yield from (step.url for step in record.next_steps(user) if step.allowed)


def test_every_page_looks_right(desks, cast_with_passwords, records, client_of, live_server, axe_source):
    admin = User.objects.get(username="admin")
    inspector = Inspector(desks(), axe_source, admin)
    enter(inspector.desk, client_of(admin), live_server.url)
    urls = [
        address(name, pattern, values(name, pattern, records))
        for name, pattern in named_urls()
        if not name.endswith(NO_PAGES)
    ]
    for url in dict.fromkeys([*urls, *next_pages(records, admin), "/search/?q=pompa"]):
        inspector.look(url)
    assert inspector.wrong == [], "\n".join(inspector.wrong)
    assert len(inspector.seen) > 90


def test_every_role_finds_a_home_that_looks_right(
    desks, cast_with_passwords, records, client_of, live_server, axe_source
):
    wrong: list[str] = []
    inspector = Inspector(desks(), axe_source)
    for role in ROLE_NAMES:
        inspector.user = getattr(cast_with_passwords, role)
        enter(inspector.desk, client_of(inspector.user), live_server.url)
        inspector.look("/")
        wrong += [f"{role}: {text}" for text in inspector.wrong]
        inspector.wrong.clear()
    assert wrong == []


def test_pages_without_an_account_and_of_the_account_look_right(
    desks, cast_with_passwords, records, client_of, live_server, axe_source
):
    visitor = Inspector(desks(), axe_source)
    quote = type(records["quote"]).objects.get(pk=records["quote"].pk)
    visitor.look("/account/login/")
    for language in ("it", "en"):
        visitor.look(f"/q/{quote.token}/?lang={language}")
    member = Inspector(desks(), axe_source, cast_with_passwords.pm)
    enter(member.desk, client_of(member.user), live_server.url)
    for url in ("/account/2fa/", "/account/password/change/", "/profile/", "/account/logout/"):
        member.look(url)
    assert visitor.wrong + member.wrong == []
