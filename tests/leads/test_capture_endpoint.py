"""The signed endpoint: forgers, replays and nonsense first; then what honest programs send, once however often they send it."""

import time

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from leads.capture import endpoint, receiving
from leads.models import Capture, Lead
from tests import brakes
from tests.factories import CampaignFactory, WebFormFactory
from tests.leads.capturing import ADA, newsletter, post, take_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("calm")]


@pytest.fixture
def form():
    return WebFormFactory()


def refused(response, status):
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    assert not Capture.objects.exists()


# --- Refused --------------------------------------------------------------------------------------------------------------


def test_a_forged_signature_is_refused(form):
    other = WebFormFactory()
    body = b'{"email": "a@b.example"}'
    for signature in (
        "", "t=1", "v1=abc", "t=x,v1=y", "=,=", f"t={int(time.time())},v1={'0' * 64}", "t=99999999999999999999,v1=é",
        endpoint.sign(other.secret, key="k", body=body), endpoint.sign(form.secret, key="k", body=body + b" "),
    ):  # fmt: skip
        refused(post(form, body=body, key="k", signature=signature), 401)


def test_a_key_cannot_be_put_under_a_signature_that_somebody_has_seen(form):
    body = b'{"last_name": "L", "email": "a@b.example"}'
    signature = endpoint.sign(form.secret, key="one", body=body)
    refused(post(form, body=body, key="two", signature=signature), 401)


@pytest.mark.parametrize("seconds", [-3600, -301, 310, 86400])
def test_an_old_signature_is_refused(form, seconds):
    body = b'{"last_name": "L", "email": "a@b.example"}'
    signature = endpoint.sign(form.secret, key="k", body=body, at=int(time.time()) + seconds)
    refused(post(form, body=body, key="k", signature=signature), 401)


def test_who_guesses_signatures_is_asked_to_wait(form):
    brakes.whole_minute()
    for _turn in range(endpoint.WRONG):
        refused(post(form, signature="t=1,v1=x"), 401)
    refused(post(form, signature="t=1,v1=x"), 429)
    assert post(form).status_code == 202, "a right one is heard meanwhile"


def test_an_oversized_body_is_not_even_read(form):
    refused(post(form, body=b'{"a": "' + b"x" * receiving.MOST_BYTES + b'"}'), 413)


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]
)
def test_another_content_type_is_refused(form, kind):
    refused(post(form, content_type=kind), 415)


@pytest.mark.parametrize(
    "body", [b" ", b"{", b"\xff\xfe{}", b'{"email": "\xc3\x28"}', b"[" * 50_000, b"NaN x", b"{'a': 1}"]
)
def test_what_is_no_json_is_refused(form, body):
    refused(post(form, body=body), 400)


@pytest.mark.parametrize("data", [[], [1], "x", 7, None, True])
def test_what_is_no_object_is_refused(form, data):
    body = {None: b"null"}.get(data) if data is None else None
    refused(post(form, data, body=body), 422)


@pytest.mark.parametrize(
    ("data", "named"),
    [
        ({}, "last_name"),
        ({**ADA, "email": "nobody"}, "email"),
        ({**ADA, "email": {"a": [1]}}, "email"),
        ({**ADA, "last_name": ["x"]}, "last_name"),
        ({**ADA, "last_name": "x" * 81}, "last_name"),
        ({**ADA, "last_name": "a\0b"}, "last_name"),
        ({**ADA, "budget": {"deep": {"er": []}}}, "budget"),
        ({**ADA, "consents": ["newsletter"]}, "consents"),
        ({**ADA, "consents": {"unknown": True}}, "consents"),
    ],
)
def test_wrong_values_are_named(form, data, named):
    response = post(form, data)
    refused(response, 422)
    assert named in response.json()["errors"]


@pytest.mark.parametrize("key", ["", "x" * 151, "é", "a\tb"])
def test_a_key_is_needed(form, key):
    body = b'{"last_name": "L", "email": "a@b.example"}'
    refused(post(form, body=body, key=key, signature=endpoint.sign(form.secret, key=key, body=body)), 400)


def test_only_active_forms_have_a_door(form):
    form.active = False
    form.save()
    refused(post(form), 404)
    refused(Client().post("/capture/no-such-form/", b"{}", content_type="application/json"), 404)


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete", "options", "head"])
def test_other_methods_are_refused(form, method):
    response = getattr(Client(), method)(form.endpoint_url)
    assert (response.status_code, response["Allow"]) == (405, "POST")


# --- Taken ----------------------------------------------------------------------------------------------------------------


def test_a_program_sends_a_lead(form):
    form.campaign, form.source = CampaignFactory(), "Partner"
    form.save()
    touch = {"utm_source": "partner", "utm_medium": "referral", "referrer": "https://p.example/a", "page": "/prezzi"}
    response = post(form, {**ADA, "employees": 40, "touch": touch}, REMOTE_ADDR="192.0.2.7")
    assert response.status_code == 202 and response.json()["replayed"] is False
    (capture,) = take_in()
    lead = Lead.objects.get()
    assert (capture.state, capture.lead, capture.ip) == ("taken", lead, "192.0.2.7")
    assert (lead.last_name, lead.email, lead.source, lead.campaign) == (
        "Lovelace", "ada@engine.example", "Partner", form.campaign,
    )  # fmt: skip
    assert lead.attributes == {"employees": "40"}
    (met,) = lead.touches.all()
    assert (met.channel, met.source, met.medium, met.referrer, met.page, met.campaign, met.form, met.capture) == (
        "endpoint", "partner", "referral", "https://p.example/a", "/prezzi", form.campaign, form, capture,
    )  # fmt: skip


def test_the_same_key_creates_nothing_more(form):
    first = post(form, key="k")
    again = post(form, key="k")
    assert (again.status_code, again.json()) == (200, {"id": first.json()["id"], "replayed": True})
    take_in()
    assert post(form, key="k").status_code == 200
    take_in()
    assert (Capture.objects.count(), Lead.objects.count()) == (1, 1)


def test_a_key_means_one_submission(form):
    post(form, key="k")
    response = post(form, {**ADA, "email": "other@engine.example"}, key="k")
    assert (response.status_code, Capture.objects.count()) == (409, 1)


def test_a_key_is_the_forms_own(form):
    assert post(form, key="k").status_code == post(WebFormFactory(), key="k").status_code == 202


def test_html_is_kept_as_the_text_it_is_and_shown_as_such(form, cast, client_of):
    post(form, {**ADA, "last_name": "<script>alert(1)</script>"})
    take_in()
    lead = Lead.objects.get()
    page = client_of(cast.marketing).get(lead.get_absolute_url()).content.decode()
    assert lead.last_name == "<script>alert(1)</script>" and "<script>alert(1)" not in page


def test_consents_are_versions_of_words(form):
    text = newsletter(form)
    post(form, {**ADA, "consents": {"newsletter": True}})
    take_in()
    (said,) = text.purpose.consents.all()
    assert (said.given, said.text, said.subject, said.source) == (True, text, Lead.objects.get(), "form")


def test_a_request_writes_one_row_and_asks_nothing_else(form):
    post(form)
    with CaptureQueriesContext(connection) as captured:
        assert post(form).status_code == 202
    (query,) = captured
    assert "INSERT INTO leads_capture" in query["sql"]
