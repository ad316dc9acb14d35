"""Purchase orders in the REST API."""

from core.api import DocumentApi
from purchasing.models import PurchaseOrder


class PurchaseOrderApi(DocumentApi):
    model = PurchaseOrder
    prefix = "purchases"
    fields = (
        "number", "state", "owner", "supplier", "project", "title", "currency", "net", "vat", "gross", "ordered_on",
        "deliver_by", "received_on", "approved_by",
    )  # fmt: skip
    more = ("notes",)
