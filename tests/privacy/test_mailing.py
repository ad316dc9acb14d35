"""Nobody without a valid consent is in a marketing send: neither when it is posted, nor when it goes."""

import pytest

from core import access, outbox
from core.lifecycle import Refused
from core.models import Delivery, Purpose, PurposeText
from core.privacy import consent
from tests.factories import CompanyFactory, ContactFactory, LeadFactory


@pytest.fixture
def newsletter(db) -> Purpose:
    purpose = Purpose.objects.create(name="Newsletter", code="newsletter")
    PurposeText.objects.create(purpose=purpose, version=1, text_it="Ci sto")
    return purpose


def send(subject, to, purpose="newsletter"):
    facts = {"title": "Novità", "text": "Venite in fiera", "purpose": purpose}
    return outbox.send_mail(key=f"n-{subject._meta.model_name}-{subject.pk}", subject=subject, to=to, **facts)


def agree(person, purpose):
    consent.give(subject=person, purpose=purpose, by=access.JOB, source="form", evidence="x")


@pytest.mark.parametrize("factory", [LeadFactory, ContactFactory])
def test_who_has_agreed_is_written_to(newsletter, mailoutbox, factory):
    person = factory()
    agree(person, newsletter)
    outbox.deliver(send(person, [person.email]).pk)
    assert [message.to for message in mailoutbox] == [[person.email]]


def test_who_has_not_is_refused_and_nothing_is_posted(newsletter):
    never, taken_back, known = LeadFactory(), LeadFactory(), LeadFactory()
    for person in (taken_back, known):
        agree(person, newsletter)
    consent.withdraw(subject=taken_back, purpose=newsletter, by=access.JOB, source="email")
    company = CompanyFactory()
    refused = ((never, never.email, "newsletter"), (taken_back, taken_back.email, "newsletter"),
               (known, "other@x.example", "newsletter"), (known, known.email, "unknown"),
               (company, company.email, "newsletter"))  # fmt: skip
    for person, address, purpose in refused:
        with pytest.raises(Refused):
            send(person, [address], purpose)
    assert not Delivery.objects.exists()


def test_a_no_that_comes_while_the_letter_waits_stops_it(newsletter, mailoutbox):
    lead = LeadFactory()
    agree(lead, newsletter)
    delivery = send(lead, [lead.email])
    consent.withdraw(subject=lead, purpose=newsletter, by=access.JOB, source="phone")
    outbox.deliver(delivery.pk)
    delivery.refresh_from_db()
    assert delivery.state == "failed" and "consent" in delivery.last_error and not mailoutbox
