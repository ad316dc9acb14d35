"""Facts of a verb may have any name, also one that the state machine's library uses itself."""

from decimal import Decimal

import pytest
from django.utils import timezone

from core import access
from tests.factories import InvoiceFactory


@pytest.mark.django_db
def test_a_fact_may_be_called_method():
    invoice = InvoiceFactory(state="issued")
    facts = {"amount": Decimal("10.00"), "on": timezone.localdate(), "method": "card"}
    invoice.register_payment(by=access.JOB, **facts)
    assert invoice.state == "partly_paid"
    assert invoice.payments.get().method == "card"
