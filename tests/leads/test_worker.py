"""A lead typed into the form is scored by a real Celery worker on the real Redis, while the salesperson looks on."""

import statistics
import time

import pytest
from django.test import Client

from leads import scoring
from leads.models import Lead

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.servers]

FACTS = {"company_name": "Pompe Adriatiche", "email": "anna@pompe.example", "language": "it"}


def wait_for_score(lead, seconds=60):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        lead.refresh_from_db()
        if lead.scoring.scored_at is not None:
            return lead.score
        time.sleep(0.01)
    return None


def typed_in(user):
    client = Client()
    client.force_login(user, backend="people.backends.RoleBackend")
    client.post("/leads/new/", FACTS)
    return client, Lead.objects.get()


def test_typed_in_then_changed(cast, celery_worker_process):
    client, lead = typed_in(cast.sales)
    assert wait_for_score(lead) == 11
    client.post(lead.edit_url, {**FACTS, "need": "Le pompe perdono", "budget": "20,000"})
    assert Lead.objects.get().scoring.scored_at is None or Lead.objects.get().score == 31
    assert wait_for_score(lead) == 31


def test_a_changed_lead_has_its_score_within_a_second(cast, celery_worker_process):
    client, lead = typed_in(cast.sales)
    assert wait_for_score(lead) == 11  # the worker is up
    taken = []
    for turn in range(9):
        needs = {"need": "Le pompe perdono"} if turn % 2 == 0 else {}
        client.post(lead.edit_url, {**FACTS, **needs})
        started = time.monotonic()
        assert wait_for_score(lead) == (19 if needs else 11)
        taken.append(time.monotonic() - started)
    assert statistics.median(taken) < 1
    assert not Lead.objects.exclude(scored__scored_with=scoring.edition()).exists()
