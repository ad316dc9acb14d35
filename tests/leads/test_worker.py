"""A lead typed into the form is scored by a real Celery worker on the real Redis, while the salesperson looks on."""

import time

import pytest
from django.test import Client

from leads.models import Lead

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.servers]


def wait_for_score(lead, seconds=60):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        lead.refresh_from_db()
        if lead.scoring.scored_at is not None:
            return lead.score
        time.sleep(0.1)
    return None


def test_typed_in_then_changed(cast, celery_worker_process):
    client = Client()
    client.force_login(cast.sales, backend="people.backends.RoleBackend")
    facts = {"company_name": "Pompe Adriatiche", "email": "anna@pompe.example", "language": "it"}
    client.post("/leads/new/", facts)
    lead = Lead.objects.get()
    assert wait_for_score(lead) == 11
    client.post(lead.edit_url, {**facts, "need": "Le pompe perdono", "budget": "20,000"})
    assert Lead.objects.get().scoring.scored_at is None or Lead.objects.get().score == 31
    assert wait_for_score(lead) == 31
