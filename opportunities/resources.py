"""Import and export of opportunities, in any state. Deals won elsewhere can be put in as open ones, for the verbs to walk."""

from collections import Counter
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from import_export.fields import Field

from catalog.models import Product
from core import formats, numbering
from core.imports import AmountWidget, ChoiceWidget, DayWidget, LookupWidget, MomentWidget, RecordResource, TextWidget
from core.imports.mapping import Missing
from leads.models.reasons import OTHER
from opportunities.models import Opportunity
from opportunities.models.stages import probability_of
from parties.models import Company
from parties.resources import company_field, owner_field

_COLUMN = Opportunity._meta.get_field


class OpportunityResource(RecordResource):
    """Opportunities.

    Options of a map: `company_placeholder = "name"` puts deals without a company there, named in the report;
    `value_from_product = true` gives deals without a value their product's list price, named in the report.
    """

    INSERT_ONLY = ("state", "created_at", "closed_on", "lost_reason", "source_outcome")

    state = Field("state", "state", widget=ChoiceWidget(_COLUMN("state")))
    created_at = Field("created_at", "created_at", widget=MomentWidget())
    name = Field("name", "name", widget=TextWidget())
    company = company_field()
    product = Field("product_id", "product", widget=LookupWidget(Product, ("code", "name")))
    currency = Field("currency", "currency", widget=TextWidget())
    value = Field("value", "value", widget=AmountWidget(least=0))
    probability = Field("probability", "probability", widget=AmountWidget(least=0, whole=True))
    expected_close = Field("expected_close", "expected_close", widget=DayWidget())
    closed_on = Field("closed_on", "closed_on", widget=DayWidget())
    lost_reason = Field("lost_reason", "lost_reason", widget=ChoiceWidget(_COLUMN("lost_reason")))
    source_outcome = Field("source_outcome", "source_outcome", widget=ChoiceWidget(_COLUMN("source_outcome")))
    owner = owner_field()

    class Meta(RecordResource.Meta):
        model = Opportunity
        fields = (
            "external_key", "number", "state", "created_at", "name", "company", "product", "source", "currency", "value",
            "probability", "expected_close", "closed_on", "next_step", "competitors", "description", "lost_reason",
            "source_outcome", "owner",
        )  # fmt: skip

    def begin(self) -> None:
        super().begin()
        name = self.options.get("company_placeholder", "")
        self.placeholder = Company.objects.get_or_create(name=name)[0].pk if name else None
        self.prices = dict(Product.objects.values_list("pk", "list_price"))

    def import_instance(self, instance: Opportunity, row: dict[str, Any], **kwargs: Any) -> None:
        errors: dict[str, Any] = {}
        try:
            super().import_instance(instance, row, **kwargs)
        except ValidationError as error:
            errors = error.update_error_dict(errors)
        if instance.company_id is None and self.placeholder and not _given(row, "company"):
            instance.company_id = self.placeholder
            self._note(_("no company: put under “%(name)s”") % {"name": self.options["company_placeholder"]})
        if self.options.get("value_from_product") and not _given(row, "value") and self.is_new:
            self._value_from_product(instance)
        if errors:
            raise ValidationError(errors)

    def _value_from_product(self, instance: Opportunity) -> None:
        if price := self.prices.get(instance.product_id or 0):
            instance.value = price
            self._note(_("no value: the product's list price %(price)s is taken") % {"price": formats.number(price, 2)})

    def _note(self, text: str) -> None:
        self.late_notes.setdefault(self.row_number, []).append(text)

    def complete(self, instance: Opportunity) -> None:
        """Probability by stage, and the closing day of what is closed."""
        if instance.pk is not None:
            return
        instance.probability = probability_of(instance.state)
        if instance.state in ("won", "lost"):
            instance.closed_on = instance.closed_on or instance.expected_close or timezone.localdate()
        if instance.state == "lost":
            instance.lost_reason = instance.lost_reason or OTHER

    def missing(self, instance: Opportunity) -> dict[str, str]:
        found = super().missing(instance)
        if not instance.name:
            found["name"] = _("is missing")
        return found

    def before_insert(self, rows: list[Opportunity]) -> None:
        """Numbers in blocks, by the year in which the deal began."""
        years = Counter(_year(row) for row in rows)
        numbers = {year: iter(numbering.next_numbers("OP", year, count)) for year, count in sorted(years.items())}
        for row in rows:
            row.number = next(numbers[_year(row)])


def _given(row: dict[str, Any], name: str) -> bool:
    value = row.get(name)
    return value not in (None, "") and not isinstance(value, Missing)


def _year(opportunity: Opportunity) -> int:
    return timezone.localtime(opportunity.created_at).year
