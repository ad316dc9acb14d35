"""A real Celery worker is killed with `kill -9` in mid-delivery and started again: each order leaves exactly once."""

import time

import pytest
from django.conf import settings

from core import outbox
from core.models import Delivery, Event
from tests.concurrency.workers import until, workers_with
from tests.factories import SalesOrderFactory, UserFactory
from tests.servers import Erp

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.servers]

ORDERS = 4


@pytest.fixture
def erp():
    with Erp() as server:
        yield server


@pytest.fixture
def workers(process_environ, erp):
    with workers_with({**process_environ, "ERP_WEBHOOK_URL": erp.url, "ERP_WEBHOOK_SECRET": "s3cret"}) as running:
        yield running


def beat():
    """What the schedule starts by itself twice a minute."""
    outbox.kick("core.relay")
    outbox.kick("core.deliver_due")


def test_each_order_leaves_exactly_once(erp, workers):
    erp.script = ["slow", 200, "slow", 200]
    seller, boss = UserFactory(), UserFactory(is_superuser=True)
    orders = [SalesOrderFactory(state="validated", validated_by=seller) for _n in range(ORDERS)]
    for order in orders:
        order.approve(by=boss)

    kills = 0
    workers.start()
    beat()
    for calls in (1, 3):
        until(
            lambda calls=calls: len(erp.calls) >= calls, beat=beat
        )  # the call is under way: the ERP has it, we have no answer
        under_way = erp.calls[-1][0]
        assert Delivery.objects.get(key=under_way).state == "in_flight"
        workers.kill()
        kills += 1
        erp.go.set()  # the ERP finishes what it was told, though nobody listens any more
        time.sleep(0.2)
        erp.go.clear()
        workers.start()
        beat()
    until(lambda: Delivery.objects.filter(state="delivered").count() == 2 * ORDERS, beat=beat)

    assert not Event.objects.filter(dispatched_at=None).exists()
    files = {path.name for path in settings.ERP_FOLDER.iterdir()}
    names = [order.number.replace(" ", "-").replace("/", "-") for order in orders]
    assert {f"erp-ubl-{name}.xml" for name in names} <= files
    assert not [name for name in files if name.endswith(".part")]
    assert sorted(erp.accepted) == sorted(f"erp-webhook-{name}" for name in names)
    assert set(erp.counts) == set(erp.accepted)
    assert len(erp.calls) == ORDERS + kills  # each killed call was made again, nothing else was
    assert {body for _key, _headers, body in erp.calls} == set(erp.accepted.values())
