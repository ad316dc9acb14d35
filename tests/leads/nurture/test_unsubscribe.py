"""The way out: in every mail, for programs and people, without an account; and the page of what one agrees to."""

from email import message_from_bytes, policy

import pytest
from django.test import Client

from core import access, outbox
from core.models import Consent, Event
from core.privacy import consent
from leads.models import Send
from leads.nurture import links, mailings, sequences
from tests import brakes
from tests.factories import EnrolmentFactory, LeadFactory, MailingFactory

pytestmark = pytest.mark.django_db
ONE_CLICK = "List-Unsubscribe=One-Click"


@pytest.fixture
def stranger():
    """A mail program or a browser without any cookie, by a server that checks them."""
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def send(reader, smtp):
    EnrolmentFactory(subject=reader)
    sequences.take_due()
    outbox.deliver_due()
    return Send.objects.get()


def mail(smtp, place=0):
    return message_from_bytes(smtp.messages[place], policy=policy.default)


def page_of(send, **more):
    return links.preferences(send.pk).removeprefix("https://crm.aquaflux.example")


def one_click_of(send):
    return links.one_click(send.pk).removeprefix("https://crm.aquaflux.example")


def test_every_mail_has_the_link_and_the_headers(send, smtp):
    found = mail(smtp)
    assert found["List-Unsubscribe"].strip() == f"<{links.one_click(send.pk)}>"
    assert found["List-Unsubscribe-Post"] == ONE_CLICK
    assert found["To"] == "Giulia@Cliente.example"
    for kind in ("plain", "html"):
        assert links.preferences(send.pk) in found.get_body((kind,)).get_content()
    assert "Gentile Giulia Verdi," in found.get_body(("plain",)).get_content()
    assert send.delivery.key in found["Message-ID"]


def test_one_click_of_a_mail_program(send, stranger, newsletter):
    answer = stranger.post(one_click_of(send), ONE_CLICK, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 200 and not answer.cookies
    said = Consent.objects.about(send.subject).first()
    assert (said.given, said.source, said.ip, said.purpose) == (False, "link", "127.0.0.1", newsletter)
    assert str(send.pk) in said.evidence
    send.refresh_from_db()
    assert send.unsubscribed_at is not None
    outbox.relay()
    send.enrolment.refresh_from_db()
    assert (send.enrolment.state, send.enrolment.why) == ("done", "")  # it was at its end already
    again = stranger.post(one_click_of(send), ONE_CLICK, content_type="application/x-www-form-urlencoded")
    assert again.status_code == 200 and Consent.objects.filter(given=False).count() == 1


def test_looking_changes_nothing(send, stranger):
    """Programs that check links open all of them; only a button, or the request kept for it, takes a consent back."""
    for url in (page_of(send), one_click_of(send)):
        for method in ("get", "head"):
            assert getattr(stranger, method)(url, follow=True).status_code == 200
    assert not Consent.objects.filter(given=False).exists()


def test_the_page_says_what_one_agrees_to_and_takes_it_back(send, stranger, newsletter, profiling):
    page = stranger.get(page_of(send))
    for words in ("Newsletter", "Acconsento.", "G•••@cliente.example".lower(), "Profiling", "withdraw:newsletter"):
        assert words.lower() in page.text.lower(), words
    assert "giulia@" not in page.text.lower() and "Verdi" not in page.text
    headers = ("no-referrer", "noindex, nofollow, noarchive", "private, no-store")
    assert tuple(page[name] for name in ("Referrer-Policy", "X-Robots-Tag", "Cache-Control")) == headers
    answer = stranger.post(page_of(send), {"act": "withdraw:newsletter"}, follow=True)
    assert answer.status_code == 200 and "withdraw:newsletter" not in answer.text
    assert consent.standing_of(send.subject, newsletter).state == "withdrawn"
    assert Event.objects.about(send.subject).filter(name="lead.consent_withdrawn", actor_name="Giulia Verdi").exists()


def test_a_yes_by_the_page_has_its_proof(send, stranger, profiling):
    words = profiling.present_text
    stranger.post(page_of(send), {"act": "give:profiling", "text-profiling": words.pk})
    said = Consent.objects.about(send.subject).filter(purpose=profiling).get()
    assert (said.given, said.text, said.source, said.ip) == (True, words, "link", "127.0.0.1")


def test_no_yes_to_words_that_were_not_read(send, stranger, profiling):
    for given in ({}, {"text-profiling": "0"}, {"text-profiling": "x"}):
        answer = stranger.post(page_of(send), {"act": "give:profiling", **given})
        assert answer.status_code == 409
    assert not Consent.objects.filter(purpose=profiling).exists()


def test_whoever_has_the_old_address_may_stop_the_mails_and_agree_to_nothing(send, stranger, newsletter, profiling):
    lead = send.subject
    lead.email = "new@cliente.example"
    lead.save()
    assert "give:profiling" not in stranger.get(page_of(send)).text
    facts = {"act": "give:profiling", "text-profiling": profiling.present_text.pk}
    assert stranger.post(page_of(send), facts).status_code == 409
    stranger.post(page_of(send), {"act": "withdraw:newsletter"})
    assert not consent.standing_of(lead, newsletter).is_valid


def test_everything_at_once(send, stranger, agree, newsletter, profiling):
    agree(send.subject, profiling)
    stranger.post(page_of(send), {"act": "all"})
    assert not consent.standing_of(send.subject, newsletter).is_valid
    assert not consent.standing_of(send.subject, profiling).is_valid


def test_of_an_erased_person_there_is_nothing_to_change(send, stranger):
    from core.privacy import erasing

    erasing.erase(send.subject, by=access.JOB, reason="request")
    send.refresh_from_db()
    assert send.email == ""
    assert stranger.get(page_of(send)).status_code == 410
    assert stranger.post(page_of(send), {"act": "all"}).status_code == 410
    assert stranger.post(one_click_of(send), {}).status_code == 200


HOSTILE = (
    {"act": "give:\0"}, {"act": "withdraw:" + "x" * 100_000}, {"act": ["all", "give:x"]}, {}, {"act": "<script>"},
    {"act": "withdraw:nothing"}, {"act": ":"}, {"lang": "xx"},
)  # fmt: skip


@pytest.mark.parametrize("given", HOSTILE)
def test_hostile_input_gets_an_answer(send, stranger, given):
    assert stranger.post(page_of(send), given).status_code in (302, 400, 409)
    assert stranger.post(f"{page_of(send)}?lang=%00%ff", given).status_code in (302, 400, 409)
    raw = {"content_type": "application/json", "data": '{"a": [[[["\\ud800"'}
    assert stranger.post(page_of(send), **raw).status_code in (400, 409)
    broken = {"content_type": "multipart/form-data; boundary=x", "data": b"--x\r\n\xff\xfe\x00"}
    assert stranger.post(one_click_of(send), **broken).status_code in (200, 400)


def test_a_link_takes_so_many_answers_a_minute(send, stranger):
    brakes.whole_minute()
    statuses = [stranger.post(page_of(send), {}).status_code for _turn in range(30)]
    assert statuses[-1] == 429


def test_the_page_is_there_in_both_languages(send, stranger):
    italian = stranger.get(page_of(send)).text
    english = stranger.get(f"{page_of(send)}?lang=en").text
    assert "A che cosa acconsenti" in italian or "consens" in italian.lower()
    assert "What you agree to" in english and "I agree." in english


def test_a_trial_changes_nothing(cast, reader, smtp, stranger):
    mailing = MailingFactory(owner=cast.marketing)
    mailings.send_trial(mailing=mailing, by=cast.marketing)
    outbox.deliver_due()
    found = mail(smtp)
    assert found["To"] == cast.marketing.email and "Giulia Verdi" in found.get_body(("plain",)).get_content()
    assert found["List-Unsubscribe"] is None
    assert not Send.objects.exists()
    page = stranger.get("/m/u/trial/")
    assert page.status_code == 200 and stranger.post("/m/u/trial/", {"act": "all"}).status_code == 200
    assert not Consent.objects.filter(given=False).exists()


def test_a_no_of_the_lead_holds_for_others_with_the_address(send, stranger, cast, agree, newsletter):
    agree(LeadFactory(email="giulia@cliente.example"), newsletter)
    stranger.post(one_click_of(send), ONE_CLICK, content_type="application/x-www-form-urlencoded")
    mailing = MailingFactory(owner=cast.marketing, state="sending")
    mailing.editions = mailings.editions_of(mailing)
    mailing.save()
    mailings.send_waiting()
    assert not mailing.sends.exists()
