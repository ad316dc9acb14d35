"""Products in the REST API."""

from catalog.models import Product
from core.api import DocumentApi


class ProductApi(DocumentApi):
    model = Product
    prefix = "products"
    fields = (
        "code", "name", "description", "kind", "family", "unit", "currency", "list_price", "cost", "vat_rate", "vat_nature",
        "is_active",
    )  # fmt: skip
