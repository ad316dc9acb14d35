"""Mails of mailings and sequences go out once: not twice from workers at once, not after a `kill -9` in between."""

import os
import signal
import subprocess
import sys
import time

import pytest
from django.conf import settings

from core import access, outbox
from core.models import Delivery
from core.privacy import consent
from leads.models import Enrolment, Mailing, Send
from leads.nurture import enrolling, mailings, sequences
from tests.concurrency.test_numbering import together
from tests.factories import (
    EnrolmentFactory,
    LeadFactory,
    MailingFactory,
    PurposeFactory,
    SegmentFactory,
    SequenceFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db(transaction=True)


def readers(count):
    purpose = PurposeFactory(code="newsletter")
    for _turn in range(count):
        consent.give(subject=(lead := LeadFactory()), purpose=purpose, by=access.JOB, source="form", evidence="x")
        yield lead


def begun(count):
    """A mailing to so many people that is under way."""
    list(readers(count))
    mailing = MailingFactory(owner=UserFactory(is_superuser=True))
    mailings.start(mailing=mailing, by=mailing.owner)
    return mailing


def in_a_sequence(count):
    sequence = SequenceFactory(state="active", mails=2)
    return [EnrolmentFactory(subject=lead, sequence=sequence) for lead in readers(count)]


def each_got(mailoutbox, count, mails=1):
    outbox.deliver_due()
    addresses = [message.to[0] for message in mailoutbox]
    assert len(addresses) == count * mails and {addresses.count(a) for a in addresses} == {mails}
    assert Send.objects.count() == Delivery.objects.count() == count * mails


def test_four_workers_at_once(mailoutbox, monkeypatch):
    monkeypatch.setattr(mailings, "BATCH", 3)
    monkeypatch.setattr(sequences, "BATCH", 3)
    begun(10)
    assert together(lambda _n: mailings.send_waiting(), threads=4) == []
    mailings.send_waiting()
    each_got(mailoutbox, 10)
    assert Mailing.objects.get().state == "sent"
    mailoutbox.clear()
    Send.objects.all().delete()
    made = [
        EnrolmentFactory(subject=s, sequence=q) for q in [SequenceFactory(state="active", mails=2)] for s in readers(8)
    ]
    assert together(lambda _n: sequences.take_due(), threads=4) == []
    sequences.take_due()
    outbox.deliver_due()
    assert len(mailoutbox) == 16 == Send.objects.count() and len({m.to[0] for m in mailoutbox}) == 8
    assert {e.state for e in Enrolment.objects.filter(pk__in=[m.pk for m in made])} == {"done"}


def test_two_that_take_in_the_same_segment(mailoutbox):
    people = list(readers(12))
    sequence = SequenceFactory(state="active", segment=SegmentFactory(), owner=UserFactory(is_superuser=True))
    assert together(lambda _n: enrolling.take_in_segments(), threads=4) == []
    assert Enrolment.objects.filter(sequence=sequence).count() == len(people)


#: Another process that works, and stands still just after it has posted its fifth mail.
CRASHING = """
import time
import django
django.setup()
from leads.nurture import mailings, sending, sequences
mailings.BATCH = sequences.BATCH = 3
post, seen = sending.post, []
def stand_still(*args, **kwargs):
    found = post(*args, **kwargs)
    seen.append(1)
    if len(seen) == 5:
        print("fifth", flush=True)
        time.sleep(600)
    return found
sending.post = stand_still
{work}
"""


def killed_in_the_middle(process_environ, work):
    program = CRASHING.format(work=work)
    crashing = subprocess.Popen(
        [sys.executable, "-c", program], env=process_environ, cwd=settings.BASE_DIR, stdout=subprocess.PIPE
    )
    assert crashing.stdout and crashing.stdout.readline() == b"fifth\n"
    os.kill(crashing.pid, signal.SIGKILL)
    crashing.wait(20)
    crashing.stdout.close()
    time.sleep(0.5)


def test_a_mailing_killed_in_the_middle(process_environ, mailoutbox):
    begun(8)
    killed_in_the_middle(process_environ, "mailings.send_waiting()")
    assert Send.objects.count() == 3  # the first three were committed, of the others nothing
    mailings.send_waiting()
    each_got(mailoutbox, 8)


def test_a_sequence_killed_in_the_middle(process_environ, mailoutbox):
    in_a_sequence(8)
    killed_in_the_middle(process_environ, "sequences.take_due()")
    assert Send.objects.count() == 3
    sequences.take_due()
    each_got(mailoutbox, 8, mails=2)
    assert {e.state for e in Enrolment.objects.all()} == {"done"}
