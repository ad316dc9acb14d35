"""The customer's page."""

import hashlib
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.models import Delivery, Event
from quotes.models import Quote
from quotes.services import revise_quote, send_quote
from tests import brakes
from tests.factories import QuoteFactory

pytestmark = pytest.mark.django_db
YES = {"accept-signer_name": "Anna Neri", "accept-signer_email": "anna@cliente.example", "accept-consent": "on"}


@pytest.fixture(autouse=True)
def no_brake_left_over() -> None:
    cache.clear()


@pytest.fixture
def sent(cast: Any) -> Any:
    """A quote really sent, so with its PDF."""
    quote = QuoteFactory(state="approved", owner=cast.sales, language="it")
    send_quote(quote=quote, by=cast.sales)
    return quote


def url(quote: Any, what: str = "") -> str:
    return reverse(f"quotes:public{what and '_' + what}", args=[quote.token])


def test_the_offer_can_be_read_without_an_account(client, sent):
    response = client.get(url(sent))
    page = response.content.decode()
    assert response.status_code == 200
    assert sent.title in page and "2.440,00" in page and "Accetta" in page
    assert 'lang="it"' in page
    assert response["Referrer-Policy"] == "no-referrer"
    assert "noindex" in response["X-Robots-Tag"]
    assert "no-store" in response["Cache-Control"]
    assert "unsafe-inline" not in response["Content-Security-Policy"]
    assert "<script" not in page and "style=" not in page


def test_language_can_be_switched_and_stays(client, sent):
    page = client.get(url(sent), {"lang": "en"}).content.decode()
    assert "Accept the offer" in page and "€2,440.00" in page
    response = client.post(url(sent, "decline") + "?lang=en", {"decline-reason": "No"})
    assert response["Location"].endswith("?lang=en")
    assert client.get(url(sent), {"lang": "xx"}).status_code == 200


@pytest.mark.parametrize("state", ["draft", "pending_approval", "approved"])
def test_what_was_never_sent_has_no_page(client, state):
    quote = QuoteFactory(state=state)
    for what in ("", "pdf"):
        assert client.get(url(quote, what)).status_code == 404
    for what in ("accept", "decline"):
        assert client.post(url(quote, what), YES).status_code == 404


def test_superseded_before_it_was_sent_has_no_page(client, cast):
    quote = QuoteFactory(state="approved", owner=cast.sales)
    revise_quote(quote=quote, by=cast.sales)
    assert client.get(url(quote)).status_code == 404


def test_the_pdf_is_the_one_that_was_sent(client, sent):
    response = client.get(url(sent, "pdf"))
    assert hashlib.sha256(response.content).hexdigest() == sent.pdf.sha256
    assert response["Content-Type"] == "application/pdf"
    assert response["Referrer-Policy"] == "no-referrer"


def test_accepting_keeps_the_proof(client, sent):
    response = client.post(url(sent, "accept"), YES, headers={"user-agent": "Firefox\x7f 1" + "x" * 500})
    assert response.status_code == 302
    sent.refresh_from_db()
    assert (sent.state, sent.signer_name, sent.signer_email) == ("accepted", "Anna Neri", "anna@cliente.example")
    assert sent.signer_ip == "127.0.0.1"
    assert sent.signer_agent.startswith("Firefox 1x") and len(sent.signer_agent) == 300
    assert sent.accepted_sha256 == hashlib.sha256(client.get(url(sent, "pdf")).content).hexdigest()
    assert timezone.now() - sent.answered_at < timedelta(minutes=1)
    event = Event.objects.about(sent).first()
    assert (event.name, event.actor_name, event.actor) == ("quote.accepted", "Anna Neri", None)


def test_a_quote_sent_by_other_means_is_printed_before_it_is_accepted(client):
    quote = QuoteFactory(state="sent")
    shown = client.get(url(quote, "pdf")).content
    assert client.get(url(quote, "pdf")).content == shown
    client.post(url(quote, "accept"), YES)
    quote.refresh_from_db()
    assert quote.accepted_sha256 == quote.pdf.sha256 == hashlib.sha256(shown).hexdigest()


def test_after_accepting_there_is_no_form_and_no_second_time(client, sent):
    client.post(url(sent, "accept"), YES)
    page = client.get(url(sent)).content.decode()
    assert "Anna Neri" in page and sent.pdf.sha256 in page and "<form" not in page
    response = client.post(url(sent, "accept"), YES | {"accept-signer_name": "Eva"})
    assert response.status_code == 409
    assert "troppo tardi" in response.content.decode()
    sent.refresh_from_db()
    assert sent.signer_name == "Anna Neri"
    assert client.post(url(sent, "decline"), {"decline-reason": "Anzi no"}).status_code == 409


@pytest.mark.parametrize("missing", list(YES))
def test_every_fact_is_needed_and_nothing_typed_is_lost(client, sent, missing):
    response = client.post(url(sent, "accept"), {k: v for k, v in YES.items() if k != missing})
    page = response.content.decode()
    assert response.status_code == 422
    assert f"id_{missing}_error" in page
    assert missing == "accept-signer_name" or 'value="Anna Neri"' in page
    sent.refresh_from_db()
    assert sent.state == "sent"


@pytest.mark.parametrize(
    "facts",
    [
        {"accept-signer_name": "An\0na"},
        {"accept-signer_name": "x" * 100_000},
        {"accept-signer_email": "no address"},
        {"accept-signer_email": "a" * 300 + "@b.it"},
        {"accept-signer_name": "   "},
        {"accept-signer_name": "<script>alert(1)</script>" * 30},
        {"accept-consent": ""},
    ],
)
def test_bad_facts_get_a_message(client, sent, facts):
    response = client.post(url(sent, "accept"), YES | facts)
    assert response.status_code == 422
    assert b"<script>alert" not in response.content
    sent.refresh_from_db()
    assert sent.state == "sent"


def test_too_much_is_refused_before_it_is_read(client, sent):
    assert client.post(url(sent, "accept"), YES | {"x": "y" * 11_000_000}).status_code == 400


def test_declining_asks_why(client, sent, cast):
    empty = client.post(url(sent, "decline"), {"decline-reason": " "})
    assert empty.status_code == 422
    assert "<details open" in empty.content.decode()
    assert client.post(url(sent, "decline"), {"decline-reason": "Troppo caro"}).status_code == 302
    sent.refresh_from_db()
    assert (sent.state, sent.answer_note) == ("declined", "Troppo caro")
    assert "rifiutat" in client.get(url(sent)).content.decode()


def test_a_replaced_offer_shows_what_happened(client, sent, cast):
    new = revise_quote(quote=sent, by=cast.sales)
    page = client.get(url(sent)).content.decode()
    assert "sostituit" in page and "<form" not in page
    assert new.token not in page
    assert client.post(url(sent, "accept"), YES).status_code == 409
    assert client.get(url(new)).status_code == 404


def test_out_of_validity_there_is_no_form_even_before_the_job_ran(client):
    quote = QuoteFactory(state="sent", valid_until=timezone.localdate() - timedelta(days=1), language="it")
    page = client.get(url(quote)).content.decode()
    assert "scadut" in page and "<form" not in page
    assert client.post(url(quote, "accept"), YES).status_code == 409
    quote.refresh_from_db()
    assert quote.state == "sent"


def test_csrf_is_checked_though_the_page_sends_no_referrer(sent):
    browser = Client(enforce_csrf_checks=True)
    assert browser.post(url(sent, "accept"), YES).status_code == 403
    page = browser.get(url(sent)).content.decode()
    token = page.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
    assert token
    wrong = browser.post(url(sent, "accept"), YES | {"csrfmiddlewaretoken": "a" * 64}, headers={"origin": "null"})
    assert wrong.status_code == 403
    stranger = browser.post(
        url(sent, "accept"), YES | {"csrfmiddlewaretoken": token}, headers={"origin": "https://evil.example"}
    )
    assert stranger.status_code == 403
    sent.refresh_from_db()
    assert sent.state == "sent"
    right = browser.post(
        url(sent, "accept"), YES | {"csrfmiddlewaretoken": token}, headers={"origin": "null"}, secure=True
    )
    assert right.status_code == 302
    sent.refresh_from_db()
    assert sent.state == "accepted"


def test_the_first_opening_is_noted_once_and_not_for_our_own_people(client, client_of, cast, sent):
    client_of(cast.sales).get(url(sent))
    client.head(url(sent))
    sent.refresh_from_db()
    assert sent.viewed_at is None
    for _turn in range(3):
        client.get(url(sent))
    sent.refresh_from_db()
    assert sent.viewed_at is not None
    assert Event.objects.about(sent).filter(name="quote.viewed").count() == 1


@pytest.mark.parametrize(
    ("behind", "header", "ip"),
    [
        (False, "203.0.113.9", "127.0.0.1"),
        (True, "203.0.113.9", "203.0.113.9"),
        (True, "1.1.1.1, 203.0.113.9", "203.0.113.9"),
        (True, "nonsense", None),
        (True, "2001:db8::1", "2001:db8::1"),
    ],
)
def test_a_proxys_word_counts_only_behind_one(client, sent, settings, behind, header, ip):
    settings.BEHIND_PROXY = behind
    client.post(url(sent, "accept"), YES, headers={"x-forwarded-for": header})
    sent.refresh_from_db()
    assert (sent.state, sent.signer_ip) == ("accepted", ip)


def test_too_many_answers_are_braked(client, sent):
    brakes.whole_minute()
    statuses = [client.post(url(sent, "accept"), {}).status_code for _ in range(12)]
    assert statuses == [422] * 10 + [429] * 2


@pytest.mark.parametrize("token", ["x", "a" * 43, "a" * 5000, "%00", "..%2f..%2fetc", "ü"])
def test_unknown_links_are_not_found(client, token):
    assert client.get(f"/q/{token}/").status_code == 404


def test_guessing_is_braked(client):
    brakes.whole_minute()
    statuses = {client.get(f"/q/{'a' * 40}{n}/").status_code for n in range(40)}
    assert statuses == {404, 429}


def test_an_old_tab_leads_back_to_the_offer(client, sent):
    for what in ("accept", "decline"):
        assert client.get(url(sent, what) + "?lang=en")["Location"] == url(sent) + "?lang=en"
    page = client.post(url(sent, "accept"), {}).content.decode()
    assert f'href="{url(sent)}?lang=en"' in page
    assert "#answer" in page


@pytest.mark.parametrize(("what", "method"), [("", "post"), ("pdf", "post"), ("accept", "put"), ("decline", "delete")])
def test_other_methods_are_not_allowed(client, sent, what, method):
    assert getattr(client, method)(url(sent, what)).status_code == 405


def test_costs_are_not_on_the_page(client, sent):
    assert b"60,00" not in client.get(url(sent)).content
    assert Quote.objects.get(pk=sent.pk).cost.amount == 1200
    assert not Delivery.objects.filter(payload__icontains="1200").exists()
