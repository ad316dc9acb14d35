"""Parts of a contract line: how much is left to invoice, and what a part of it comes to, to the cent."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from core.money import ZERO, line_net


@dataclass(frozen=True)
class OpenLine:
    """A contract line with what invoices, drafts included and credited ones not, have left of it."""

    line: Any
    quantity: Decimal
    net: Decimal

    @property
    def is_open(self) -> bool:
        return self.quantity != 0

    def share(self, quantity: Decimal) -> Decimal:
        """The net of invoicing this much more.

        Parts are rounded on the running total, not one by one: three thirds of 100.00 come to 33.33, 33.34 and 33.33, and
        whoever completes the quantity completes the amount. After credit notes in between, a part may be zero, never less.
        """
        if quantity == self.quantity:
            return self.net
        line = self.line
        done = line.quantity - self.quantity + quantity
        total = line_net(quantity=done, unit_price=line.unit_price, discount=line.discount)
        part = total - (line.net - self.net)
        return part if part * line.net >= 0 else ZERO


def open_line(line: Any, *, besides: int | None = None) -> OpenLine:
    """What is left of one contract line, not counting the invoice line `besides`."""
    return open_lines([line], besides=besides)[0]


def open_lines(lines: Iterable[Any], *, besides: int | None = None) -> list[OpenLine]:
    """What is left of contract lines, in one query."""
    from invoicing.models.documents import Invoice
    from invoicing.models.lines import InvoiceLine

    lines = list(lines)
    parts = InvoiceLine.objects.filter(
        contract_line__in=[line.pk for line in lines], invoice__kind=Invoice.Kind.INVOICE
    )
    parts = parts.exclude(invoice__state=Invoice.State.CREDITED).exclude(pk=besides)
    sums = parts.order_by().values_list("contract_line").annotate(quantity=Sum("quantity"), net=Sum("net"))
    done = {pk: (quantity, net) for pk, quantity, net in sums}
    found = []
    for line in lines:
        quantity, net = done.get(line.pk, (ZERO, ZERO))
        found.append(OpenLine(line, line.quantity - quantity, line.net - net))
    return found


def share_of(line: Any, quantity: Decimal, *, besides: int | None = None) -> Decimal:
    """The net of invoicing this much of a contract line, not counting the invoice line `besides`."""
    return open_line(line, besides=besides).share(quantity)
