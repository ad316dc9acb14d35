"""What we sell: products and services with price, cost and VAT."""

from decimal import Decimal
from typing import Any, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.access import UnownedQuerySet
from core.fulltext import search_index, word_index
from core.history import tracked
from core.models import Line, Record
from core.money import MoneyField


class VatNature(models.TextChoices):
    """Why no VAT is due: the codes N1...N7 of the FatturaPA format, version 1.2.2."""

    N1 = "N1", _("N1 excluded (art. 15)")
    N2_1 = "N2.1", _("N2.1 not subject (artt. 7–7-septies)")
    N2_2 = "N2.2", _("N2.2 not subject, other cases")
    N3_1 = "N3.1", _("N3.1 exports")
    N3_2 = "N3.2", _("N3.2 supplies within the EU")
    N4 = "N4", _("N4 exempt")
    N6_9 = "N6.9", _("N6.9 reverse charge, other cases")


class ProductQuerySet(UnownedQuerySet):
    def on_sale(self) -> Self:
        return self.filter(is_active=True)


@tracked()
class Product(Record):
    """A product or service. List price, cost: per unit, in the currency of the row."""

    ICON = "package"
    COST_FIELDS: tuple[str, ...] = ("cost",)

    class Kind(models.TextChoices):
        GOODS = "goods", _("Goods")
        SERVICE = "service", _("Service (by the hour)")
        SUBSCRIPTION = "subscription", _("Subscription")

    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=200)
    description = models.TextField(_("description"), blank=True, max_length=2000)
    kind = models.CharField(_("kind"), max_length=15, choices=Kind.choices, default=Kind.GOODS)
    family = models.CharField(_("family"), max_length=80, blank=True)
    unit = models.CharField(_("unit"), max_length=10, default="pz")
    list_price = MoneyField(_("list price"), default_currency="EUR", validators=[])
    cost = MoneyField(_("cost"), default=0, default_currency="EUR")
    vat_rate = models.DecimalField(
        _("VAT %"),
        max_digits=5,
        decimal_places=2,
        default=Decimal(22),
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(100))],
    )
    vat_nature = models.CharField(_("VAT nature"), max_length=4, choices=VatNature.choices, blank=True)
    is_active = models.BooleanField(_("on sale"), default=True)
    search = search_index("code", text=("name", "family"))

    objects = ProductQuerySet.as_manager()

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering = ("name",)
        indexes = [
            models.Index(fields=["name", "id"], name="product_list_by_name"),
            word_index(name="product_search"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(list_price__gte=0) & Q(cost__gte=0), name="product_price_is_not_negative"
            ),
            models.CheckConstraint(condition=Q(vat_rate=0) ^ Q(vat_nature=""), name="product_has_vat_rate_or_nature"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    def as_line(self) -> dict[str, Any]:
        """The values a document line starts from: a snapshot of today's catalogue."""
        return {
            "product": self,
            "description": self.description or self.name,
            "unit": self.unit,
            "unit_price": self.list_price.amount,
            "unit_cost": self.cost.amount,
            "vat_rate": self.vat_rate,
            "vat_nature": self.vat_nature,
        }


class ProductLine(Line):
    """A document line that remembers which product it came from."""

    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("product")
    )

    class Meta(Line.Meta):
        abstract = True
