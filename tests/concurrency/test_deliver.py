"""Deliveries while other workers look at the same rows."""

import threading
import time

import pytest
from django.db import connection, transaction

from core import outbox
from core.models import Delivery
from core.outbox import posting
from tests.factories import LeadFactory

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_claimed_delivery_is_made_though_another_worker_looks_at_it_just_then(mailoutbox):
    """PostgreSQL locks a row before it sees that it is no longer due, and keeps it to the end of that transaction."""
    delivery = outbox.send_mail(key="one", subject=LeadFactory(), to=["ada@example.com"], title="Hello", text="Hello")
    assert posting._claim(delivery.pk)
    looking, seen = threading.Event(), []

    def look() -> None:
        with transaction.atomic():
            seen.append(Delivery.objects.select_for_update().get(pk=delivery.pk).state)
            looking.set()
            time.sleep(0.5)
        connection.close()

    other = threading.Thread(target=look)
    other.start()
    assert looking.wait(10)
    posting._attempt(delivery.pk)
    other.join()
    delivery.refresh_from_db()
    assert (seen, delivery.state, len(mailoutbox)) == (["in_flight"], "delivered", 1)
