"""Sales orders and contracts in the REST API."""

from core.api import DocumentApi
from orders.models import Contract, SalesOrder

ADDRESS = (
    "customer_vat_number", "customer_tax_code", "street", "postcode", "city", "province", "country", "language", "notes",
)  # fmt: skip


class SalesOrderApi(DocumentApi):
    model = SalesOrder
    prefix = "orders"
    fields = (
        "number", "state", "owner", "title", "quote", "opportunity", "company", "contact", "customer_name", "currency", "net",
        "vat", "gross", "ordered_on", "deliver_by", "payment_days", "customer_reference", "cig", "cup", "erp_number",
    )  # fmt: skip
    more = (*ADDRESS, "validated_by", "approved_by", "approved_at")


class ContractApi(DocumentApi):
    model = Contract
    prefix = "contracts"
    fields = (
        "number", "state", "owner", "title", "order", "renews", "company", "contact", "customer_name", "currency", "net", "vat",
        "gross", "starts_on", "ends_on", "payment_days", "signed_at", "closed_at",
    )  # fmt: skip
    more = ADDRESS
