"""Pages of sales orders and contracts."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from core.pages import ActPage, BoardPage, Column, DetailPage, FormPage, HandoverPage, ListPage, Panel, Related
from orders import services
from orders.filters import ContractFilter, SalesOrderFilter
from orders.forms import ContractForm, SalesOrderForm, TermForm
from orders.models import Contract, SalesOrder
from quotes.models import Quote

CUSTOMER = Panel(
    _("Customer"),
    (
        "company",
        "customer_name",
        ("address_lines", _("Address")),
        "customer_vat_number",
        "customer_tax_code",
        "contact",
    ),
    icon="building",
)
DELIVERIES = Related(_("Deliveries"), "deliveries", (Column("channel"), Column("state"), Column("attempts")),
                     permission="core.view_delivery")  # fmt: skip
FIGURES = ("net", "gross", ("margin", _("Margin")), ("margin_percent", _("Margin %")))


class WithLines(DetailPage):
    """A document with lines: fetched once, for the table, the totals and the margin."""

    lines = "lines"
    figures = FIGURES

    def queryset(self) -> Any:
        return super().queryset().prefetch_related("lines")


class SalesOrderList(ListPage):
    model = SalesOrder
    columns = (
        Column("number", link=True),
        Column("customer_name"),
        Column("title", hide_on_phone=True),
        Column("state"),
        Column("net"),
        Column("deliver_by", hide_on_phone=True),
        Column("owner", hide_on_phone=True),
        Column("ordered_on"),
    )
    filterset = SalesOrderFilter
    views = (
        (_("All"), ""),
        (_("Mine"), "mine=1"),
        (_("To validate"), "state=draft"),
        (_("Awaiting approval"), "state=validated"),
        (_("To contract"), "state=approved"),
        (_("In delivery"), "state=contracted"),
    )
    bulk_verbs = ("validate", "approve")
    empty_text = _("Orders come from accepted quotes, by themselves.")


class SalesOrderBoard(BoardPage):
    model = SalesOrder
    filterset = SalesOrderFilter
    sum_field = "net"
    card_title = "customer_name"
    card_fields = (Column("number"), Column("net"), Column("deliver_by"), Column("owner"))


class SalesOrderDetail(WithLines):
    model = SalesOrder
    panels = (
        Panel(
            _("Order"),
            ("title", "quote", "ordered_on", "deliver_by", "payment_days", "customer_reference", "cig", "cup", "notes"),
            icon="shopping-cart",
        ),
        CUSTOMER,
        Panel(_("Approval"), ("validated_by", "approved_by", "approved_at", "erp_number"), icon="checks"),
    )
    related = (
        Related(_("Contract"), "contracts", ("number", "state", "net")),
        DELIVERIES,
    )


class SalesOrderEdit(FormPage):
    model = SalesOrder
    form_class = SalesOrderForm


class SalesOrderAct(ActPage):
    model = SalesOrder


class PlaceOrder(HandoverPage):
    title = _("Place the order")
    source = Quote
    makes = SalesOrder
    source_argument = "quote"
    permission = "orders.add_salesorder"
    service = staticmethod(services.place_order)


class ContractList(ListPage):
    model = Contract
    columns = (
        Column("number", link=True),
        Column("customer_name"),
        Column("title", hide_on_phone=True),
        Column("state"),
        Column("net"),
        Column("starts_on", hide_on_phone=True),
        Column("ends_on"),
        Column("owner", hide_on_phone=True),
    )
    filterset = ContractFilter
    views = (
        (_("All"), ""),
        (_("Mine"), "mine=1"),
        (_("To sign"), "state=draft"),
        (_("Active"), "state=active"),
        (_("Closed"), "state=closed"),
    )
    empty_text = _("Contracts come from approved orders.")


class ContractBoard(BoardPage):
    model = Contract
    filterset = ContractFilter
    sum_field = "net"
    card_title = "customer_name"
    card_fields = (Column("number"), Column("net"), Column("ends_on"), Column("owner"))


class ContractDetail(WithLines):
    model = Contract
    panels = (
        Panel(
            _("Contract"),
            ("title", "order", "renews", "starts_on", "ends_on", "payment_days", "signed_at", "closed_at", "notes"),
            icon="writing-sign",
        ),
        CUSTOMER,
    )
    related = (
        Related(_("Invoices"), "invoices", ("number", "state", "gross"), permission="invoicing.view_invoice"),
        Related(_("Cases"), "cases", ("number", "state", "title"), permission="customercare.view_case"),
        Related(_("Renewal"), "renewals", ("number", "state", "starts_on")),
        DELIVERIES,
    )


class ContractEdit(FormPage):
    model = Contract
    form_class = ContractForm


class ContractAct(ActPage):
    model = Contract


class SignContract(HandoverPage):
    title = _("Make the contract")
    source = SalesOrder
    makes = Contract
    source_argument = "order"
    permission = "orders.add_contract"
    form_class = TermForm
    service = staticmethod(services.sign_contract)


class RenewContract(HandoverPage):
    title = _("Renew")
    source = Contract
    makes = Contract
    source_argument = "contract"
    permission = "orders.add_contract"
    service = staticmethod(services.renew_contract)
