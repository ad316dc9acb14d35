"""Deals that a real CRM calls won, taken through every verb to a paid invoice and a closed contract."""

from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Sum

from core import outbox
from core.identity import Company
from invoicing.models import Invoice
from opportunities.models import Opportunity
from orders.models import Contract, SalesOrder
from tests.factories import OpportunityFactory

pytestmark = pytest.mark.django_db(transaction=True)
TABLES = (
    ("users", "sales_teams.csv", "maven_teams"),
    ("products", "products.csv", "maven_products"),
    ("companies", "accounts.csv", "maven_accounts"),
    ("opportunities", "sales_pipeline_asof_2017-09-30.csv", "maven_deals"),
)


def test_nothing_is_walked_that_could_not_be_invoiced(settings) -> None:
    deal = OpportunityFactory(source_outcome="won", external_key="old-1")
    settings.COMPANY = Company()
    with pytest.raises(CommandError, match="lacks name, street, city, VAT number.*ZENCRM_COMPANY_NAME"):
        call_command("run_chain", won=1, stdout=StringIO())
    deal.refresh_from_db()
    assert deal.state in deal.OPEN_STATES and not deal.quotes.exists()


def test_won_deals_walk_the_whole_chain(shared: Path, cast) -> None:
    for resource, file, table in TABLES:
        call_command("import_table", resource, shared / "data" / "maven" / file, map=table, stdout=StringIO())
    deals = Opportunity.objects.won_elsewhere().filter(value__gt=0).order_by("pk")[:12]
    expected = sum((deal.value.amount for deal in deals), Decimal(0))
    out, err = StringIO(), StringIO()
    call_command("run_chain", won=12, stdout=out, stderr=err)
    while outbox.relay():
        continue
    assert err.getvalue() == ""
    assert "12 of 12 deals walked" in out.getvalue()
    invoices = Invoice.objects.filter(state="paid")
    assert invoices.count() == 12
    assert invoices.aggregate(net=Sum("net"))["net"] == expected
    assert Contract.objects.filter(state="closed").count() == 12
    assert SalesOrder.objects.filter(state="fulfilled").count() == 12
    assert Opportunity.objects.filter(state="won", external_key__startswith="maven-").count() == 12
