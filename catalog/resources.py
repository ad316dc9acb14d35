"""Import and export of products; costs only for those who may see them."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from import_export.fields import Field

from catalog.models import Product
from core.imports import AmountWidget, ChoiceWidget, RecordResource, TextWidget, TruthWidget


class ProductResource(RecordResource):
    """Products, identified by their code."""

    code = Field("code", "code", widget=TextWidget())
    name = Field("name", "name", widget=TextWidget())
    kind = Field("kind", "kind", widget=ChoiceWidget(Product._meta.get_field("kind")))
    currency = Field("currency", "currency", widget=TextWidget())
    list_price = Field("list_price", "list_price", widget=AmountWidget(least=0))
    cost = Field("cost", "cost", widget=AmountWidget(least=0))
    vat_rate = Field("vat_rate", "vat_rate", widget=AmountWidget(least=0))
    vat_nature = Field("vat_nature", "vat_nature", widget=ChoiceWidget(Product._meta.get_field("vat_nature")))
    is_active = Field("is_active", "is_active", widget=TruthWidget())

    class Meta(RecordResource.Meta):
        model = Product
        import_id_fields = ("code",)
        fields = (
            "code", "name", "description", "kind", "family", "unit", "currency", "list_price", "cost", "vat_rate",
            "vat_nature", "is_active",
        )  # fmt: skip

    def missing(self, instance: Product) -> dict[str, str]:
        found = super().missing(instance)
        if instance.list_price is None:
            found["list_price"] = _("is missing")
        if (Decimal(instance.vat_rate) == 0) != bool(instance.vat_nature):
            found["vat_nature"] = _("a rate of zero needs its nature, any other rate has none")
        return found

    def assign(self, instance: Any, name: str, attribute: str, value: Any) -> None:
        """The currency speaks for both amounts, whatever order the columns come in."""
        super().assign(instance, name, attribute, value)
        if name == "currency":
            for amount in ("list_price", "cost"):
                present = getattr(instance, amount)
                if present is not None:
                    setattr(instance, amount, present.amount)
