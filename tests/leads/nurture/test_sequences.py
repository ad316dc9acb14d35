"""Steps are taken when they are due, in working hours, and what people do decides what comes next."""

from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from activities.mail.receiving import take_in
from core import access, outbox
from core.lifecycle import Refused
from core.models import Event
from leads.models import Enrolment, LeadScore, Send, SequenceStep
from leads.nurture import enrolling, hours, sequences
from opportunities.services import open_opportunity
from opportunities.undoing import undo_conversion
from tests.factories import (
    ContactFactory,
    EnrolmentFactory,
    LeadFactory,
    MailTemplateFactory,
    SegmentFactory,
    SequenceFactory,
)

pytestmark = pytest.mark.django_db
Action, Question = SequenceStep.Action, SequenceStep.Question


@pytest.fixture
def sequence(cast, newsletter, profiling):
    return SequenceFactory(state="active", owner=cast.marketing, purpose=newsletter, measuring=profiling, mails=0)


@pytest.fixture
def person(agree, newsletter, profiling):
    return agree(LeadFactory(email="giulia@cliente.example"), newsletter, profiling)


def step(sequence, position, action=Action.MAIL, **facts):
    if action == Action.MAIL:
        facts.setdefault("template", MailTemplateFactory())
    return SequenceStep.objects.create(sequence=sequence, position=position, action=action, **facts)


def due_now():
    Enrolment.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    sequences.take_due()


def sent_steps(enrolment):
    return list(enrolment.sends.order_by("pk").values_list("step__position", flat=True))


def test_from_step_to_step_with_the_waits_between_them(sequence, person, cast):
    step(sequence, 1)
    step(sequence, 2, days=3, hours=2)
    enrolment = enrolling.enrol(sequence=sequence, person=person, by=cast.marketing)
    sequences.take_due()
    assert sent_steps(enrolment) == [1]
    enrolment.refresh_from_db()
    assert abs(enrolment.due_at - timezone.now() - timedelta(days=3, hours=2)) < timedelta(minutes=1)
    sequences.take_due()
    assert sent_steps(enrolment) == [1]
    due_now()
    enrolment.refresh_from_db()
    assert sent_steps(enrolment) == [1, 2] and enrolment.state == "done" and enrolment.ended_at
    names = list(Event.objects.about(enrolment).order_by("pk").values_list("name", flat=True))
    assert names == ["enrolment.created", "enrolment.finished"]


@pytest.mark.parametrize(("done", "expected"), [("opened_at", [1, 4]), (None, [1, 3, 4])])
def test_what_they_did_decides_where_it_goes_on(sequence, person, done, expected):
    step(sequence, 1)
    step(sequence, 2, Action.ASK, days=1, question=Question.OPENED, yes=4, no=None)
    step(sequence, 3)
    step(sequence, 4)
    enrolment = EnrolmentFactory(sequence=sequence, subject=person)
    due_now()
    if done:
        Send.objects.update(**{done: timezone.now()})
    for _turn in range(4):
        due_now()
    assert sent_steps(enrolment) == expected


@pytest.mark.parametrize(
    ("question", "value", "score", "state", "mails"),
    [
        ("score", "60", 70, "new", 1),
        ("score", "60", 50, "new", 0),
        ("score", "60", None, "new", 0),
        ("state", "working", 50, "working", 1),
        ("state", "working", 50, "new", 0),
    ],
)
def test_score_and_state_are_asked(sequence, person, question, value, score, state, mails):
    LeadScore.objects.filter(lead=person).update(score=score)
    if state != person.state:
        person.take(by=access.JOB)
    step(sequence, 1, Action.ASK, question=question, value=value, yes=2, no=0)
    step(sequence, 2)
    enrolment = EnrolmentFactory(sequence=sequence, subject=person)
    due_now()
    due_now()
    enrolment.refresh_from_db()
    assert enrolment.sends.count() == mails and enrolment.state == "done"


def test_a_branch_leads_forwards_only(sequence):
    for wrong in ({"yes": 1}, {"no": 2}, {"question": ""}, {"question": "score", "value": "a lot"}):
        facts = {"question": "opened"} | wrong
        with pytest.raises(ValidationError):
            SequenceStep(sequence=sequence, position=2, action=Action.ASK, **facts).full_clean()


@pytest.mark.parametrize(
    ("name", "why"), [("stop_on_conversion", "converted"), ("stop_on_loss", "lost"), ("stop_on_reply", "replied")]
)
@pytest.mark.parametrize("stops", [True, False])
def test_stop_rules(sequence, person, agree, newsletter, cast, name, why, stops):
    step(sequence, 1)
    step(sequence, 2, days=1)
    setattr(sequence, name, stops)
    sequence.save()
    states = {"converted": "converted", "lost": "lost"}
    lead = agree(LeadFactory(state=states.get(why, "new"), email="other@x.example"), newsletter)
    enrolment = EnrolmentFactory(sequence=sequence, subject=lead)
    if why == "replied":
        sequences.take_due()
        Send.objects.update(replied_at=timezone.now())
    for _turn in range(3):
        due_now()
    enrolment.refresh_from_db()
    assert (enrolment.state, enrolment.why) == (("stopped", why) if stops else ("done", ""))


def test_losing_a_lead_stops_it_at_once(sequence, person, cast):
    step(sequence, 1)
    enrolment = EnrolmentFactory(sequence=sequence, subject=person)
    person.lose(by=cast.admin, reason="price")
    outbox.relay()
    enrolment.refresh_from_db()
    assert (enrolment.state, enrolment.why) == ("stopped", "lost")


def answer(send, *, text="Sentiamoci.", automatic=False, **headers):
    mail = EmailMessage()
    mail["From"], mail["To"] = "giulia@cliente.example", "crm@aquaflux.example"
    mail["Message-ID"] = f"<{abs(hash((text, automatic)))}@cliente.example>"
    if send is not None:
        mail["In-Reply-To"] = f"<{send.delivery.key}@aquaflux.example>"
    if automatic:
        mail["Auto-Submitted"] = "auto-replied"
    mail.set_content(text)
    take_in(mail.as_bytes())
    outbox.relay()


def test_an_answer_stops_it_and_an_absence_note_does_not(sequence, person, smtp):
    step(sequence, 1)
    step(sequence, 2, days=3)
    enrolment = EnrolmentFactory(sequence=sequence, subject=person)
    sequences.take_due()
    send = Send.objects.get()
    answer(send, text="Sono in ferie.", automatic=True)
    enrolment.refresh_from_db()
    assert enrolment.state == "active"
    answer(send)
    enrolment.refresh_from_db()
    send.refresh_from_db()
    assert (enrolment.state, enrolment.why) == ("stopped", "replied") and send.replied_at


def test_whoever_writes_to_us_of_their_own_is_not_written_to_either(sequence, person, smtp):
    step(sequence, 1, days=1)
    enrolment = EnrolmentFactory(sequence=sequence, subject=person)
    answer(None)
    enrolment.refresh_from_db()
    assert (enrolment.state, enrolment.why) == ("stopped", "replied")


BOUNCE = b"""From: Mail Delivery System <mailer-daemon@cliente.example>
To: crm@aquaflux.example
Subject: Undelivered
Message-ID: <bounce-%(status)s@cliente.example>
Return-Path: <>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=x

--x
Content-Type: text/plain

It did not arrive.
--x
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.cliente.example

Final-Recipient: rfc822; giulia@cliente.example
Action: failed
Status: %(status)s
--x
Content-Type: text/rfc822-headers

Message-ID: <%(key)s@aquaflux.example>
--x--
"""


@pytest.mark.parametrize(("status", "returns"), [(b"5.1.1", True), (b"4.2.2", False)])
def test_a_mail_that_comes_back(sequence, person, smtp, cast, status, returns):
    step(sequence, 1)
    step(sequence, 2, days=3)
    enrolment = EnrolmentFactory(sequence=sequence, subject=person)
    sequences.take_due()
    send = Send.objects.get()
    take_in(BOUNCE % {b"status": status, b"key": send.delivery.key.encode()})
    outbox.relay()
    send.refresh_from_db()
    enrolment.refresh_from_db()
    assert (send.bounced_at is not None) is returns
    assert (enrolment.state, enrolment.why) == (("stopped", "bounced") if returns else ("active", ""))
    if returns:  # nobody writes to that address any more
        with pytest.raises(Refused):
            enrolling.enrol(sequence=SequenceFactory(state="active"), person=person, by=cast.marketing)


def test_a_forged_report_stops_nobody(sequence, person, smtp):
    step(sequence, 1)
    enrolment = EnrolmentFactory(sequence=sequence, subject=person)
    sequences.take_due()
    take_in(BOUNCE % {b"status": b"5.1.1", b"key": f"nurture-{Send.objects.get().pk:x}-{'0' * 32}".encode()})
    outbox.relay()
    assert Send.objects.get().bounced_at is None and enrolment.sends.count() == 1


def test_an_address_that_the_mail_server_refuses(sequence, person, smtp):
    step(sequence, 1)
    step(sequence, 2, days=2)
    smtp.refused = {"giulia@cliente.example"}
    enrolment = EnrolmentFactory(sequence=sequence, subject=person)
    sequences.take_due()
    outbox.deliver_due()
    outbox.relay()
    enrolment.refresh_from_db()
    assert Send.objects.get().bounced_at and (enrolment.state, enrolment.why) == ("stopped", "bounced")


def test_one_persons_trouble_holds_up_nobody_else(sequence, agree, newsletter, monkeypatch):
    from leads.nurture import sending

    step(sequence, 1)
    people = [agree(LeadFactory(email=f"p{n}@x.example"), newsletter) for n in range(3)]
    enrolments = [EnrolmentFactory(sequence=sequence, subject=person) for person in people]
    post = sending.post

    def failing(person, **facts):
        if person.pk == people[1].pk:
            raise ZeroDivisionError("bad template")
        return post(person, **facts)

    monkeypatch.setattr(sending, "post", failing)
    sequences.take_due()
    assert [e.sends.count() for e in enrolments] == [1, 0, 1]
    enrolments[1].refresh_from_db()
    assert "bad template" in enrolments[1].problem and enrolments[1].due_at > timezone.now()
    monkeypatch.undo()
    due_now()
    assert [e.sends.count() for e in enrolments] == [1, 1, 1]


def test_steps_that_are_taken_out_or_moved_are_not_taken_twice(sequence, person):
    first, second, third = step(sequence, 1), step(sequence, 2), step(sequence, 3)
    enrolment = EnrolmentFactory(sequence=sequence, subject=person)
    due_now()
    enrolment.refresh_from_db()
    assert sent_steps(enrolment)[:1] == [1]
    third.delete()
    SequenceStep.objects.filter(pk=first.pk).update(position=9)
    for _turn in range(3):
        due_now()
    assert enrolment.sends.filter(step=first).count() == 1
    assert enrolment.sends.filter(step=second).count() == 1


def test_a_paused_sequence_or_person_waits(sequence, person, cast):
    step(sequence, 1)
    enrolment = EnrolmentFactory(sequence=sequence, subject=person)
    sequence.pause(by=cast.marketing)
    due_now()
    assert not Send.objects.exists()
    sequence.start(by=cast.marketing)
    enrolment.pause(by=cast.marketing)
    due_now()
    assert not Send.objects.exists()
    enrolment.resume(by=cast.marketing)
    due_now()
    assert Send.objects.count() == 1


def test_closing_it_stops_everybody(sequence, person, cast):
    step(sequence, 1, days=9)
    enrolment = EnrolmentFactory(sequence=sequence, subject=person)
    sequence.close(by=cast.marketing)
    outbox.relay()
    enrolment.refresh_from_db()
    assert (enrolment.state, enrolment.why) == ("stopped", "closed")


def test_it_is_not_started_without_a_mail_or_without_words(cast, newsletter):
    from core.models import Purpose

    with pytest.raises(Refused):
        SequenceFactory(mails=0).start(by=cast.marketing)
    empty = Purpose.objects.create(name="Empty", code="empty")
    with pytest.raises(Refused):
        SequenceFactory(purpose=empty).start(by=cast.marketing)


def test_nobody_goes_through_it_twice(sequence, person, agree, newsletter, cast):
    step(sequence, 1)
    enrolling.enrol(sequence=sequence, person=person, by=cast.marketing)
    with pytest.raises(Refused):
        enrolling.enrol(sequence=sequence, person=person, by=cast.marketing)
    twin = agree(LeadFactory(email="GIULIA@cliente.example"), newsletter)
    with pytest.raises(Refused):
        enrolling.enrol(sequence=sequence, person=twin, by=cast.marketing)
    # Two of one person's addresses, of records that were merged into one: one of them is enough.
    EnrolmentFactory(sequence=sequence, subject=person, email="other@x.example")
    due_now()
    assert Send.objects.count() == 1 and Enrolment.objects.filter(why="twice").count() == 1


def test_a_segment_is_taken_in_as_people_come_to_belong_to_it(cast, agree, newsletter):
    sequence = SequenceFactory(
        state="active", owner=cast.marketing, segment=SegmentFactory(query="source=Fiera"), purpose=newsletter
    )
    agree(LeadFactory(source="Fiera", email="a@x.example"), newsletter)
    later = agree(LeadFactory(source="Sito", email="b@x.example"), newsletter)
    agree(LeadFactory(source="Fiera", email="A@x.example"), newsletter)
    LeadFactory(source="Fiera", email="without@x.example")
    assert enrolling.take_in_segments() == 1
    assert enrolling.take_in_segments() == 0
    later.source = "Fiera"
    later.save()
    assert enrolling.take_in_segments() == 1
    assert set(Enrolment.objects.values_list("email", flat=True)) == {"a@x.example", "b@x.example"}
    assert sequence.enrolments.count() == 2


def test_contacts_have_sequences_of_their_own(cast, agree, newsletter, person):
    contact = agree(ContactFactory(email="c@x.example"), newsletter)
    sequence = SequenceFactory(state="active", kind="contact", purpose=newsletter)
    with pytest.raises(Refused):
        enrolling.enrol(sequence=sequence, person=person, by=cast.marketing)
    enrolling.enrol(sequence=sequence, person=contact, by=cast.marketing)
    sequences.take_due()
    assert Send.objects.get().subject == contact


ROME = ZoneInfo("Europe/Rome")


@pytest.mark.parametrize(
    ("at", "opens"),
    [
        ((2026, 11, 20, 10, 30), (2026, 11, 20, 10, 30)),  # Friday
        ((2026, 11, 20, 7, 0), (2026, 11, 20, 9, 0)),
        ((2026, 11, 20, 18, 0), (2026, 11, 23, 9, 0)),  # after hours: Monday
        ((2026, 11, 21, 12, 0), (2026, 11, 23, 9, 0)),  # Saturday
        ((2026, 12, 8, 12, 0), (2026, 12, 9, 9, 0)),  # Immacolata
        ((2026, 12, 24, 19, 0), (2026, 12, 28, 9, 0)),  # Christmas, St Stephen's, a week-end
    ],
)
def test_working_hours(at, opens):
    sequence = SequenceFactory.build(working_days=True, from_hour=9, to_hour=18, purpose=None)
    assert hours.opening(sequence, datetime(*at, tzinfo=ROME).astimezone(UTC)) == datetime(*opens, tzinfo=ROME)


def test_out_of_hours_nobody_is_written_to(sequence, person):
    step(sequence, 1)
    now = timezone.localtime()
    sequence.from_hour, sequence.to_hour = ((now.hour + 2) % 23, (now.hour + 2) % 23 + 1)
    sequence.save()
    enrolment = EnrolmentFactory(sequence=sequence, subject=person)
    sequences.take_due()
    enrolment.refresh_from_db()
    assert not Send.objects.exists() and enrolment.due_at > timezone.now()


class TestUndoneConversion:
    """Whoever was stopped by a conversion that was undone goes on where they were."""

    @pytest.fixture
    def lead(self, cast, agree, newsletter):
        return agree(LeadFactory(state="qualified", owner=cast.sales, email="giulia@cliente.example"), newsletter)

    def test_the_same_step_due_when_it_was_due(self, cast, sequence, lead, smtp):
        step(sequence, 1)
        step(sequence, 2, days=3)
        step(sequence, 3, days=1)
        enrolment = EnrolmentFactory(sequence=sequence, subject=lead)
        due_now()
        enrolment.refresh_from_db()
        before = (enrolment.step_id, enrolment.position, enrolment.due_at, enrolment.state)
        open_opportunity(lead=lead, by=cast.sales)
        outbox.relay()
        enrolment.refresh_from_db()
        assert (enrolment.state, enrolment.why) == ("stopped", "converted")
        undo_conversion(lead=lead, by=cast.sales)
        outbox.relay()
        enrolment.refresh_from_db()
        assert (enrolment.step_id, enrolment.position, enrolment.due_at, enrolment.state) == before
        assert enrolment.why == "" and enrolment.ended_at is None
        sequences.take_due()
        assert sent_steps(enrolment) == [1]
        due_now()
        assert sent_steps(enrolment) == [1, 2]

    def test_found_by_the_job_instead_of_the_reaction(self, cast, sequence, lead):
        step(sequence, 1)
        enrolment = EnrolmentFactory(sequence=sequence, subject=lead)
        open_opportunity(lead=lead, by=cast.sales)
        due_now()
        enrolment.refresh_from_db()
        assert enrolment.why == "converted"
        undo_conversion(lead=lead, by=cast.sales)
        outbox.relay()
        due_now()
        assert sent_steps(enrolment) == [1]

    def test_paused_stays_paused_and_other_reasons_stay(self, cast, sequence, lead):
        step(sequence, 1, days=1)
        others = {
            why: EnrolmentFactory(sequence=SequenceFactory(state="active"), subject=lead) for why in ("x", "y", "z")
        }
        EnrolmentFactory(sequence=sequence, subject=lead).pause(by=cast.marketing)
        others["x"].stop(by=cast.marketing)
        open_opportunity(lead=lead, by=cast.sales)
        outbox.relay()
        others["y"].sequence.close(by=cast.marketing)
        undo_conversion(lead=lead, by=cast.sales)
        outbox.relay()
        assert Enrolment.objects.get(sequence=sequence).state == "paused"
        states = {name: Enrolment.objects.get(pk=each.pk).state for name, each in others.items()}
        assert states == {"x": "stopped", "y": "stopped", "z": "active"}

    def test_undone_before_the_relay_came_to_it(self, cast, sequence, lead):
        step(sequence, 1, days=1)
        enrolment = EnrolmentFactory(sequence=sequence, subject=lead)
        open_opportunity(lead=lead, by=cast.sales)
        undo_conversion(lead=lead, by=cast.sales)
        outbox.relay()
        enrolment.refresh_from_db()
        assert enrolment.state == "active"
        assert not Event.objects.about(enrolment).filter(name="enrolment.stopped").exists()

    def test_what_an_earlier_conversion_stopped_stays_stopped(self, cast, sequence, lead):
        """Stopped by a conversion of long ago, by data: not this one's to take up."""
        step(sequence, 1, days=1)
        enrolment = EnrolmentFactory(sequence=sequence, subject=lead)
        enrolment.stop(by=access.JOB, why="converted")
        open_opportunity(lead=lead, by=cast.sales)
        undo_conversion(lead=lead, by=cast.sales)
        outbox.relay()
        enrolment.refresh_from_db()
        assert enrolment.state == "stopped"
