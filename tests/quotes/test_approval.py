"""Four eyes, and what stands in the way of each step."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction
from django.utils import timezone

from core.access import JOB, Customer
from core.lifecycle import Refused
from core.models import Event
from quotes.models import Quote
from quotes.services import expire_lapsed
from tests.factories import QuoteFactory


def test_whoever_submits_does_not_approve(cast):
    quote = QuoteFactory(owner=cast.manager)
    quote.submit(by=cast.manager)
    with pytest.raises(Refused, match="somebody else"):
        quote.approve(by=cast.manager)
    quote.approve(by=cast.admin)
    assert (quote.state, quote.submitted_by, quote.approved_by) == ("approved", cast.manager, cast.admin)


def test_sales_cannot_approve(cast):
    quote = QuoteFactory(owner=cast.sales2)
    quote.submit(by=cast.sales2)
    with pytest.raises(PermissionDenied):
        quote.approve(by=cast.sales)


def test_rejected_goes_back_to_its_author_with_the_reason(cast):
    quote = QuoteFactory(owner=cast.sales)
    quote.submit(by=cast.sales)
    quote.reject(by=cast.manager, reason="Sconto troppo alto")
    assert (quote.state, quote.submitted_by) == ("draft", None)
    assert Event.objects.about(quote).first().data == {"reason": "Sconto troppo alto"}


def test_no_lines_no_submission(cast):
    quote = QuoteFactory(owner=cast.sales, line_count=0)
    step = next(s for s in quote.next_steps(cast.sales) if s.name == "submit")
    assert not step.allowed
    assert step.reasons[0].fix_url == quote.edit_url
    with pytest.raises(Refused, match="line"):
        quote.submit(by=cast.sales)


@pytest.mark.parametrize(("rate", "nature"), [(0, ""), (22, "N4")])
def test_a_line_has_either_vat_or_a_reason_against_it(cast, rate, nature):
    quote = QuoteFactory(owner=cast.sales)
    quote.lines.update(vat_rate=rate, vat_nature=nature)
    with pytest.raises(Refused, match="VAT"):
        quote.submit(by=cast.sales)


def test_a_past_day_is_no_validity(cast):
    quote = QuoteFactory(owner=cast.sales, valid_until=timezone.localdate() - timedelta(days=1))
    with pytest.raises(Refused, match="past"):
        quote.submit(by=cast.sales)


def test_the_customer_accepts_but_does_not_approve(cast):
    with pytest.raises(PermissionDenied):
        QuoteFactory(state="pending_approval").approve(by=Customer("Anna"))
    with pytest.raises(PermissionDenied):
        QuoteFactory(state="approved").expire(by=Customer("Anna"))


@pytest.mark.parametrize(
    ("state", "days", "after"),
    [
        ("sent", -1, "expired"),
        ("approved", -1, "expired"),
        ("sent", 0, "sent"),
        ("draft", -1, "draft"),
        ("accepted", -1, "accepted"),
    ],
)
def test_the_job_lets_lapsed_quotes_expire(db, state, days, after):
    quote = QuoteFactory(state=state, valid_until=timezone.localdate() + timedelta(days=days))
    assert expire_lapsed() == (1 if after == "expired" else 0)
    quote.refresh_from_db()
    assert quote.state == after
    assert expire_lapsed() == 0


def test_a_valid_quote_does_not_expire(db):
    quote = QuoteFactory(state="sent")
    with pytest.raises(Refused):
        quote.expire(by=JOB)


def test_the_proof_of_an_acceptance_is_frozen_for_raw_sql(db):
    quote = QuoteFactory(state="sent")
    quote.accept(by=Customer("Anna"), signer_name="Anna")
    for change in (
        {"signer_name": "Eva"},
        {"accepted_sha256": "0"},
        {"pdf": None, "answered_at": None},
        {"title": "x"},
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            Quote.objects.filter(pk=quote.pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        Quote.objects.filter(pk=quote.pk).update(state="draft")


def test_only_one_revision_is_ever_accepted(db):
    first = QuoteFactory(state="accepted")
    second = QuoteFactory(state="sent", number=first.number, revision=2, revises=first, opportunity=first.opportunity)
    with pytest.raises(Refused, match="Revision 1"):
        second.accept(by=Customer("Anna"), signer_name="Anna")
    assert second.state == "sent"


def test_accepting_needs_a_name(db):
    quote = QuoteFactory(state="sent")
    with pytest.raises(Refused, match="name"):
        quote.accept(by=Customer("Anna"), signer_name="  ")


def test_the_schedule_knows_the_job():
    from zencrm.celery import app

    app.loader.import_default_modules()
    assert "quotes.expire_lapsed" in app.tasks
    assert app.conf.beat_schedule["quotes.expire_lapsed"]["task"] == "quotes.expire_lapsed"
