"""A real mail server on the loopback, and people who have agreed to something."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core import access
from core.models import Delivery
from core.privacy import consent
from leads.models import Send
from tests.factories import LeadFactory, PurposeFactory
from tests.servers import mail_server


@pytest.fixture(autouse=True)
def no_brake(calm):
    """What one test has tried does not count against the next one."""


@pytest.fixture
def smtp(settings):
    with mail_server() as (mailbox, port):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        settings.DEFAULT_FROM_EMAIL = "ZenCRM <crm@aquaflux.example>"
        settings.MAIL_REPLY_ADDRESS = "crm@aquaflux.example"
        settings.BASE_URL = "https://crm.aquaflux.example"
        yield mailbox


@pytest.fixture
def newsletter(db):
    return PurposeFactory(code="newsletter")


@pytest.fixture
def profiling(db):
    return PurposeFactory(code="profiling")


@pytest.fixture
def agree():
    """`agree(person, purpose, ...)`: they have said yes to each, an hour ago."""

    def say_yes(person, *purposes):
        at = timezone.now() - timedelta(hours=1)
        for purpose in purposes:
            consent.give(subject=person, purpose=purpose, by=access.JOB, source="form", evidence="Form 1", at=at)
        return person

    return say_yes


@pytest.fixture
def reader(newsletter, agree):
    """Somebody who has agreed to the newsletter."""
    return agree(LeadFactory(first_name="Giulia", last_name="Verdi", email="Giulia@Cliente.example"), newsletter)


@pytest.fixture
def long_ago(db):
    """`long_ago()`: every mail was taken by the mail server some minutes ago, so that people may have read it."""

    def age(minutes=5):
        at = timezone.now() - timedelta(minutes=minutes)
        Delivery.objects.filter(state="delivered").update(delivered_at=at)
        Send.objects.update(at=at)

    return age
