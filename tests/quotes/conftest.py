"""What the tests of quotes share."""

from decimal import Decimal
from typing import Any

import pytest

from core import identity
from tests.factories import ContactFactory, OpportunityFactory, ProductFactory, QuoteFactory


@pytest.fixture(autouse=True)
def our_company(settings: Any) -> None:
    settings.COMPANY = identity.Company(
        name="Nostra S.r.l.", street="Via Po 1", city="Torino", vat_number="08341570151"
    )


@pytest.fixture
def deal(cast: Any) -> Any:
    """A qualified opportunity of `sales`, with a contact."""
    deal = OpportunityFactory(state="qualified", owner=cast.sales)
    deal.contact = ContactFactory(company=deal.company, email="giulia@cliente.example")
    deal.save()
    return deal


@pytest.fixture
def three_lines(db: None) -> list[dict[str, Any]]:
    pump = ProductFactory(name="Pompa", list_price=Decimal("250.00"), cost=Decimal("100.00"))
    return [
        {"product": pump, "quantity": Decimal(2)},
        {"description": "Posa in opera", "quantity": Decimal("7.5"), "unit": "h", "unit_price": Decimal("48.00")},
        {
            "description": "Libro tecnico",
            "unit_price": Decimal("19.99"),
            "vat_rate": Decimal(4),
            "discount": Decimal(10),
        },
    ]


def quote_in(state: str, **kwargs: Any) -> Any:
    """A quote with two lines in a state, owned by whoever is given."""
    return QuoteFactory(state=state, **kwargs)
