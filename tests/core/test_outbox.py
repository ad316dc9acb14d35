"""Reactions and deliveries: exactly once, errors kept and mended, a dead broker loses nothing."""

from datetime import timedelta

import pytest
from celery import Celery
from django.db import transaction
from django.utils import timezone

from core import access, history, outbox
from core.models import Event
from people.models import Team
from tests.factories import LeadFactory, SalesOrderFactory
from zencrm import embedded
from zencrm.reactions import REACTIONS

pytestmark = pytest.mark.django_db


@pytest.fixture
def react():
    """Install reactions for one test."""
    yield outbox.install_reactions
    outbox.install_reactions(REACTIONS)


def happen(name="lead.tested"):
    return history.record(name, LeadFactory(), by=access.JOB)


def test_a_reaction_runs_once_with_its_stamp(react):
    react({"lead.tested": (lambda event: Team.objects.create(name=f"e{event.pk}"),)})
    event = happen()
    assert outbox.relay() == 1
    assert outbox.relay() == 0
    event.refresh_from_db()
    assert event.dispatched_at is not None
    assert Team.objects.filter(name=f"e{event.pk}").count() == 1


def test_an_event_nobody_waits_for_is_done_at_once(react):
    react({})
    assert happen().dispatched_at is not None
    assert outbox.relay() == 0


def test_reactions_of_an_act_that_rolls_back_never_happen(react):
    react({"lead.tested": (lambda event: Team.objects.create(name="never"),)})
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        happen()
        raise ZeroDivisionError
    assert outbox.relay() == 0
    assert not Team.objects.filter(name="never").exists()


def test_a_poison_event_keeps_its_error_undoes_its_work_and_lets_others_pass(react):
    poisoned = []

    def reaction(event):
        Team.objects.create(name=f"e{event.pk}")
        if event.pk in poisoned:
            raise ValueError("poison")

    react({"lead.tested": (reaction,)})
    first, second = happen(), happen()
    poisoned.append(first.pk)
    assert outbox.relay() == 1
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.attempts, first.dispatched_at, first.last_error) == (1, None, "ValueError('poison')")
    assert first.next_try_at > timezone.now()
    assert second.dispatched_at is not None
    assert list(Team.objects.values_list("name", flat=True)) == [f"e{second.pk}"]
    poisoned.clear()
    assert outbox.relay() == 0  # not due yet
    assert outbox.retry(Event.objects.filter(pk=first.pk)) == 1
    assert outbox.relay() == 1
    first.refresh_from_db()
    assert (first.last_error, Team.objects.filter(name=f"e{first.pk}").count()) == ("", 1)


def test_waits_grow_from_try_to_try(react):
    def poison(event):
        raise ValueError

    react({"lead.tested": (poison,)})
    event = happen()
    for wait in outbox.BACK_OFF[:3]:
        outbox.retry(Event.objects.filter(pk=event.pk))
        outbox.relay()
        event.refresh_from_db()
        assert abs(event.next_try_at - timezone.now() - timedelta(seconds=wait)) < timedelta(seconds=10)


def test_the_same_key_is_posted_once():
    order = SalesOrderFactory()
    first = outbox.send(
        channel="ubl", key="k-1", subject=order, payload={"a": 1}, files=[("a.xml", "text/xml", b"<a/>")]
    )
    again = outbox.send(
        channel="ubl", key="k-1", subject=order, payload={"a": 2}, files=[("b.xml", "text/xml", b"<b/>")]
    )
    assert first == again
    assert again.payload == {"a": 1}
    assert again.files.get().name == "a.xml"


@pytest.fixture
def own_broker(tmp_path, transactional_db):
    """A Redis of this test's own, and Celery pointed at it."""
    from celery import current_app

    var = tmp_path / "var"
    app = Celery("own", set_as_current=False)
    app.config_from_object("django.conf:settings", namespace="CELERY")
    app.conf.broker_url = embedded.broker_url(embedded.redis_url(var))
    before = current_app._get_current_object()
    app.set_current()
    yield var, app
    before.set_current()
    app.close()
    embedded.stop(var)
    embedded.release(var)


@pytest.mark.servers
def test_with_a_dead_broker_verbs_work_and_the_work_waits(cast, own_broker, settings, tmp_path):
    var, app = own_broker
    settings.ERP_FOLDER = tmp_path / "erp"
    order = SalesOrderFactory(state="validated", owner=cast.sales)
    order.approve(by=cast.manager)
    assert Event.objects.about(order).first().dispatched_at is None
    outbox.relay()  # what beat starts each minute
    outbox.deliver_due()
    assert order.deliveries().get().state == "delivered"

    embedded.start(var, postgres=False)
    second = SalesOrderFactory(state="validated", owner=cast.sales)
    second.approve(by=cast.manager)
    with app.connection_for_read() as connection:
        assert (
            connection.default_channel.client.llen("celery") + connection.default_channel.client.llen("main:celery")
            >= 1
        )
