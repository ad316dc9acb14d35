"""Amounts: Decimal, one rounding policy, VAT computed per rate on the document (EN 16931, BR-CO-14 and BR-CO-17)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from django.db import models
from djmoney.models.fields import MoneyField as DjangoMoneyField
from djmoney.money import Money

__all__ = ["CENT", "HUNDRED", "ZERO", "Money", "MoneyField", "RateTotal", "Totals", "cents", "line_net", "totals"]

CENT = Decimal("0.01")
ZERO = Decimal("0.00")
HUNDRED = Decimal(100)


def cents(amount: Decimal | int | str) -> Decimal:
    """Round to cents, half up (the commercial rule; Regulation (EC) 1103/97, art. 5)."""
    return Decimal(amount).quantize(CENT, rounding=ROUND_HALF_UP)


def line_net(*, quantity: Decimal, unit_price: Decimal, discount: Decimal = ZERO) -> Decimal:
    """Net of a line: quantity x price less the discount (in percent), rounded once."""
    return cents(quantity * unit_price * (HUNDRED - discount) / HUNDRED)


@dataclass(frozen=True)
class RateTotal:
    """What one VAT rate (percent) or, at zero, one nature of exemption (N1...N7) adds up to."""

    rate: Decimal
    nature: str
    net: Decimal
    vat: Decimal


@dataclass(frozen=True)
class Totals:
    """Totals of a document: VAT is the sum over rates of the rounded VAT of each rate's net."""

    net: Decimal = ZERO
    vat: Decimal = ZERO
    rates: list[RateTotal] = field(default_factory=list)

    @property
    def gross(self) -> Decimal:
        return self.net + self.vat


def totals(lines: Iterable[Any]) -> Totals:
    """Totals of lines that carry `net`, `vat_rate` (percent) and `vat_nature`."""
    sums: dict[tuple[Decimal, str], Decimal] = {}
    for line in lines:
        key = (Decimal(line.vat_rate), line.vat_nature or "")
        sums[key] = sums.get(key, ZERO) + line.net
    rates = [RateTotal(rate, nature, net, cents(net * rate / HUNDRED)) for (rate, nature), net in sorted(sums.items())]
    return Totals(sum((r.net for r in rates), ZERO), sum((r.vat for r in rates), ZERO), rates)


if TYPE_CHECKING:

    class MoneyField(models.Field[Any, Any]):
        """What reads and writes as Money; django-money says nothing of its types."""

        currency_field_name: str

        def __init__(self, *args: Any, **kwargs: Any) -> None: ...

else:

    class MoneyField(DjangoMoneyField):
        """A MoneyField whose siblings on the same model share one currency column, named `currency`."""

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            kwargs.setdefault("max_digits", 14)
            kwargs.setdefault("decimal_places", 2)
            kwargs.setdefault("currency_field_name", "currency")
            super().__init__(*args, **kwargs)

        def add_currency_field(self, cls: type[models.Model], name: str) -> None:
            for column in cls._meta.local_fields:
                if column.name == self.currency_field_name:
                    self._currency_field = column
                    return
            super().add_currency_field(cls, name)
