"""The form of a product; the cost is there only for those who may see it."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from catalog.models import Product
from core import access
from core.forms import ModelForm


class ProductForm(ModelForm):
    """A product or service."""

    sections = (
        ("", ("code", "name", "kind", "family", "unit", "is_active", "description")),
        (_("Price"), ("list_price", "cost", "vat_rate", "vat_nature")),
    )

    class Meta:
        model = Product
        fields = (
            "code", "name", "kind", "family", "unit", "is_active", "description", "list_price", "cost", "vat_rate",
            "vat_nature",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not (self.user and access.can_see_costs(self.user)):
            del self.fields["cost"]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        for name in ("list_price", "cost"):
            if (found.get(name) or 0) < 0:
                self.add_error(name, _("A price cannot be negative."))
        if "vat_rate" in found and (found["vat_rate"] == 0) != bool(found.get("vat_nature")):
            none_due = found["vat_rate"] == 0
            self.add_error("vat_nature", _("Say why no VAT is due.") if none_due else _("Only a rate of zero has one."))
        return found
