"""Signing in, being locked out, second factors, preferences, and the policy of every page."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client, override_settings

from core.csp import policy_of

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.core.site")]

WRONG = "wrong-password"


@pytest.fixture(autouse=True)
def no_memory_of_other_tests() -> None:
    """The limits on tries a minute are counted in the cache."""
    cache.clear()


@pytest.fixture
def people(cast: SimpleNamespace) -> SimpleNamespace:
    for person in vars(cast).values():
        person.set_password("right-password")
        person.save()
    return cast


def sign_in(client: Client, name: str, password: str = WRONG, **headers: str) -> Any:
    return client.post("/account/login/", {"login": name, "password": password}, headers=headers)


def test_user_name_or_address_open_the_door(client: Client, people: SimpleNamespace) -> None:
    assert sign_in(client, "sales", "right-password").url == "/"
    assert sign_in(Client(), "sales@example.it", "right-password").url == "/"


@pytest.mark.parametrize("spelling", ["sales", "SALES", " sales "])
def test_five_wrong_passwords_lock_the_door_for_that_name(
    client: Client, people: SimpleNamespace, spelling: str
) -> None:
    for _try in range(4):
        assert sign_in(client, "sales").status_code == 200
    assert sign_in(client, spelling).status_code == 429
    locked = sign_in(client, "sales", "right-password")
    assert locked.status_code == 429
    assert "_auth_user_id" not in client.session
    assert sign_in(client, "manager", "right-password").status_code == 302


def test_the_lock_speaks_the_readers_language(client: Client, people: SimpleNamespace) -> None:
    for _try in range(5):
        answer = sign_in(client, "sales", **{"Accept-Language": "it"})
    assert "Troppe password sbagliate" in answer.content.decode()


def test_a_right_password_forgets_the_wrong_ones(client: Client, people: SimpleNamespace) -> None:
    for _round in range(2):
        for _try in range(4):
            sign_in(client, "sales")
        assert sign_in(Client(), "sales", "right-password").status_code == 302


def test_hostile_names_are_no_accident(client: Client, people: SimpleNamespace) -> None:
    for name in ("\0", "x" * 5000, "' OR 1=1", "<b>"):
        assert sign_in(client, name).status_code == 200


def test_nobody_can_sign_up(client: Client) -> None:
    page = client.get("/account/signup/")
    assert 'name="password1"' not in page.content.decode()
    client.post(
        "/account/signup/",
        {"username": "eve", "email": "e@example.it", "password1": "x-long-pass", "password2": "x-long-pass"},
    )
    from people.models import User

    assert not User.objects.filter(username="eve").exists()


@override_settings(DEMO=True)
def test_a_demo_shows_its_users(client: Client, people: SimpleNamespace) -> None:
    text = client.get("/account/login/").content.decode()
    assert settings.DEMO_PASSWORD in text
    assert 'value="accountant"' in text


def test_outside_a_demo_no_password_is_shown(client: Client, people: SimpleNamespace) -> None:
    assert settings.DEMO_PASSWORD not in client.get("/account/login/").content.decode()


@pytest.mark.parametrize("path", ["2fa/", "2fa/totp/activate/", "2fa/webauthn/add/", "password/change/"])
def test_account_pages_open(client: Client, people: SimpleNamespace, path: str) -> None:
    sign_in(client, "sales", "right-password")
    page = client.get(f"/account/{path}", follow=True)
    if page.redirect_chain:  # what guards the account asks for the password once more
        url = page.redirect_chain[-1][0]
        assert url.startswith("/account/reauthenticate/")
        page = client.post(url, {"password": "right-password"}, follow=True)
    assert page.status_code == 200
    assert page.wsgi_request.path == f"/account/{path}"
    assert 'class="frame"' in page.content.decode()


def test_a_second_factor_is_asked_for(client: Client, people: SimpleNamespace) -> None:
    from allauth.mfa.totp.internal.auth import TOTP

    TOTP.activate(people.sales, "JBSWY3DPEHPK3PXP")
    answer = sign_in(client, "sales", "right-password")
    assert answer.url.startswith("/account/2fa/authenticate/")
    assert client.get("/leads/").status_code == 302


def test_preferences_are_kept_on_the_account(client: Client, people: SimpleNamespace) -> None:
    sign_in(client, "sales", "right-password")
    client.post("/preferences/", {"language": "it", "theme": "dark", "density": "compact", "next": "/leads/"})
    people.sales.refresh_from_db()
    assert (people.sales.language, people.sales.theme, people.sales.dense) == ("it", "dark", True)
    page = client.get("/leads/").content.decode()
    assert '<html lang="it"' in page
    assert 'data-bs-theme="dark"' in page
    assert 'data-density="compact"' in page


def test_preferences_of_the_unknown_are_cookies_and_nonsense_is_ignored(client: Client) -> None:
    answer = client.post("/preferences/", {"language": "it", "theme": "neon", "next": "//evil.example/"})
    assert answer.url == "/"
    assert set(answer.cookies) == {"django_language"}
    assert '<html lang="it"' in client.get("/account/login/").content.decode()
    assert client.get("/preferences/").status_code == 405


def test_every_page_forbids_inline_code_and_foreign_hosts(client: Client, people: SimpleNamespace) -> None:
    for path in ("/account/login/", "/nowhere/", "/leads/"):
        policy = policy_of(client.get(path))
        assert policy["script-src"] == policy["style-src"] == policy["default-src"] == "'self'"
        assert policy["frame-ancestors"] == "'none'"


def test_the_admin_has_a_policy_of_its_own(client: Client, people: SimpleNamespace) -> None:
    sign_in(client, "admin", "right-password")
    page = client.get("/admin/")
    assert page.status_code == 200
    policy = policy_of(page)
    assert "'unsafe-inline'" in policy["script-src"]
    assert policy["default-src"] == "'self'"
    assert "http" not in page.headers["Content-Security-Policy"]


@pytest.mark.parametrize(("path", "status"), [("/nowhere/", 404), ("/leads/?q=%00", 400)])
def test_error_pages_name_the_request(client: Client, people: SimpleNamespace, path: str, status: int) -> None:
    sign_in(client, "sales", "right-password")
    page = client.get(path)
    assert page.status_code == status
    assert page.headers["X-Request-ID"] in page.content.decode()


def test_an_accident_is_a_page_with_a_number(client: Client, people: SimpleNamespace) -> None:
    client.raise_request_exception = False
    page = client.get("/broken/")
    assert page.status_code == 500
    assert page.headers["X-Request-ID"] in page.content.decode()
