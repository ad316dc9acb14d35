"""A real Celery worker is killed with `kill -9` while it makes leads of submissions: none is lost, none is doubled."""

import pytest

from core.models import Event, Purpose
from leads.models import Capture, Lead, OptIn, Touch
from leads.tasks import take_in_captures
from tests import brakes
from tests.concurrency.workers import until, workers_with
from tests.factories import WebFormFactory
from tests.leads.capturing import newsletter, post

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.servers]

#: Everybody sends twice, with other words: the second one is of the same matter.
PEOPLE = 60
ROWS = 2 * PEOPLE


def submit(form):
    """One after the other into the queue, through the real door; no worker is there yet."""
    for n in range(ROWS):
        brakes.release()
        person = n % PEOPLE
        sent = {"last_name": f"Rossi {person}", "email": f"p{person}@firm.example", "message": f"Question {n}"}
        consents = {"consents": {Purpose.objects.get().code: True}}
        answer = post(form, sent | consents, key=f"submission-{n}")
        assert answer.status_code in (200, 201, 202), answer.content


def taken():
    return Capture.objects.filter(state="taken").count()


def test_each_submission_becomes_one_touch_of_one_lead(process_environ):
    form = WebFormFactory(double_opt_in=True)
    newsletter(form)
    submit(form)
    assert Capture.objects.filter(state="received").count() == ROWS
    with workers_with(process_environ) as workers:
        workers.start()
        take_in_captures.delay()
        until(lambda: 5 < taken() < ROWS, beat=lambda: None)
        workers.kill()
        killed_at = taken()
        assert killed_at < ROWS
        # What was under way when the power went is not half in: as many touches as submissions that are done.
        assert Touch.objects.count() == killed_at
        workers.start()
        until(lambda: taken() == ROWS, beat=take_in_captures.delay)
    assert Capture.objects.exclude(state="taken").count() == 0
    assert Lead.objects.count() == Lead.objects.values("email").distinct().count() == PEOPLE
    assert Touch.objects.count() == Touch.objects.values("capture").distinct().count() == ROWS
    assert Event.objects.filter(name="lead.created").count() == PEOPLE
    assert OptIn.objects.values("capture").distinct().count() == OptIn.objects.count()
    for lead in Lead.objects.all():
        number = int(lead.email[1 : lead.email.index("@")])
        said = [line for line in lead.message.splitlines() if line.startswith("Question")]
        assert said == [f"Question {number}", f"Question {number + PEOPLE}"]
