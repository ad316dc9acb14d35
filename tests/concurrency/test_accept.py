"""Twelve customers accept one quote, two revisions are accepted, one quote is revised twelve times: each once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from core.access import JOB, Customer
from core.lifecycle import Refused
from core.models import Event
from quotes.models import Quote
from quotes.services import revise_quote
from tests.factories import QuoteFactory

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(acts):
    """Run each act in a thread with a connection of its own; what came back, refusals included."""

    def run(act):
        try:
            return act()
        except Refused as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def accepting(quote, name):
    def act():
        mine = Quote.objects.get(pk=quote.pk)
        mine.accept(by=Customer(name), signer_name=name)
        return name

    return act


def test_twelve_threads_accept_one_quote_and_one_wins():
    quote = QuoteFactory(state="sent")
    answers = at_once([accepting(quote, f"Cliente {n}") for n in range(12)])
    winners = [answer for answer in answers if isinstance(answer, str)]
    quote.refresh_from_db()
    assert len(winners) == 1
    assert sum(isinstance(answer, Refused) for answer in answers) == 11
    assert (quote.state, quote.signer_name) == ("accepted", winners[0])
    assert Event.objects.filter(name="quote.accepted").count() == 1


@pytest.mark.parametrize("turn", range(5))
def test_of_two_revisions_at_the_customers_one_is_accepted(turn):
    """The pages never leave two revisions open; even so, only one can win."""
    first = QuoteFactory(state="sent")
    rest = [QuoteFactory(state="sent", number=first.number, revision=n, opportunity=first.opportunity) for n in (2, 3)]
    acts = [accepting(quote, f"Rev {quote.revision}") for quote in (first, *rest) for _twice in range(3)]
    answers = at_once(acts)
    assert sum(isinstance(answer, str) for answer in answers) == 1
    assert sum(isinstance(answer, Refused) for answer in answers) == 8
    assert Quote.objects.filter(number=first.number, state="accepted").count() == 1


def test_twelve_threads_revise_one_quote_into_one_revision():
    quote = QuoteFactory(state="sent")
    answers = at_once([lambda: revise_quote(quote=Quote.objects.get(pk=quote.pk), by=JOB)] * 12)
    assert sum(isinstance(answer, Refused) for answer in answers) == 11
    assert sorted(Quote.objects.values_list("revision", "state")) == [(1, "superseded"), (2, "draft")]


@pytest.mark.parametrize("turn", range(5))
def test_accepted_or_revised_but_never_both(turn):
    quote = QuoteFactory(state="sent")
    acts = [accepting(quote, "Anna"), lambda: revise_quote(quote=Quote.objects.get(pk=quote.pk), by=JOB)] * 3
    answers = at_once(acts)
    assert sum(isinstance(answer, Refused) for answer in answers) == 5
    states = dict(Quote.objects.values_list("revision", "state"))
    assert states in ({1: "accepted"}, {1: "superseded", 2: "draft"})
