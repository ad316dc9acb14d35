"""Drafting, revising, lines."""

from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.access import JOB
from core.lifecycle import Refused
from core.models import Event
from core.money import cents
from quotes.models import Quote, QuoteLine
from quotes.services import draft_quote, revise_quote, update_lines
from tests.factories import OpportunityFactory, ProductFactory, QuoteFactory


def test_draft_snapshots_the_customer_and_moves_the_deal(cast, deal, three_lines):
    quote = draft_quote(opportunity=deal, by=cast.sales, lines=three_lines)
    deal.refresh_from_db()
    assert (quote.state, quote.revision, quote.number[:3]) == ("draft", 1, "PV ")
    assert deal.state == "proposal"
    assert (quote.customer_name, quote.thread_id, quote.owner) == (deal.company.name, deal.thread_id, cast.sales)
    assert quote.contact == deal.contact
    deal.company.name = "Nome nuovo"
    deal.company.save()
    quote.refresh_from_db()
    assert quote.customer_name != "Nome nuovo"
    assert Event.objects.about(quote).get().name == "quote.drafted"


def test_totals_are_right_to_the_cent(cast, deal, three_lines):
    quote = draft_quote(opportunity=deal, by=cast.sales, lines=three_lines)
    assert [line.net for line in quote.lines.all()] == [Decimal("500.00"), Decimal("360.00"), Decimal("17.99")]
    assert (quote.net.amount, quote.vat.amount, quote.gross.amount) == (
        Decimal("877.99"),
        Decimal("189.92"),  # 22 % of 860.00 is 189.20, 4 % of 17.99 is 0.72
        Decimal("1067.91"),
    )


def test_several_quotes_of_one_deal_have_numbers_of_their_own(cast, deal):
    numbers = {draft_quote(opportunity=deal, by=cast.sales).number for _ in range(3)}
    assert len(numbers) == 3


@pytest.mark.parametrize("state", ["identified", "won", "lost"])
def test_draft_needs_a_qualified_open_deal(cast, state):
    deal = OpportunityFactory(state=state, owner=cast.sales)
    with pytest.raises(Refused):
        draft_quote(opportunity=deal, by=cast.sales)
    assert not Quote.objects.exists()


def test_draft_needs_the_right(cast, deal):
    with pytest.raises(PermissionDenied):
        draft_quote(opportunity=deal, by=cast.accountant)


def test_revision_copies_lines_and_replaces_the_one_before(cast):
    first = QuoteFactory(state="sent", owner=cast.sales)
    second = revise_quote(quote=first, by=cast.sales)
    assert (first.state, second.state) == ("superseded", "draft")
    assert (second.number, second.revision, second.revises) == (first.number, 2, first)
    assert second.token != first.token
    keep = ("position", "description", "quantity", "unit_price", "unit_cost", "net")
    assert list(second.lines.values_list(*keep)) == list(first.lines.values_list(*keep))
    assert (second.net, second.gross) == (first.net, first.gross)
    assert list(first.lineage()) == [second, first]


def test_revision_of_what_the_customer_has_is_negotiation(cast, django_capture_on_commit_callbacks):
    from django.utils import timezone

    quote = QuoteFactory(state="sent", owner=cast.sales, sent_at=timezone.now())
    revise_quote(quote=quote, by=cast.sales)
    quote.opportunity.refresh_from_db()
    assert quote.opportunity.state == "negotiation"


@pytest.mark.parametrize("state", ["draft", "pending_approval", "accepted", "superseded"])
def test_revision_is_refused(cast, state):
    quote = QuoteFactory(state=state, owner=cast.sales)
    with pytest.raises(Refused):
        revise_quote(quote=quote, by=cast.sales)
    assert Quote.objects.count() == 1


@pytest.mark.parametrize("state", ["won", "lost"])
def test_revision_is_refused_for_a_closed_deal(cast, state):
    quote = QuoteFactory(state="declined", owner=cast.sales, opportunity=OpportunityFactory(state=state))
    with pytest.raises(Refused, match=r"OP 2026"):
        revise_quote(quote=quote, by=cast.sales)


def test_a_second_revision_fails_in_the_database(cast):
    first = QuoteFactory(state="sent", owner=cast.sales)
    second = revise_quote(quote=first, by=cast.sales)
    with pytest.raises(DatabaseError), transaction.atomic():
        QuoteFactory(number=first.number, revision=3, revises=first, opportunity=second.opportunity)


def test_lines_can_be_changed_reordered_and_removed(cast, deal, three_lines):
    quote = draft_quote(opportunity=deal, by=cast.manager, lines=three_lines)
    pump, work, _book = quote.lines.all()
    update_lines(
        quote=quote,
        by=cast.manager,
        lines=[
            {"id": work.pk, "quantity": Decimal(10)},
            {"id": pump.pk},
            {"description": "Nuova", "unit_price": Decimal(5)},
        ],
    )
    assert [line.description for line in quote.lines.all()] == ["Posa in opera", pump.description, "Nuova"]
    assert quote.net.amount == Decimal("985.00")
    assert quote.lines.filter(pk=pump.pk).exists()


def test_only_those_who_see_costs_give_them(cast, deal, three_lines):
    quote = draft_quote(opportunity=deal, by=cast.sales, lines=[three_lines[0] | {"unit_cost": Decimal(1)}])
    assert quote.lines.get().unit_cost == Decimal("100.00")
    line = quote.lines.get()
    update_lines(quote=quote, by=cast.sales, lines=[{"id": line.pk, "unit_cost": Decimal(1)}])
    assert quote.lines.get().unit_cost == Decimal("100.00")
    update_lines(quote=quote, by=cast.manager, lines=[{"id": line.pk, "unit_cost": Decimal(90)}])
    assert quote.lines.get().unit_cost == Decimal("90.00")
    other = ProductFactory(cost=Decimal("33.00"))
    update_lines(quote=quote, by=cast.sales, lines=[{"id": line.pk, "product": other}])
    assert quote.lines.get().unit_cost == Decimal("33.00")


@pytest.mark.parametrize("state", ["pending_approval", "approved", "sent", "accepted"])
def test_lines_are_frozen_once_submitted(cast, state):
    quote = QuoteFactory(state=state, owner=cast.sales)
    with pytest.raises(Refused):
        update_lines(quote=quote, by=cast.sales, lines=[])
    with pytest.raises(DatabaseError), transaction.atomic():
        QuoteLine.objects.filter(quote=quote).update(unit_price=1)
    assert quote.lines.count() == 2


@pytest.mark.parametrize(
    "facts",
    [
        {"description": "", "unit_price": Decimal(1)},
        {"description": "x"},
        {"description": "x", "unit_price": Decimal(1), "discount": Decimal(101)},
        {"description": "x", "unit_price": Decimal("9999999999"), "quantity": Decimal("99999999")},
        {"description": "x", "unit_price": Decimal(1), "vat_rate": Decimal(-1)},
    ],
)
def test_bad_lines_name_their_place_and_change_nothing(cast, deal, three_lines, facts):
    quote = draft_quote(opportunity=deal, by=cast.sales, lines=three_lines)
    with pytest.raises(ValidationError, match="Line 2"):
        update_lines(quote=quote, by=cast.sales, lines=[three_lines[0], facts])
    assert quote.lines.count() == 3


def test_a_line_of_another_quote_is_not_touched(cast, deal, three_lines):
    other = QuoteFactory(owner=cast.sales)
    stolen = other.lines.first()
    quote = draft_quote(opportunity=deal, by=cast.sales)
    update_lines(quote=quote, by=cast.sales, lines=[{"id": stolen.pk, "description": "Mia", "unit_price": Decimal(1)}])
    assert other.lines.filter(pk=stolen.pk, description=stolen.description).exists()
    assert quote.lines.get().description == "Mia"


amounts = st.decimals(min_value=0, max_value=100_000, places=4)
line_facts = st.fixed_dictionaries(
    {
        "description": st.just("x"),
        "quantity": st.decimals(min_value=0, max_value=1000, places=3),
        "unit_price": amounts,
        "discount": st.decimals(min_value=0, max_value=100, places=2),
        "vat_rate": st.sampled_from([Decimal(r) for r in (0, 4, 5, 10, 22)]),
    }
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(line_facts, max_size=8))
def test_vat_is_the_sum_of_each_rates_rounded_vat(deal, lines):
    """EN 16931: BR-CO-10 and BR-CO-14, from facts typed to columns stored."""
    quote = draft_quote(opportunity=deal, by=JOB, lines=lines)
    stored = Quote.objects.get(pk=quote.pk)
    nets = [cents(f["quantity"] * f["unit_price"] * (100 - f["discount"]) / 100) for f in lines]
    rates = {f["vat_rate"] for f in lines}
    by_rate = {r: sum(n for n, f in zip(nets, lines, strict=True) if f["vat_rate"] == r) for r in rates}
    assert stored.net.amount == sum(nets)
    assert stored.vat.amount == sum(cents(net * rate / 100) for rate, net in by_rate.items())
    assert stored.gross.amount == stored.net.amount + stored.vat.amount
    assert all(amount == cents(amount) for amount in (stored.net.amount, stored.vat.amount, stored.gross.amount))
