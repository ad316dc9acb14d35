"""From submissions to leads: who is the same, what is never wiped, what a crash leaves, consents that wait for a link."""

import re
import threading
from urllib.parse import urlsplit

import pytest
from django.db import connection, connections
from django.test import Client
from django.utils import timezone

from core import outbox
from core.lifecycle import Refused
from core.models import Delivery, Event, Purpose
from core.privacy import consent, erasing
from leads.capture import jobs, opting, receiving
from leads.models import Capture, Lead, OptIn, Touch
from tests.factories import CampaignFactory, LeadFactory, WebFormFactory
from tests.leads.capturing import ADA, fill_in, newsletter, post, take_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("calm")]


@pytest.fixture
def form():
    return WebFormFactory()


def aged(hours):
    """Let leads, touches and submissions be older than they are."""
    with erasing.opened(Capture, Touch), connection.cursor() as cursor:
        for table, column in (("leads_lead", "created_at"), ("leads_touch", "at"), ("leads_capture", "received_at")):
            cursor.execute(f"UPDATE {table} SET {column} = {column} - make_interval(hours => %s)", [hours])  # noqa: S608


# --- The same person ------------------------------------------------------------------------------------------------------


def test_again_within_a_day_updates_the_same_lead_and_wipes_nothing(form):
    post(form, {**ADA, "company_name": "Engines"})
    take_in()
    lead = Lead.objects.get()
    Lead.objects.filter(pk=lead.pk).update(company_name="Engines S.r.l.")  # somebody has mended it
    aged(23)
    again = {
        "last_name": "",
        "email": "ADA@engine.example",
        "phone": "+39 02 5550100",
        "message": "And when?",
        "city": "Torino",
    }
    form.fields[0]["required"] = False
    form.save()
    post(form, {**again, "company_name": "engines"})
    take_in()
    lead.refresh_from_db()
    assert Lead.objects.count() == 1 and lead.touches.count() == 2
    assert (lead.last_name, lead.company_name, lead.phone) == ("Lovelace", "Engines S.r.l.", "+39 02 5550100")
    assert lead.message.startswith("How much is it?\n\n") and lead.message.endswith("\nAnd when?")
    assert Event.objects.filter(name="lead.captured", subject_id=lead.pk).exists()


def test_after_a_day_it_is_a_new_matter(form):
    post(form)
    take_in()
    aged(25)
    post(form)
    take_in()
    assert Lead.objects.count() == 2


@pytest.mark.parametrize("state", ["lost", "converted"])
def test_what_is_closed_is_not_touched(form, state):
    old = LeadFactory(email=ADA["email"], last_name="Lovelace", state=state)
    post(form)
    take_in()
    assert Lead.objects.exclude(pk=old.pk).count() == 1 and not old.touches.exists()


@pytest.mark.parametrize(
    ("known", "same"),
    [
        ({"phone": "02 5550100", "email": "", "last_name": "L."}, True),
        ({"phone": "+39 02 555 01 00", "email": "other@x.example", "last_name": "Lovelace"}, True),
        ({"phone": "+39 02 555 01 00", "email": "other@x.example", "last_name": "Babbage"}, False),
        ({"phone": "+39 02 555 01 01", "email": "", "last_name": "Lovelace"}, False),
    ],
)
def test_the_same_phone_is_the_same_person_unless_it_is_a_colleague(form, known, same):
    lead = LeadFactory(**known)
    post(form, {**ADA, "phone": "0039 02 5550100"})
    take_in()
    assert lead.touches.exists() is same
    assert Lead.objects.count() == (1 if same else 2)


def test_a_campaign_is_filled_in_and_never_replaced(form):
    form.campaign = CampaignFactory()
    form.save()
    first, second = LeadFactory(email=ADA["email"]), LeadFactory(email="bob@x.example", campaign=CampaignFactory())
    kept = second.campaign
    post(form)
    post(form, {**ADA, "email": "bob@x.example"})
    take_in()
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.campaign, second.campaign) == (form.campaign, kept)


# --- Crashes --------------------------------------------------------------------------------------------------------------


def test_what_breaks_half_way_leaves_nothing_and_is_tried_again(form, monkeypatch):
    newsletter(form)
    post(form, {**ADA, "consents": {"newsletter": True}})
    monkeypatch.setattr(consent, "give", lambda **_facts: 1 / 0)
    (capture,) = take_in()
    assert (capture.state, capture.attempts, Lead.objects.count(), Touch.objects.count()) == ("received", 1, 0, 0)
    assert take_in()[0].attempts == 1, "not before its time"
    monkeypatch.undo()
    Capture.objects.update(next_try_at=timezone.now())
    assert take_in()[0].state == "taken" and Lead.objects.count() == 1


def test_one_that_cannot_be_taken_in_stops_nobody(form):
    receiving.keep(form=form.pk, channel="form", key="a", payload={"fields": {"email": "nobody"}})
    post(form)
    bad, good = take_in()
    assert (bad.state, good.state) == ("failed", "taken") and "email" in bad.why


def test_a_payload_that_makes_no_sense_fails_and_is_kept(form):
    for n, payload in enumerate(
        ({}, {"fields": {}}, {"fields": {"email": None}, "consents": 7, "touch": "x", "first": 3})
    ):
        receiving.keep(form=form.pk, channel="form", key=str(n), payload=payload)
    assert {capture.state for capture in take_in()} == {"failed"}


def test_somebody_looks_at_it_and_lets_it_in(form, cast):
    fill_in(form, reference_code="x")
    (stopped,) = take_in()
    jobs.try_again(stopped, by=cast.marketing)
    stopped.refresh_from_db()
    assert stopped.state == "taken" and Lead.objects.get().email == ADA["email"]
    with pytest.raises(Refused):
        jobs.try_again(stopped, by=cast.marketing)


def test_what_was_sent_stays_as_it_was_sent(form):
    post(form)
    from django.db import DatabaseError, transaction

    for change in ({"payload": {}}, {"ip": "192.0.2.1"}, {"received_at": timezone.now()}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Capture.objects.update(**change)


@pytest.mark.django_db(transaction=True)
def test_two_workers_make_one_lead_of_two_submissions_of_one_person():
    form = WebFormFactory()
    for turn in range(6):
        post(form, {**ADA, "phone": f"02 555010{turn}"})
    barrier = threading.Barrier(3)

    def work():
        barrier.wait()
        jobs.take_in_captures()
        connections.close_all()

    threads = [threading.Thread(target=work) for _n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    take_in()
    assert Capture.objects.filter(state="taken").count() == 6
    assert (Lead.objects.count(), Touch.objects.count()) == (1, 6)


# --- Double opt-in --------------------------------------------------------------------------------------------------------


@pytest.fixture
def asked():
    """Somebody has ticked the newsletter on a form that asks again by e-mail: (the question, its link, the purpose)."""
    form = WebFormFactory(double_opt_in=True)
    text = newsletter(form)
    fill_in(form, consent_newsletter="1", REMOTE_ADDR="192.0.2.8")
    take_in()
    mail = Delivery.objects.get(channel="email").payload
    link = urlsplit(re.search(r"http\S+/f/confirm/\S+", mail["text"]).group()).path
    assert mail["to"] == [ADA["email"]] and "- I agree" in mail["text"]
    return OptIn.objects.get(), link, text.purpose


def test_nothing_is_agreed_to_before_the_link_and_looking_at_it_confirms_nothing(asked):
    _question, link, purpose = asked
    assert not purpose.consents.exists()
    for _turn in range(2):
        assert Client().get(link).status_code == 200 and Client().head(link).status_code == 200
    assert not purpose.consents.exists()
    with pytest.raises(Refused):
        outbox.send_mail(
            key="n", subject=Lead.objects.get(), to=[ADA["email"]], title="News", text="x", purpose="newsletter"
        )


def test_the_button_confirms_once_with_proof(asked):
    question, link, purpose = asked
    response = Client().post(link, REMOTE_ADDR="203.0.113.9")
    assert response.status_code == 200 and response["Referrer-Policy"] == "no-referrer"
    (said,) = purpose.consents.all()
    assert (said.given, said.source, said.ip, said.text.version) == (True, "link", "203.0.113.9", 1)
    assert "192.0.2.8" in said.evidence and consent.standing_of(Lead.objects.get(), purpose).is_valid
    again = Client().post(link)
    assert again.status_code == 409 and purpose.consents.count() == 1
    question.refresh_from_db()
    assert question.confirmed_at is not None


@pytest.mark.parametrize(
    "forge", [lambda link: link[:-2] + "x/", lambda _link: "/f/confirm/a:b:c/", lambda _link: "/f/confirm/x/"]
)
def test_a_forged_link_is_none(asked, forge):
    _question, link, purpose = asked
    assert Client().post(forge(link)).status_code == 404 and not purpose.consents.exists()


def test_who_knows_the_address_cannot_make_the_link(asked):
    """Signed with our key, but without the random part of the row."""
    from django.core import signing

    question, _link, purpose = asked
    forged = signing.dumps([question.pk, "x" * 43], salt=opting._SALT)
    assert Client().post(f"/f/confirm/{forged}/").status_code == 404 and not purpose.consents.exists()


def test_an_address_that_was_changed_meanwhile_is_not_agreed_for(asked):
    _question, link, purpose = asked
    Lead.objects.update(email="somebody@else.example")
    assert Client().post(link).status_code == 409 and not purpose.consents.exists()


def test_who_has_agreed_already_is_not_asked_again(asked):
    question, link, _purpose = asked
    Client().post(link)
    fill_in(question.capture.form, consent_newsletter="1")
    take_in()
    assert OptIn.objects.count() == 1


def test_an_address_filled_in_later_by_others_gets_no_consent_of_theirs(form):
    """A lead of that phone has another address: the yes was said for the one that was typed."""
    newsletter(form)
    LeadFactory(phone="02 5550100", email="old@x.example", last_name="Lovelace")
    post(form, {**ADA, "phone": "02 5550100", "consents": {"newsletter": True}})
    take_in()
    assert Lead.objects.count() == 1
    assert not Purpose.objects.get().consents.exists()
