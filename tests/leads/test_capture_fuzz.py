"""Every public door, with bodies, headers and addresses that nobody would send: an answer each, and never a 500."""

import hashlib
import hmac
import json

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leads.capture import endpoint
from leads.models import Capture
from tests import brakes
from tests.factories import WebFormFactory
from tests.leads.capturing import newsletter, shown, take_in

pytestmark = pytest.mark.django_db
often = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)

TEXT = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        ["\0", "\ud800", "é" * 300, "<script>", "'; DROP TABLE x", "%s%(a)s", "{{ 7*7 }}", "1" * 400, "../..", "‮"]
    ),
)
NAMES = st.sampled_from(
    ["last_name", "email", "phone", "message", "consents", "touch", "first_touch", "_at", "_key", "x", ""]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES | TEXT, inner, max_size=5),
    max_leaves=12,
)
BODIES = st.one_of(st.binary(max_size=300), JSON.map(lambda value: json.dumps(value).encode()))
KINDS = st.sampled_from([
    "application/json", "application/json; charset=utf-16", "text/plain", "multipart/form-data; boundary=x",
    "multipart/form-data", "application/x-www-form-urlencoded", "application/x-www-form-urlencoded; charset=nonsense", "/", "",
])  # fmt: skip
PRINTABLE = st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=60)


@pytest.fixture
def form(settings):
    settings.META_APP_SECRET = settings.LINKEDIN_CLIENT_SECRET = settings.META_VERIFY_TOKEN = "s"
    made = WebFormFactory(sites=["https://www.shop.example"])
    newsletter(made)
    return made


def ok(response):
    assert response.status_code < 500, response.content[:300]


def after():
    """Whatever was taken in, the job digests it too; the brakes are let off."""
    brakes.release()
    take_in()
    assert not Capture.objects.filter(attempts__gt=0, state="received").exists()


@often
@given(body=BODIES, kind=KINDS, key=PRINTABLE, header=PRINTABLE, signed=st.booleans())
def test_the_endpoint(form, body, kind, key, header, signed):
    signature = endpoint.sign(form.secret, key=key.strip(), body=body) if signed else header
    headers = {"ZenCRM-Signature": signature, "Idempotency-Key": key}
    ok(Client().generic("POST", form.endpoint_url, body, content_type=kind, headers=headers))
    after()


@often
@given(data=st.dictionaries(NAMES | TEXT, JSON, max_size=6), known=st.booleans())
def test_the_endpoint_with_json_that_is_nearly_right(form, data, known):
    whole = {"last_name": "L", "email": "a@b.example"} | data if known else data
    body = json.dumps(whole).encode()
    headers = {"ZenCRM-Signature": endpoint.sign(form.secret, key="k", body=body), "Idempotency-Key": "k"}
    ok(Client().post(form.endpoint_url, body, content_type="application/json", headers=headers))
    after()


@often
@given(
    data=st.dictionaries(
        st.sampled_from(["last_name", "email", "phone", "message", "consent_newsletter", "_at", "_key", "_page", "_referrer",
                         "utm_source", "reference_code", "x"]),
        TEXT.filter(lambda text: "\ud800" not in text), max_size=9,
    ),
    stamped=st.booleans(), cookie=PRINTABLE, path=st.sampled_from(["", "embed/", "remember/"]),
)  # fmt: skip
def test_the_form(form, data, stamped, cookie, path):
    client = Client(HTTP_COOKIE=f"zencrm_touch={cookie}")  # as it comes: a jar of Python would refuse it
    sent = {"last_name": "L", "email": "a@b.example", **({"_at": shown(form)} if stamped else {}), **data}
    ok(client.post(f"{form.public_url}{path}", sent, HTTP_REFERER=cookie, HTTP_USER_AGENT=cookie))
    after()


@often
@given(body=BODIES, kind=KINDS, path=st.sampled_from(["", "embed/", "remember/", "thanks/", "embed/thanks/"]))
def test_the_form_with_anything(form, body, kind, path):
    ok(Client().generic("POST", f"{form.public_url}{path}", body, content_type=kind))
    after()


@often
@given(
    query=st.dictionaries(st.sampled_from(["utm_source", "utm_campaign", "lang", "x"]), TEXT, max_size=4),
    header=PRINTABLE,
)
def test_the_pages(form, query, header):
    asked = {name: text.encode("utf-8", "replace").decode() for name, text in query.items()}
    for path in ("", "embed/", "thanks/"):
        ok(Client().get(f"{form.public_url}{path}", asked, HTTP_REFERER=header, HTTP_ACCEPT_LANGUAGE=header))


@often
@given(token=st.text(st.characters(blacklist_characters="/?#", blacklist_categories=("Cs",)), min_size=1, max_size=80))
def test_the_links(form, token):
    from urllib.parse import quote

    for path in (f"/f/confirm/{quote(token)}/", f"/f/{quote(token)}/", f"/capture/{quote(token)}/"):
        ok(Client().get(path))
        ok(Client().post(path, b"x", content_type="text/plain"))


@often
@given(body=BODIES, header=PRINTABLE, signed=st.booleans(), query=PRINTABLE)
def test_the_webhooks_of_networks(form, body, header, signed, query):
    meta = "sha256=" + hmac.new(b"s", body, hashlib.sha256).hexdigest() if signed else header
    linkedin = hmac.new(b"s", b"hmacsha256=" + body, hashlib.sha256).hexdigest() if signed else header
    headers = {"X-Hub-Signature-256": meta, "X-LI-Signature": linkedin}
    for path in ("/social/meta/", "/social/linkedin/"):
        ok(Client().post(path, body, content_type="application/json", headers=headers))
        ok(Client().get(path, {"challengeCode": query, "hub.mode": "subscribe", "hub.verify_token": query}))
