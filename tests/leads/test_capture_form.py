"""The hosted form: bots and nonsense first; then what people send, in a frame or from elsewhere too."""

import pytest
from django.test import Client

from core.csp import policy_of
from leads.capture import attribution, bots
from leads.models import Capture, Lead
from tests import brakes
from tests.factories import CampaignFactory, WebFormFactory
from tests.leads.capturing import ADA, fill_in, newsletter, shown, take_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("calm")]


@pytest.fixture
def form():
    return WebFormFactory()


# --- Bots -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        ({bots.TRAP: "SEO"}, "honeypot"),
        ({"_at": "now"}, "too_fast"),
        ({"_at": "x:1:abc"}, "forged"),
        ({"message": "www.a.example http://b.example https://c.example [url=d]"}, "links"),
        ({"last_name": "win at http://x.example"}, "links"),
    ],
)
def test_a_program_is_stopped_and_learns_nothing(form, sent, why):
    if sent.get("_at") == "now":
        sent["_at"] = shown(form, 0.5)
    response = fill_in(form, **sent)
    assert (response.status_code, response["Location"]) == (302, f"{form.public_url}thanks/")
    (capture,) = take_in()
    assert (capture.state, capture.why, capture.payload["fields"]["email"]) == ("stopped", why, ADA["email"])
    assert not Lead.objects.exists()


def test_a_time_of_another_form_is_forged(form):
    fill_in(form, _at=shown(WebFormFactory()))
    assert Capture.objects.get().why == "forged"


def test_many_from_one_place_are_asked_to_wait(form):
    brakes.whole_minute()
    answers = [fill_in(form, email=f"{n}@x.example").status_code for n in range(bots.FROM_ONE + 2)]
    assert answers == [302] * bots.FROM_ONE + [429] * 2
    assert list(Capture.objects.values_list("state", flat=True)).count("stopped") == 2
    assert fill_in(form, REMOTE_ADDR="198.51.100.4").status_code == 302, "others are heard"


def test_of_a_flood_nothing_is_kept(form):
    brakes.whole_minute()
    for n in range(bots.FROM_ONE * bots.FLOOD + 3):
        fill_in(form, email=f"{n}@x.example")
    assert Capture.objects.count() == bots.FROM_ONE * bots.FLOOD


def test_plain_html_has_no_time_and_a_tighter_brake(form):
    brakes.whole_minute()
    answers = [fill_in(form, _at="", _key="").status_code for _turn in range(bots.FROM_ONE_PLAIN + 1)]
    assert answers == [302] * bots.FROM_ONE_PLAIN + [429]


def test_an_ipv6_network_is_one_place():
    assert (
        bots.neighbourhood("2001:db8::1") == bots.neighbourhood("2001:db8::ffff") != bots.neighbourhood("2001:db9::1")
    )


# --- Nonsense -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("text/plain", b"x", 415),
        ("application/json", b"{}", 415),
        ("application/x-www-form-urlencoded", b"a=" + b"x" * 70_000, 413),
        ("application/x-www-form-urlencoded", b"last_name=%ff%fe&email=%00", 422),
        ("application/x-www-form-urlencoded", b"&".join(b"f%d=1" % n for n in range(6_000)), 400),
        ("multipart/form-data", b"no boundary", 400),
        ("multipart/form-data; boundary=x", b"--x\r\nbroken", 422),
    ],
)
def test_nonsense_gets_an_answer_and_no_row(form, kind, body, status):
    assert Client().post(form.public_url, body, content_type=kind).status_code == status
    assert not Capture.objects.exists()


def test_wrong_values_stand_beside_their_fields_and_nothing_typed_is_lost(form):
    response = fill_in(form, email="nobody", message="<b>Hello</b>")
    page = response.content.decode()
    assert response.status_code == 422 and not Capture.objects.exists()
    assert "Enter a valid email address" in page and "&lt;b&gt;Hello&lt;/b&gt;" in page and 'value="nobody"' in page


@pytest.mark.parametrize("path", ["", "thanks/", "embed/", "embed/thanks/"])
def test_a_form_out_of_use_has_no_page(form, path):
    assert Client().get(f"{form.public_url}{path}").status_code == 200
    form.active = False
    form.save()
    assert Client().get(f"{form.public_url}{path}").status_code == 404


# --- People ---------------------------------------------------------------------------------------------------------------


def test_somebody_asks_for_a_quote(form):
    form.campaign, form.source = CampaignFactory(), "Modulo preventivi"
    form.save()
    response = fill_in(form, HTTP_USER_AGENT="Firefox", REMOTE_ADDR="192.0.2.8")
    assert response.status_code == 302
    (capture,) = take_in()
    lead = Lead.objects.get()
    assert (capture.state, capture.ip, capture.agent, capture.channel) == ("taken", "192.0.2.8", "Firefox", "form")
    assert (lead.last_name, lead.message, lead.source, lead.campaign, lead.language, lead.owner) == (
        "Lovelace", "How much is it?", "Modulo preventivi", form.campaign, "en", None,
    )  # fmt: skip
    assert [touch.channel for touch in lead.touches.all()] == ["form"]


def test_a_double_click_is_one_submission_and_a_correction_another(form):
    for email in ("ada@engine.example", "ada@engine.example", "ada@right.example"):
        assert fill_in(form, _key="shown-once", email=email).status_code == 302
    assert Capture.objects.count() == 2


def test_no_cookie_and_no_token_are_needed_from_another_site(form):
    client = Client(enforce_csrf_checks=True)
    response = client.post(
        form.public_url, ADA, HTTP_REFERER="https://shop.example/contatti", HTTP_ORIGIN="https://shop.example"
    )
    assert response.status_code == 302 and not client.cookies
    take_in()
    assert Lead.objects.get().touches.get().page == "https://shop.example/contatti"


def test_the_thank_you_page_may_be_elsewhere(form):
    form.thanks_url = "https://www.shop.example/grazie?x=1"
    form.save()
    assert fill_in(form)["Location"] == form.thanks_url
    assert "https://www.shop.example" in policy_of(Client().get(form.public_url))["form-action"]


def test_a_consent_is_kept_with_words_time_and_place(form):
    text = newsletter(form)
    page = Client().get(form.public_url).content.decode()
    assert "I agree" in page and 'name="consent_newsletter" value="1"' in page and "checked" not in page
    fill_in(form, consent_newsletter="1", REMOTE_ADDR="192.0.2.8")
    (capture,) = take_in()
    (said,) = text.purpose.consents.all()
    assert (said.text, said.ip, said.at, said.source, said.email) == (
        text, "192.0.2.8", capture.received_at, "form", "ada@engine.example",
    )  # fmt: skip


@pytest.mark.parametrize("version", ["0", "2", "-1", "x", "9" * 30, ""])
def test_words_that_never_were_are_no_consent(form, version):
    text = newsletter(form)
    fill_in(form, consent_newsletter=version, consent_other="1")
    take_in()
    assert Lead.objects.exists() and not text.purpose.consents.exists()


# --- Frames ---------------------------------------------------------------------------------------------------------------


def test_only_named_sites_may_frame_the_form_and_only_there(form):
    form.sites = ["https://www.shop.example"]
    form.save()
    for path in ("embed/", "embed/thanks/"):
        framed = Client().get(f"{form.public_url}{path}")
        assert policy_of(framed)["frame-ancestors"] == "https://www.shop.example"
        assert "X-Frame-Options" not in framed
    for path in ("", "thanks/"):
        response = Client().get(f"{form.public_url}{path}")
        assert (policy_of(response)["frame-ancestors"], response["X-Frame-Options"]) == ("'none'", "DENY")


def test_without_named_sites_nobody_may(form):
    response = Client().get(f"{form.public_url}embed/")
    assert (policy_of(response)["frame-ancestors"], response["X-Frame-Options"]) == ("'none'", "DENY")
    response = fill_in(form, path=f"{form.public_url}embed/")
    assert response["Location"] == f"{form.public_url}embed/thanks/"


# --- Where they came from -------------------------------------------------------------------------------------------------

NEWS = "?utm_source=news&utm_medium=email&utm_campaign=Spring&utm_term=pumps&utm_content=top"


def landing(client, form, query="", referrer=""):
    return client.get(f"{form.public_url}{query}", **({"HTTP_REFERER": referrer} if referrer else {}))


def test_without_a_yes_nothing_is_stored_beyond_the_submission(form):
    client = Client()
    page = landing(client, form, NEWS, "https://search.example/?q=x").content.decode()
    assert not client.cookies and "May we remember" in page
    assert 'name="utm_source" value="news"' in page and 'value="https://search.example/?q=x"' in page
    client.post(f"{form.public_url}remember/", {"answer": "no", "utm_source": "news"})
    landing(client, form, "?utm_source=ads")
    assert not any(cookie.value for cookie in client.cookies.values())
    fill_in(form, client, utm_source="ads")
    take_in()
    assert [touch.source for touch in Lead.objects.get().touches.all()] == ["ads"]


def test_with_a_yes_the_first_and_the_last_touch_are_known(form):
    """They land by a newsletter, look at three pages, come back by an advertisement, and write."""
    spring = CampaignFactory(name="Spring")
    client, others = Client(), [WebFormFactory() for _n in range(3)]
    landing(client, form, NEWS)
    client.post(f"{form.public_url}remember/", {"answer": "yes", "utm_source": "news", "utm_campaign": "spring"})
    for other in others:
        landing(client, other)
    landing(client, form, "?utm_source=ads&utm_medium=cpc")
    fill_in(form, client, utm_source="ads", utm_medium="cpc")
    (capture,) = take_in()
    met = list(Lead.objects.get().touches.in_order())
    assert [(t.channel, t.source, t.campaign) for t in met[:1]] == [("page", "news", spring)]
    assert (met[-1].channel, met[-1].source, met[-1].medium, met[-1].at) == ("form", "ads", "cpc", capture.received_at)


@pytest.mark.parametrize("value", ["", "x", "a:b:c", "é" * 50, "eyJmaXJzdCI6e319:1abc:zzz"])
def test_a_forged_cookie_is_no_cookie(form, value):
    client = Client()
    client.cookies[attribution.COOKIE] = value
    assert landing(client, form, NEWS).status_code == 200
    fill_in(form, client)
    assert "first" not in Capture.objects.get().payload


def test_a_yes_is_taken_back_on_the_same_page(form):
    client = Client()
    client.post(f"{form.public_url}remember/", {"answer": "yes", "utm_source": "news"})
    assert "Forget it" in landing(client, form).content.decode()
    client.post(f"{form.public_url}remember/", {"answer": "no"})
    assert not client.cookies[attribution.COOKIE].value
