"""Six relays at once on a real PostgreSQL: each event's reactions run once, in the transaction of its stamp."""

import threading
import time

import pytest
from django.db import connection

from core import access, history, outbox
from core.models import Event
from people.models import Team
from tests.factories import LeadFactory
from zencrm.reactions import REACTIONS

pytestmark = pytest.mark.django_db(transaction=True)

RELAYS, EVENTS = 6, 48


@pytest.fixture
def work():
    """Each event makes one team; every fifth fails at its first try, after its work was done."""
    failed = set()

    def reaction(event):
        Team.objects.create(name=f"event {event.pk}")
        time.sleep(0.005)
        if event.pk % 5 == 0 and event.pk not in failed:
            failed.add(event.pk)
            raise ValueError("first try")

    outbox.install_reactions({"lead.tested": (reaction,)})
    lead = LeadFactory()
    yield [history.record("lead.tested", lead, by=access.JOB).pk for _n in range(EVENTS)]
    outbox.install_reactions(REACTIONS)


def run_relays():
    """All relays start together; returns how many events each did."""
    barrier, done, errors = threading.Barrier(RELAYS), [], []

    def one():
        try:
            barrier.wait(10)
            done.append(outbox.relay())
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _n in range(RELAYS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    return done


def test_each_event_is_done_once_by_one_of_six_relays(work):
    poisoned = [pk for pk in work if pk % 5 == 0]
    assert sum(run_relays()) == EVENTS - len(poisoned)
    assert Event.objects.filter(dispatched_at=None).count() == len(poisoned)
    assert not Team.objects.filter(name__in=[f"event {pk}" for pk in poisoned]).exists()

    outbox.retry(Event.objects.all())
    assert sum(run_relays()) == len(poisoned)
    assert sorted(Team.objects.values_list("name", flat=True)) == sorted(f"event {pk}" for pk in work)
    assert not Event.objects.filter(pk__in=work, dispatched_at=None).exists()
    assert Event.objects.filter(pk__in=poisoned, attempts=2).count() == len(poisoned)
