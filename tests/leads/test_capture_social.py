"""Lead forms of social networks: forged and broken notifications first; then a whole answer, asked of a server that speaks."""

import hashlib
import hmac
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.test import Client
from django.utils import timezone

from leads.models import Capture, Lead
from tests.factories import CampaignFactory, WebFormFactory
from tests.leads.capturing import take_in

pytestmark = pytest.mark.django_db

SECRET = "app-secret"
META = {
    "object": "page",
    "entry": [{"id": "7", "time": 1, "changes": [{"field": "leadgen", "value": {
        "leadgen_id": "444", "form_id": "555", "page_id": "7", "created_time": 1}}]}],
}  # fmt: skip
LINKEDIN = {
    "type": "LEAD_ACTION", "leadGenFormResponse": "urn:li:leadGenFormResponse:abc-1", "leadAction": "CREATED",
    "leadGenForm": "urn:li:versionedLeadGenForm:(urn:li:leadGenForm:3162,1)", "leadType": "SPONSORED", "occuredAt": 1,
}  # fmt: skip


@pytest.fixture(autouse=True)
def secrets(settings):
    settings.META_APP_SECRET = settings.LINKEDIN_CLIENT_SECRET = SECRET
    settings.META_VERIFY_TOKEN = "verify-me"
    settings.META_PAGE_TOKEN = settings.LINKEDIN_TOKEN = "our-token"


def mac(content: bytes, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()


def send(network, told=None, *, body=None, signature=None):
    raw = body if body is not None else json.dumps(told).encode()
    if network == "meta":
        headers = {"X-Hub-Signature-256": "sha256=" + mac(raw) if signature is None else signature}
    else:
        headers = {"X-LI-Signature": mac(b"hmacsha256=" + raw) if signature is None else signature}
    return Client().post(f"/social/{network}/", raw, content_type="application/json", headers=headers)


@contextmanager
def network(answers):
    """An interface that answers these paths, and to those only who know the token."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            told = answers.get(self.path.partition("?")[0])
            known = self.headers["Authorization"] == "Bearer our-token"
            self.send_response(200 if told is not None and known else 404)
            self.end_headers()
            self.wfile.write(told if isinstance(told, bytes) else json.dumps(told).encode())

        def log_message(self, *_args):
            return None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


# --- Refused --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["meta", "linkedin"])
def test_a_forged_notification_is_refused(name):
    told = META if name == "meta" else LINKEDIN
    for signature in ("", "x", "sha256=", "sha256=" + "0" * 64, mac(json.dumps(told).encode(), "other"), "é"):
        assert send(name, told, signature=signature).status_code == 401
    assert not Capture.objects.exists()


@pytest.mark.parametrize("name", ["meta", "linkedin"])
@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff", b"[]", b"7", b"null", b'{"entry": 7}', b'{"entry": [{"changes": [{"field": "leadgen"}]}]}',
     b'{"entry": [{"changes": [{"field": "leadgen", "value": {"leadgen_id": "../../x"}}]}]}', b"[" * 90_000,
     b'{"type": "LEAD_ACTION"}', b'{"type": "LEAD_ACTION", "leadGenFormResponse": "urn:x:a/b?c"}'],
)  # fmt: skip
def test_nonsense_with_the_right_signature_is_answered_and_changes_nothing(name, body):
    assert send(name, body=body).status_code in (200, 400)
    assert not Capture.objects.exists()


def test_without_a_secret_there_is_no_such_address(settings):
    settings.META_APP_SECRET = settings.LINKEDIN_CLIENT_SECRET = ""
    for path in ("/social/meta/", "/social/linkedin/"):
        assert Client().get(path).status_code == Client().post(path).status_code == 404


def test_meta_verifies_the_address():
    asked = {"hub.mode": "subscribe", "hub.verify_token": "verify-me", "hub.challenge": "1158201444"}
    response = Client().get("/social/meta/", asked)
    assert (response.status_code, response.content) == (200, b"1158201444")
    assert response["Content-Type"] == "text/plain"
    for wrong in ({"hub.verify_token": "x"}, {"hub.verify_token": "é"}, {"hub.mode": "x"}):
        assert Client().get("/social/meta/", asked | wrong).status_code == 403
    assert Client().get("/social/meta/").status_code == 403


def test_linkedin_verifies_the_address():
    response = Client().get("/social/linkedin/", {"challengeCode": "code-1"})
    assert response.json() == {"challengeCode": "code-1", "challengeResponse": mac(b"code-1")}
    assert Client().get("/social/linkedin/").status_code == 400


# --- Taken ----------------------------------------------------------------------------------------------------------------


def test_an_answer_of_meta_becomes_a_lead_of_its_forms_campaign(settings):
    form = WebFormFactory(external_id="555", campaign=CampaignFactory())
    answer = {"id": "444", "field_data": [
        {"name": "email", "values": ["ada@engine.example"]}, {"name": "full_name", "values": ["Ada Augusta Lovelace"]},
        {"name": "phone_number", "values": ["+39 02 5550100"]}, {"name": "quante_macchine?", "values": ["3"]}]}  # fmt: skip
    assert send("meta", META).json() == {"taken": 1}
    assert send("meta", META).status_code == 200, "they tell it again"
    with network({"/444": answer}) as url:
        settings.META_URL = url
        (capture,) = take_in()
    lead = Lead.objects.get()
    assert (capture.state, capture.form, lead.campaign) == ("taken", form, form.campaign)
    assert (lead.first_name, lead.last_name, lead.email, lead.phone) == (
        "Ada Augusta", "Lovelace", "ada@engine.example", "+39 02 5550100",
    )  # fmt: skip
    assert lead.attributes == {"quante_macchine?": "3"}
    (met,) = lead.touches.all()
    assert (met.channel, met.source, met.medium) == ("social", "facebook", "paid_social")


def test_an_answer_of_linkedin_becomes_a_lead(settings):
    questions = [
        {"questionId": 1, "predefinedField": "FIRST_NAME", "name": "First name"},
        {"questionId": 2, "predefinedField": "LAST_NAME", "name": "Cognome"},
        {"questionId": 3, "predefinedField": "EMAIL", "name": "E-mail"},
        {"questionId": 4, "name": "Impianto"},
    ]
    texts = {1: "Ada", 2: "Lovelace", 3: "ada@engine.example", 4: "Torre"}
    given = [{"questionId": n, "answerDetails": {"textQuestionAnswer": {"answer": text}}} for n, text in texts.items()]
    answer = {"formResponse": {"answers": given}, "form": {"id": 3162, "content": {"questions": questions}}}
    assert send("linkedin", LINKEDIN).json() == {"taken": 1}
    with network({"/leadFormResponses/abc-1": answer}) as url:
        settings.LINKEDIN_URL = url
        take_in()
    lead = Lead.objects.get()
    assert (lead.first_name, lead.last_name, lead.email, lead.attributes) == (
        "Ada", "Lovelace", "ada@engine.example", {"Impianto": "Torre"},
    )  # fmt: skip


@pytest.mark.parametrize("answer", [None, b"no json", {}, {"field_data": 7}, {"field_data": [{"values": []}]}])
def test_what_the_network_does_not_tell_is_asked_again_later(settings, answer):
    send("meta", META)
    with network({"/444": answer} if answer is not None else {}) as url:
        settings.META_URL = url
        (capture,) = take_in()
    assert (capture.state, capture.attempts, Lead.objects.count()) == ("received", 1, 0) and capture.why
    good = {"field_data": [{"name": "email", "values": ["ada@engine.example"]}]}
    Capture.objects.update(next_try_at=timezone.now())
    with network({"/444": good}) as url:
        settings.META_URL = url
        assert take_in()[0].state == "taken"


def test_without_a_token_it_says_so(settings):
    settings.META_PAGE_TOKEN = ""
    send("meta", META)
    assert "no token" in take_in()[0].why
