"""Hand-overs into orders and contracts, and what happens to them because of something elsewhere."""

from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import history, numbering
from core.access import JOB, Actor
from core.lifecycle import Reason, Refused
from opportunities.models import Opportunity
from orders.models import Contract, ContractLine, SalesOrder, SalesOrderLine
from quotes.models import Quote

history.register("salesorder.drafted", gettext_lazy("placed the order"))
history.register("contract.drafted", gettext_lazy("drafted the contract"))

#: The verb that brings an opportunity one step nearer to being won, by its state.
_TOWARDS_WON = {
    "lost": "reopen",
    "identified": "qualify",
    "qualified": "propose",
    "proposal": "win",
    "negotiation": "win",
}


def place_order(*, quote: Quote, by: Actor) -> SalesOrder:
    """Make the draft order of an accepted quote and win its opportunity.

    Raises Refused unless the quote is accepted; a second order of one quote fails in the database.
    """
    with transaction.atomic(), history.acting(by):
        opportunity = Opportunity.objects.select_for_update(of=("self",)).get(pk=quote.opportunity_id)
        quote = Quote.objects.select_for_update(of=("self",)).get(pk=quote.pk)
        if quote.state != Quote.State.ACCEPTED:
            raise Refused(_("Only an accepted quote becomes an order."))
        if reasons := not_yet_ordered(quote):
            raise Refused(*reasons)
        _win(opportunity, quote, by)
        order = SalesOrder(
            quote=quote,
            opportunity=opportunity,
            company_id=quote.company_id,
            contact_id=quote.contact_id,
            owner_id=quote.owner_id,
            thread_id=quote.thread_id,
            title=quote.title,
            payment_days=quote.payment_days,
            notes=quote.notes,
            **quote.customer_snapshot(),
            **_amounts(quote),
        )
        order.number = numbering.next_number("OV", timezone.localdate().year)
        order.save()
        SalesOrderLine.objects.bulk_create(SalesOrderLine(order=order, **line.snapshot()) for line in quote.lines.all())
        history.record("salesorder.drafted", order, by=by, target=order.state, data={"quote": str(quote)})
    return order


def not_yet_ordered(quote: Quote) -> list[Reason]:
    """Why this quote cannot be ordered (again): the order there is, with its page."""
    order = SalesOrder.objects.filter(quote_id=quote.pk).first()
    if order is None:
        return []
    return [Reason(_("The order %(number)s was placed already.") % {"number": order.number}, order.get_absolute_url())]


def _win(opportunity: Opportunity, quote: Quote, by: Actor) -> None:
    """The deal is won at what was accepted; a customer may accept what we had given up."""
    if opportunity.state == Opportunity.State.WON:
        return
    opportunity.value = quote.net
    opportunity.save(update_fields=["value", "currency", "updated_at"])
    while verb := _TOWARDS_WON.get(opportunity.state):
        getattr(opportunity, verb)(by=by)
    if not opportunity.company.is_customer:
        opportunity.company.is_customer = True
        opportunity.company.save(update_fields=["is_customer", "updated_at"])


def _amounts(document: Any) -> dict[str, Any]:
    return {"net": document.net, "vat": document.vat, "gross": document.gross, "currency": document.currency}


def sign_contract(
    *, order: SalesOrder, by: Actor, starts_on: date | None = None, ends_on: date | None = None
) -> Contract:
    """Make the draft contract of an approved order, with its lines. `starts_on` defaults to today.

    Raises Refused unless the order is approved; a second contract of one order fails in the database.
    """
    starts_on = starts_on or timezone.localdate()
    _check_term(starts_on, ends_on)
    with transaction.atomic(), history.acting(by):
        order.contract_order(by=by)
        contract = Contract(
            order=order, contact_id=order.contact_id, starts_on=starts_on, ends_on=ends_on, **_handed_on(order)
        )
        return _draft(contract, order, by)


def renew_contract(*, contract: Contract, by: Actor) -> Contract:
    """Make the next contract, a draft with the same lines and the same length, from the day after this one ends.

    Raises Refused unless the contract is active or closed; a contract is renewed once.
    """
    with transaction.atomic(), history.acting(by):
        contract.renew(by=by)
        starts_on, ends_on = _next_term(contract)
        following = Contract(
            renews=contract,
            contact_id=contract.contact_id,
            starts_on=starts_on,
            ends_on=ends_on,
            **_handed_on(contract),
        )
        return _draft(following, contract, by)


def _handed_on(document: Any) -> dict[str, Any]:
    """What a contract takes from the document before it."""
    return {
        "company_id": document.company_id,
        "owner_id": document.owner_id,
        "thread_id": document.thread_id,
        "title": document.title,
        "payment_days": document.payment_days,
        "notes": document.notes,
        **document.customer_snapshot(),
        **_amounts(document),
    }


def _draft(contract: Contract, before: Any, by: Actor) -> Contract:
    contract.number = numbering.next_number("CT", timezone.localdate().year)
    contract.save()
    lines = before.lines.all()
    ContractLine.objects.bulk_create(ContractLine(contract=contract, **line.snapshot()) for line in lines)
    history.record("contract.drafted", contract, by=by, target=contract.state, data={"from": str(before)})
    return contract


def _next_term(contract: Contract) -> tuple[date, date | None]:
    if contract.ends_on is None:
        return timezone.localdate(), None
    starts_on = contract.ends_on + timedelta(days=1)
    return starts_on, starts_on + (contract.ends_on - contract.starts_on)


def _check_term(starts_on: date, ends_on: date | None) -> None:
    if ends_on is not None and ends_on < starts_on:
        raise Refused(_("A contract cannot end before it starts."))


# --- Reactions (zencrm/reactions.py) --------------------------------------------------------------------------------------


def place_order_on_acceptance(event: Any) -> None:
    """An accepted quote becomes an order by itself, unless somebody was faster."""
    quote = Quote.objects.select_for_update(of=("self",)).get(pk=event.subject_id)
    if not not_yet_ordered(quote):
        place_order(quote=quote, by=JOB)


def fulfil_order(event: Any) -> None:
    """When the contract of an order has run its course, the order is fulfilled."""
    contract = Contract.objects.select_related("order").get(pk=event.subject_id)
    order = contract.order
    if order is not None and order.state == SalesOrder.State.CONTRACTED:
        order.fulfil(by=JOB)
