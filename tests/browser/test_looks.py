"""Every page of the house in Chromium: readable by everybody (axe-core), no wider than a phone, silent in the console.

Pages alternate between light and dark, Italian and English, a desk's and a phone's window; those that stand for a kind are
looked at in all of them. The addresses and the records are those of the table of access.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Error, Page

from core.models import File, Stateful
from people.models import User
from quotes.models import Quote
from tests.architecture.addresses import address, named_urls
from tests.architecture.test_access_table import records, values
from tests.browser.conftest import PASSWORD, Desk, overflow, real, serious
from tests.conftest import ROLE_NAMES
from tests.factories import ImportRunFactory, QuoteFactory

__all__ = ["records"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 360, "height": 780}
#: What answers with a file, data or a fragment, or takes only POST.
NO_PAGES = ("_export", "_pdf", "_file", "_duplicates", ":file", ":pick", ":bell", ":people", ":calendar_feed", "healthz",
            "readyz", ":preferences", "_accept", "_decline", "_complete", "_reopen", "_remove", "_act",
            "_revoke", "retention_now", "_test", "_secret", "_progress", "_errors", ":notification", "view_create", "view_edit",
            "view_keep", "view_move", "view_delete", ":tag_delete", "merge_undo", "s_dismiss", "_trial", ":mail_opened",
            ":mail_click", ":mail_choices", ":mail_unsubscribe", ":form_remember", ":social_meta",
            ":social_linkedin", ":capture_endpoint", "score_learn", "score_use", "_vies", "_take", "cost_delete",
            "ruleset_use", "_discard", "rule_move")  # fmt: skip
FRAME = ("nav.side", "header.topbar")
LOOKS = (("it", "light", WIDE), ("en", "dark", PHONE), ("en", "light", PHONE), ("it", "dark", WIDE))
ACCOUNT = ("2fa/", "2fa/totp/deactivate/", "2fa/recovery-codes/", "2fa/recovery-codes/generate/", "2fa/totp/activate/",
           "2fa/webauthn/", "2fa/webauthn/add/", "password/change/", "email/", "logout/", "reauthenticate/",
           "inactive/")  # fmt: skip
ADMIN = ("", "orders/salesorder/", "leads/lead/add/", "quotes/quote/", "leads/lead/", "core/event/", "people/user/",
         "people/user/add/", "invoicing/invoice/", "parties/company/", "leads/lead/import/", "axes/accesslog/")  # fmt: skip

#: What a page fetches by itself is there, and what a script draws: of the API's description the head.
READY = "() => !document.querySelector('.htmx-request, #api-docs:not(:has(.info .title))')"


class Inspector:
    """Looks at one page after another and keeps what is wrong with them."""

    def __init__(self, desk: Desk, axe: str, base: str) -> None:
        self.desk, self.axe, self.base = desk, axe, base
        self.page: Page = desk.page
        self.user: User | None = None
        self.seen: list[str] = []
        self.wrong: list[str] = []

    def look(self, url: str, status: tuple[int, ...] = (200, 409)) -> None:
        """Open the page in the next look, and judge it."""
        where = self._turn(url)
        try:
            answer = self.page.goto(url, wait_until="load")
            self.page.wait_for_function(READY)
        except Error as error:
            self.wrong.append(f"{where}: {error.message.splitlines()[0]}")
            return
        if answer.status not in status:
            self.wrong.append(f"{where}: answered {answer.status}")
        self.judge(where)

    def look_all_ways(self, url: str) -> None:
        for _look in LOOKS:
            self.look(url)

    def be(self, user: User) -> None:
        """Go on as this user. The session comes from a test client: nobody types a password."""
        client = Client()
        client.force_login(user, backend="people.backends.RoleBackend")
        session = client.cookies["sessionid"].value
        self.desk.context.add_cookies([{"name": "sessionid", "value": session, "url": self.base}])
        self.user = user

    def judge(self, where: str, but: str = "nothing") -> None:
        """What is wrong with the page that is open. The console may say `but`."""
        known = FRAME if len(self.seen) > len(LOOKS) else ()  # the same on every page: seen in every look by then
        self.wrong += [f"{where}: {found}" for found in serious(self.page, self.axe, leave_out=known)]
        self.page.set_viewport_size(PHONE)
        if (wider := overflow(self.page)) > 0:
            self.wrong.append(f"{where}: {wider} px wider than a phone")
        self.wrong += [f"{where}: console: {text}" for text in real(self.desk.complaints) if but not in text]
        self.desk.complaints.clear()

    @property
    def next_look(self) -> tuple[str, Any, Any]:
        return LOOKS[len(self.seen) % len(LOOKS)]

    def _turn(self, url: str) -> str:
        language, theme, size = self.next_look
        self.seen.append(url)
        if self.user is not None:
            User.objects.filter(pk=self.user.pk).update(language=language, theme=theme)
        self.page.set_viewport_size(size)
        self.page.emulate_media(color_scheme=theme)
        return f"{url} ({language}, {theme}, {size['width']} px)"

    def content(self) -> None:
        assert self.wrong == [], "\n".join(self.wrong)


@pytest.fixture
def inspector_of(desks: Any, live_server: Any, axe_source: str) -> Any:
    """`inspector_of(user)` looks at pages as that user."""

    def inspector(user: User | None = None) -> Inspector:
        made = Inspector(desks(), axe_source, live_server.url)
        if user is not None:
            made.be(user)
        return made

    return inspector


def login(page: Page, name: str, password: str) -> None:
    page.goto("/account/login/")
    page.fill("[name=login]", name)
    page.fill("[name=password]", password)
    with page.expect_navigation():
        page.press("[name=password]", "Enter")


def next_pages(found: dict[str, Any], user: User) -> Iterator[str]:
    """The forms of acts and hand-overs that are possible on these records now."""
    for record in {id(record): record for record in found.values() if isinstance(record, Stateful)}.values():
        record = type(record)._base_manager.get(pk=record.pk)
        yield from (step.url for step in record.next_steps(user) if step.allowed)


def test_every_page_looks_right(cast, records, inspector_of):
    inspector = inspector_of(cast.admin)
    urls = [
        address(name, pattern, values(name, pattern, records))
        for name, pattern in named_urls()
        if not name.endswith(NO_PAGES) and (not name.startswith("api:") or name == "api:docs")
    ]
    for url in dict.fromkeys([*urls, *next_pages(records, cast.admin), "/search/?q=pompa"]):
        inspector.look(url)
    inspector.content()
    assert len(inspector.seen) > 90


def test_each_kind_of_page_looks_right_in_every_light(cast, records, inspector_of):
    inspector = inspector_of(cast.admin)
    quote = Quote.objects.get(pk=records["quote"].pk)
    draft = QuoteFactory(owner=cast.sales, state="draft")
    kinds = ("/leads/", "/leads/?q=nothing-like-it", "/leads/board/", quote.get_absolute_url(), draft.edit_url)
    for url in (*kinds, "/styleguide/", "/api/v1/docs/"):
        inspector.look_all_ways(url)
    inspector.page.goto("/leads/new/")
    with inspector.page.expect_navigation():
        inspector.page.get_by_role("button", name="Salva").click()
    inspector.judge("a form with errors")
    inspector.content()


def test_the_words_of_an_import_look_right(cast, inspector_of):
    content = b"Azienda,Stato\nAlfa,Cliente perso\nBeta,Boh\nGamma,Nuovo\n"
    file = File.store(name="fiera.csv", mime="text/csv", content=content)
    columns = {"Azienda": {"field": "company_name", "format": ""}, "Stato": {"field": "state", "format": ""}}
    mapping = {"columns": columns, "key": "", "blanks": [], "rest": False}
    run = ImportRunFactory(owner=cast.admin, name="fiera.csv", file=file, mapping=mapping, total=3)
    inspector = inspector_of(cast.admin)
    inspector.look_all_ways(f"/imports/{run.pk}/words/")
    assert inspector.page.locator("select").count() == 3
    inspector.content()


def test_every_role_finds_a_home_that_looks_right(cast, records, inspector_of):
    inspector = inspector_of(cast.sales)
    for role in ROLE_NAMES:
        inspector.be(getattr(cast, role))
        inspector.look("/")
    inspector.content()


def test_pages_without_an_account_look_right(db, records, inspector_of, client):
    visitor = inspector_of()
    visitor.look("/account/login/")
    for state in ("sent", "accepted", "declined", "expired", "superseded"):
        quote = QuoteFactory(state=state, sent_at=timezone.now())
        visitor.look(f"/q/{quote.token}/?lang={visitor.next_look[0]}")
    visitor.look("/q/no-such-offer/", status=(404,))
    for _attempt in range(5):
        client.post("/account/login/", {"login": "mario", "password": "wrong"}, headers={"user-agent": "x"})
    login(visitor.page, "mario", "wrong")
    assert visitor.page.locator("[name=password]").count() == 0
    visitor.judge("locked out", but="status of 429")
    visitor.content()


def test_pages_of_the_account_and_refusals_look_right(cast_with_passwords, records, inspector_of):
    """The second factor too: with a password only, every page of it first asks for the password again."""
    user = cast_with_passwords.care
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(user, secret)
    RecoveryCodes.activate(user)
    member = inspector_of()
    login(member.page, user.username, PASSWORD)
    member.judge("asked for a code")
    code = totp.format_hotp_value(totp.hotp_value(secret, next(totp.yield_hotp_counters_from_time())))
    member.page.fill("[name=code]", code)
    with member.page.expect_navigation():
        member.page.press("[name=code]", "Enter")
    member.user = user
    for page in ACCOUNT:
        member.look(f"/account/{page}")
    for url, status in (("/profile/", 200), ("/invoices/new/", 403), ("/nothing-here/", 404), ("/cases/?q=%00", 400)):
        member.look(url, status=(status,))
    member.content()


def test_the_admin_looks_right(cast, records, inspector_of):
    inspector = inspector_of(cast.admin)
    order = records["order"]
    for page in (*ADMIN, f"orders/salesorder/{order.pk}/change/", f"parties/company/{records['company'].pk}/change/"):
        inspector.look(f"/admin/{page}")
    inspector.content()
