"""The whole chain, walked through the verbs and hand-overs that people use: for trials with real deals and for benchmarks."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from core import access
from core.lifecycle import Refused
from invoicing.models import Invoice
from invoicing.services import draft_invoice
from leads.models import Lead
from opportunities.models import Opportunity
from opportunities.services import open_opportunity
from orders.models import Contract, SalesOrder
from orders.services import place_order, sign_contract
from people.models import User
from projects.services import start_project
from quotes.models import Quote, QuoteLine
from quotes.services import draft_quote, send_quote

#: Names a step and times it, or does nothing.
Clock = Callable[[str], AbstractContextManager[None]]


@contextmanager
def untimed(_name: str) -> Iterator[None]:
    yield


@dataclass(frozen=True)
class Crew:
    """Who does what; our own jobs act where a role has nobody."""

    sales: Any
    manager: Any
    pm: Any
    accountant: Any

    @classmethod
    def found(cls) -> "Crew":
        def first(role: str) -> Any:
            return User.objects.filter(groups__name=role, is_active=True).order_by("pk").first() or access.JOB

        return cls(first("sales"), first("manager"), first("pm"), first("accountant"))


def walk_lead(lead: Lead, crew: Crew, *, clock: Clock = untimed) -> Opportunity:
    """From a new lead to a qualified opportunity."""
    with clock("qualify"):
        lead.take(by=crew.sales)
        lead.qualify(by=crew.sales, need="Pumps", authority="Director")
    with clock("convert"):
        return open_opportunity(lead=lead, by=crew.sales, value=Decimal(1000))


def walk_deal(
    opportunity: Opportunity, crew: Crew, *, lines: list[dict[str, Any]], clock: Clock = untimed, post: bool = True
) -> Invoice:
    """From an open opportunity to a paid invoice and a closed contract. `post=False` prints and mails no quote.

    Raises `Refused` with the reasons of the verb that said no; what was done before it stays done.
    """
    quote = _offer(opportunity, crew, lines, clock, post)
    order = _order(quote, crew, clock)
    with clock("contract"):
        contract = sign_contract(order=order, by=crew.sales)
        contract.sign(by=crew.sales)
    with clock("project"):
        project = start_project(contract=contract, by=crew.pm)
        project.start(by=crew.pm)
        project.complete(by=crew.pm)
    invoice = _cash(contract, crew, clock)
    with clock("close"):
        project.close(by=crew.pm)
        contract.refresh_from_db()
        contract.close(by=crew.sales)
    return invoice


def _offer(opportunity: Opportunity, crew: Crew, lines: list[dict[str, Any]], clock: Clock, post: bool) -> Quote:
    if opportunity.state == Opportunity.State.IDENTIFIED:
        opportunity.qualify(by=crew.sales)
    with clock("quote"):
        quote = draft_quote(opportunity=opportunity, by=crew.sales)
        quote.lines.all().delete()
        for position, values in enumerate(lines):
            QuoteLine(quote=quote, position=position, **values).save()
        quote.set_totals()
        quote.valid_until = max(quote.valid_until, timezone.localdate() + timedelta(days=30))
        quote.save()
        quote.submit(by=crew.sales)
        quote.approve(by=crew.manager)
    with clock("send"):
        if post:
            send_quote(quote=quote, by=crew.sales)
            quote.refresh_from_db()
        else:
            quote.send(by=crew.sales)
    with clock("accept"):
        quote.accept(by=crew.sales, signer_name=str(quote.contact or quote.company))
    return quote


def _order(quote: Quote, crew: Crew, clock: Clock) -> SalesOrder:
    with clock("order"):
        order = SalesOrder.objects.filter(quote=quote).first()
        if order is None:
            try:
                order = place_order(quote=quote, by=crew.sales)
            except Refused:  # a worker's reaction to the acceptance was quicker
                order = SalesOrder.objects.get(quote=quote)
        order.validate(by=crew.sales)
    with clock("approve"):
        order.approve(by=crew.manager)
    return order


def _cash(contract: Contract, crew: Crew, clock: Clock) -> Invoice:
    with clock("draft invoice"):
        invoice = draft_invoice(contract=contract, by=crew.accountant)
    with clock("issue"):
        invoice.issue(by=crew.accountant)
    with clock("pay"):
        invoice.register_payment(by=crew.accountant, amount=invoice.open_amount.amount, on=timezone.localdate())
    return invoice
