"""Nobody without a valid consent is in a send: neither by hand, nor by a segment, nor in the last moment, nor by the API."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from core import access, outbox
from core.lifecycle import Refused
from core.models import ApiToken, Delivery
from core.privacy import consent
from leads.models import Enrolment, Mailing, Send
from leads.nurture import audience, enrolling, mailings, sequences
from tests.factories import (
    ContactFactory,
    EnrolmentFactory,
    LeadFactory,
    MailingFactory,
    SegmentFactory,
    SequenceFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def others(newsletter, profiling, agree):
    """Everybody who may not be written to, each for another reason."""
    LeadFactory(email="never@asked.example")
    withdrawn = agree(LeadFactory(email="withdrawn@x.example"), newsletter)
    consent.withdraw(subject=withdrawn, purpose=newsletter, by=access.JOB, source="email")
    agree(LeadFactory(email="other@purpose.example"), profiling)
    LeadFactory(email="")
    # A no to an address is a no, whoever else has it.
    twin = agree(LeadFactory(email="twin@x.example"), newsletter)
    contact = agree(ContactFactory(email="Twin@x.example"), newsletter)
    consent.withdraw(subject=contact, purpose=newsletter, by=access.JOB, source="phone")
    newsletter.months = 12
    newsletter.save()
    expired = LeadFactory(email="expired@x.example")
    long_ago = timezone.now() - timedelta(days=500)
    facts = {"by": access.JOB, "source": "form", "evidence": "x", "at": long_ago}
    consent.give(subject=expired, purpose=newsletter, **facts)
    return [withdrawn, twin, expired]


def program(client_of, user):
    """The user's program: a client with a token that may write."""
    _token, plain = ApiToken.issue(user=user, name="x", scope="write", expires_at=timezone.now() + timedelta(days=1))
    client = client_of(user)
    client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {plain}"
    return client


def test_a_mailing_goes_to_those_only_who_have_agreed(cast, reader, others):
    mailing = MailingFactory(owner=cast.marketing)
    mailings.start(mailing=mailing, by=cast.marketing)
    mailings.send_waiting()
    assert [send.email for send in Send.objects.all()] == ["giulia@cliente.example"]
    assert [delivery.payload["to"] for delivery in Delivery.objects.all()] == [["Giulia@Cliente.example"]]
    mailing.refresh_from_db()
    assert (mailing.state, mailing.left_out) == ("sent", {"no_consent": 5, "no_address": 1})


def test_what_is_counted_before_is_what_happens(cast, reader, others, newsletter, profiling):
    found = audience.judge(audience.rows_of(SegmentFactory(), cast.marketing), newsletter)
    assert (found.total, found.ready, found.left_out) == (7, 1, {"no_consent": 5, "no_address": 1})
    rows = audience.rows_of(SegmentFactory(), cast.marketing)
    assert audience.ready_for(rows, [newsletter, profiling]) == [(newsletter, 1), (profiling, 1)]
    assert audience.ready_for(rows.none(), [newsletter]) == [(newsletter, 0)] and audience.ready_for(rows, []) == []


def test_a_mailing_to_nobody_is_refused(cast, others):
    mailing = MailingFactory(owner=cast.marketing)
    with pytest.raises(Refused):
        mailings.start(mailing=mailing, by=cast.marketing)
    assert not Delivery.objects.exists() and Mailing.objects.get().state == "draft"


def test_nobody_gets_into_a_sequence_without_consent(cast, others):
    sequence = SequenceFactory(state="active", owner=cast.marketing, segment=SegmentFactory())
    for person in others:
        with pytest.raises(Refused):
            enrolling.enrol(sequence=sequence, person=person, by=cast.marketing)
    assert enrolling.enrol_segment(sequence=sequence, segment=sequence.segment, by=cast.marketing) == 0
    assert enrolling.take_in_segments() == 0
    assert not Enrolment.objects.exists()


def test_who_was_put_in_past_the_door_is_stopped_before_the_first_mail(others):
    """A row that an import, a script or a bug has made is not enough."""
    made = [EnrolmentFactory(subject=person) for person in others]
    assert sequences.take_due() == len(made)
    assert not Send.objects.exists() and not Delivery.objects.exists()
    assert {(e.state, e.why) for e in Enrolment.objects.all()} == {("stopped", "unsubscribed")}


def test_a_no_between_posting_and_sending_stops_the_mail(reader, newsletter, smtp):
    EnrolmentFactory(subject=reader)
    sequences.take_due()
    consent.withdraw(subject=reader, purpose=newsletter, by=access.JOB, source="phone")
    outbox.deliver_due()
    assert smtp.messages == [] and Delivery.objects.get().state == "failed"
    outbox.relay()
    send = Send.objects.get()
    assert send.bounced_at is None  # it did not come back: it never left


def test_a_no_stops_the_sequence_at_once(reader, newsletter):
    enrolment = EnrolmentFactory(subject=reader, due_at=timezone.now() + timedelta(days=3))
    consent.withdraw(subject=reader, purpose=newsletter, by=access.JOB, source="phone")
    outbox.relay()
    enrolment.refresh_from_db()
    assert (enrolment.state, enrolment.why) == ("stopped", "unsubscribed")


def test_a_segment_gives_nobody_whom_the_sender_may_not_see(cast, reader, agree, newsletter):
    reader.owner = cast.sales
    reader.save()
    stranger = agree(LeadFactory(owner=cast.sales2, email="stranger@x.example"), newsletter)
    segment = SegmentFactory()
    assert set(audience.rows_of(segment, cast.sales)) == {reader}
    assert set(audience.rows_of(segment, cast.marketing)) == {reader, stranger}
    assert not audience.rows_of(segment, cast.nobody).exists()
    assert not audience.rows_of(segment, None).exists()


@pytest.mark.parametrize(
    "query", ["campaign=999999", "nonsense=1", "score_min=abc", "or=", "or=nonsense%3D1", "cf_gone=x"]
)
def test_a_filter_that_makes_no_sense_lets_nobody_in(cast, reader, query):
    """Dropped, it would make everybody out of a few."""
    segment = SegmentFactory(query=query)
    with pytest.raises(Refused):
        audience.rows_of(segment, cast.marketing)
    mailing = MailingFactory(owner=cast.marketing, segment=segment, state="sending")
    mailings.send_waiting()
    mailing.refresh_from_db()
    assert mailing.state == "cancelled" and not Send.objects.exists()


def test_who_has_no_right_sends_nothing_and_puts_nobody_in(cast, reader):
    sequence = SequenceFactory(state="active")
    for user in (cast.accountant, cast.nobody):
        with pytest.raises(PermissionDenied):
            mailings.start(mailing=MailingFactory(), by=user)
        with pytest.raises(PermissionDenied):
            enrolling.enrol(sequence=sequence, person=reader, by=user)
    with pytest.raises(PermissionDenied):
        mailings.start(mailing=MailingFactory(), by=cast.sales)


# --- Through the API ------------------------------------------------------------------------------------------------------


def test_the_api_lets_nobody_in_either(cast, client_of, others, reader):
    client = program(client_of, cast.marketing)
    sequence = SequenceFactory(state="active", owner=cast.marketing)
    for person in others:
        facts = {"sequence": sequence.pk, "lead": person.pk}
        answer = client.post("/api/v1/enrolments/", facts, content_type="application/json")
        assert answer.status_code == 409, answer.content
    answer = client.post(
        "/api/v1/enrolments/", {"sequence": sequence.pk, "lead": reader.pk}, content_type="application/json"
    )
    assert answer.status_code == 201, answer.content
    assert [e.subject for e in Enrolment.objects.all()] == [reader]
    # Neither the person nor the state are there to be written.
    enrolment = Enrolment.objects.get()
    for change in ({"subject_id": others[0].pk}, {"state": "done"}, {"email": "x@x.example"}):
        url = f"/api/v1/enrolments/{enrolment.pk}/"
        assert client.patch(url, change, content_type="application/json").status_code in (404, 405, 422)


def test_the_api_sends_to_nobody_without_consent(cast, client_of, others):
    client = program(client_of, cast.marketing)
    mailing = MailingFactory(owner=cast.marketing)
    url = f"/api/v1/mailings/{mailing.pk}/send/"
    assert client.post(url, {}, content_type="application/json").status_code == 409
    change = client.patch(f"/api/v1/mailings/{mailing.pk}/", {"state": "sending"}, content_type="application/json")
    assert change.status_code == 422
    mailings.send_waiting()
    assert not Delivery.objects.exists()
    assert program(client_of, cast.sales).post(url, {}, content_type="application/json").status_code in (403, 404)


def test_a_failed_delivery_that_is_sent_again_asks_again(cast, reader, newsletter, smtp):
    mailing = MailingFactory(owner=cast.marketing)
    mailings.start(mailing=mailing, by=cast.marketing)
    mailings.send_waiting()
    consent.withdraw(subject=reader, purpose=newsletter, by=access.JOB, source="phone")
    outbox.deliver_due()
    Delivery.objects.get().resend(by=cast.admin)
    outbox.deliver_due()
    assert smtp.messages == [] and Delivery.objects.get().state == "failed"
