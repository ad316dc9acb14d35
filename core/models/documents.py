"""What the documents of a deal share: owner, thread, totals, lines."""

from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import money
from core.models.records import Record, Stateful


class Thread(models.Model):
    """One deal from first touch to last payment: every document of it points here, whatever created what."""

    created_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        return f"#{self.pk}"


class Document(Stateful, Record):
    """A record with a life cycle, an owner, and a place in the thread of its deal."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("owner"),
    )
    thread = models.ForeignKey(Thread, on_delete=models.PROTECT, related_name="+", editable=False)

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.thread_id is None:
            self.thread = Thread.objects.create()
        super().save(*args, **kwargs)


class Priced(models.Model):
    """A document with lines: its totals are kept on it, all in one currency."""

    net = money.MoneyField(_("net"), default=0, default_currency="EUR")
    vat = money.MoneyField(_("VAT"), default=0, default_currency="EUR")
    gross = money.MoneyField(_("total"), default=0, default_currency="EUR")

    #: Never given out to those who may not see costs.
    COST_FIELDS: tuple[str, ...] = ("cost", "margin", "margin_percent")
    if TYPE_CHECKING:
        currency: str  # the column that the money fields share

    class Meta:
        abstract = True

    @property
    def cost(self) -> money.Money:
        """What the lines cost us."""
        return money.Money(sum((line.cost for line in self.lines.all()), Decimal(0)), self.net.currency)  # type: ignore[attr-defined]

    @property
    def margin(self) -> money.Money:
        """Net less cost."""
        return self.net - self.cost

    @property
    def margin_percent(self) -> Decimal | None:
        """Margin in percent of net, to one decimal; None where nothing is charged."""
        return round(self.margin.amount / self.net.amount * 100, 1) if self.net.amount else None

    @property
    def totals(self) -> money.Totals:
        """Totals per VAT rate, from the lines."""
        return money.totals(self.lines.all())  # type: ignore[attr-defined]

    def set_totals(self, lines: Iterable[Any] | None = None) -> None:
        """Take the totals from the lines, or from those a new document is going to have; the caller saves."""
        found = self.totals if lines is None else money.totals(lines)
        self.net, self.vat, self.gross = found.net, found.vat, found.gross


class Line(models.Model):
    """A line of a document: a snapshot, never a live reference. Price, cost and net are in the document's currency."""

    COST_FIELDS: tuple[str, ...] = ("unit_cost",)

    position = models.PositiveSmallIntegerField(_("position"), default=0)
    description = models.TextField(_("description"), max_length=2000)
    quantity = models.DecimalField(_("quantity"), max_digits=12, decimal_places=3, default=Decimal(1))
    unit = models.CharField(_("unit"), max_length=10, default="pz")
    unit_price = models.DecimalField(_("unit price"), max_digits=14, decimal_places=4)
    discount = models.DecimalField(
        _("discount %"),
        max_digits=5,
        decimal_places=2,
        default=Decimal(0),
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(100))],
    )
    vat_rate = models.DecimalField(
        _("VAT %"),
        max_digits=5,
        decimal_places=2,
        default=Decimal(22),
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(100))],
    )
    vat_nature = models.CharField(_("VAT nature"), max_length=4, blank=True)
    unit_cost = models.DecimalField(_("unit cost"), max_digits=14, decimal_places=4, default=Decimal(0))
    net = models.DecimalField(_("net"), max_digits=14, decimal_places=2, editable=False)

    #: What a hand-over copies from the line before it.
    SNAPSHOT: ClassVar[tuple[str, ...]] = (
        "position",
        "product_id",
        "description",
        "quantity",
        "unit",
        "unit_price",
        "discount",
        "vat_rate",
        "vat_nature",
        "unit_cost",
        "net",
    )

    class Meta:
        abstract = True
        ordering = ("position", "pk")

    def __str__(self) -> str:
        return self.description[:60]

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.net = self.compute_net()
        super().save(*args, **kwargs)

    def compute_net(self) -> Decimal:
        """What the line comes to. A document whose lines are parts of another's may round otherwise."""
        return money.line_net(quantity=self.quantity, unit_price=self.unit_price, discount=self.discount)

    def snapshot(self) -> dict[str, Any]:
        """The values the next document's line starts from."""
        return {name: getattr(self, name) for name in self.SNAPSHOT}

    @property
    def cost(self) -> Decimal:
        """What the line costs us, rounded once; for those who may see costs."""
        return money.cents(self.unit_cost * self.quantity)

    @property
    def margin(self) -> Decimal:
        """Net less cost, for those who may see costs."""
        return self.net - self.cost
