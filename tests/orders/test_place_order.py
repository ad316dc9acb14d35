"""From the accepted quote to the order: what is copied, what is won, and that it happens once."""

from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from core import outbox
from core.lifecycle import Refused
from core.models import Event
from orders.models import SalesOrder
from orders.services import place_order
from tests.factories import OpportunityFactory, QuoteFactory, SalesOrderFactory

pytestmark = pytest.mark.django_db

SNAPSHOT = ("description", "quantity", "unit", "unit_price", "discount", "vat_rate", "vat_nature", "unit_cost", "net")


def test_an_order_is_a_snapshot_of_the_accepted_quote(cast):
    quote = QuoteFactory(state="accepted", owner=cast.sales, payment_days=60, street="Via Po 3", city="Torino")
    order = place_order(quote=quote, by=cast.sales)
    assert (order.state, order.net, order.vat, order.gross) == ("draft", quote.net, quote.vat, quote.gross)
    assert (order.owner, order.thread_id, order.payment_days, order.street) == (
        cast.sales,
        quote.thread_id,
        60,
        "Via Po 3",
    )
    assert list(order.lines.values(*SNAPSHOT)) == list(quote.lines.values(*SNAPSHOT))
    assert order.number.startswith("OV ")
    assert order.totals.net == order.net.amount
    assert Event.objects.about(order).first().name == "salesorder.drafted"


@pytest.mark.parametrize("state", ["identified", "qualified", "proposal", "negotiation", "lost"])
def test_the_opportunity_is_won_at_what_was_accepted(cast, state):
    quote = QuoteFactory(state="accepted", opportunity=OpportunityFactory(state=state, value=Decimal("9.99")))
    place_order(quote=quote, by=cast.sales)
    opportunity = quote.opportunity
    opportunity.refresh_from_db()
    assert (opportunity.state, opportunity.value) == ("won", quote.net)
    assert opportunity.company.is_customer


def test_a_second_quote_of_a_won_opportunity_can_be_ordered_too(cast):
    opportunity = OpportunityFactory(state="won")
    for _n in range(2):
        place_order(quote=QuoteFactory(state="accepted", opportunity=opportunity), by=cast.sales)
    assert opportunity.orders.count() == 2


@pytest.mark.parametrize(
    "state", ["draft", "pending_approval", "approved", "sent", "declined", "expired", "superseded"]
)
def test_only_an_accepted_quote_is_ordered(cast, state):
    quote = QuoteFactory(state=state)
    with pytest.raises(Refused):
        place_order(quote=quote, by=cast.sales)
    assert not SalesOrder.objects.filter(quote=quote).exists()


def test_a_second_attempt_is_refused_with_the_way_to_the_first(cast):
    quote = QuoteFactory(state="accepted")
    order = place_order(quote=quote, by=cast.sales)
    with pytest.raises(Refused) as refusal:
        place_order(quote=quote, by=cast.sales)
    assert refusal.value.reasons[0].fix_url == order.get_absolute_url()


def test_the_database_refuses_a_second_order_of_a_quote():
    order = SalesOrderFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        SalesOrderFactory(quote=order.quote)


def test_without_the_right_nothing_is_placed(cast):
    quote = QuoteFactory(state="accepted")
    with pytest.raises(PermissionDenied):
        place_order(quote=quote, by=cast.nobody)
    assert not SalesOrder.objects.exists()


def test_an_accepted_quote_becomes_an_order_by_itself(cast):
    quote = QuoteFactory(state="sent", owner=cast.sales)
    quote.accept(by=cast.sales, signer_name="Giulia Verdi")
    assert outbox.relay() == 1
    order = SalesOrder.objects.get(quote=quote)
    assert Event.objects.about(order).first().actor_name == "ZenCRM"


def test_the_reaction_leaves_an_order_alone_that_somebody_placed_first(cast):
    quote = QuoteFactory(state="sent", owner=cast.sales)
    quote.accept(by=cast.sales, signer_name="Giulia Verdi")
    order = place_order(quote=quote, by=cast.sales)
    assert outbox.relay() == 1
    assert list(SalesOrder.objects.filter(quote=quote)) == [order]
    assert not Event.objects.filter(dispatched_at=None).exists()


def test_placing_by_hand_over_http(cast, client_of):
    quote = QuoteFactory(state="accepted", owner=cast.sales)
    url = f"/orders/from-quote/{quote.pk}/"
    answer = client_of(cast.sales).post(url)
    order = SalesOrder.objects.get(quote=quote)
    assert answer.status_code == 302
    assert answer.url == order.get_absolute_url()
    again = client_of(cast.sales).post(url)
    assert again.status_code == 409
    assert order.number in again.content.decode()
    assert client_of(cast.sales2).post(url).status_code == 404
    assert client_of(cast.care).post(url).status_code == 403
