"""Import and export of companies and contacts."""

from typing import Any, ClassVar

from django.utils.translation import gettext as _
from import_export.fields import Field

from core.imports import (
    AmountWidget,
    ChoiceWidget,
    CountryWidget,
    LookupWidget,
    RecordResource,
    TextWidget,
    TruthWidget,
)
from parties.matching import plain_vat_number
from parties.models import Company, Contact
from parties.normal import clean_code
from people.models import User


class CodeWidget(TextWidget):
    """Tax and SdI codes as the authorities write them."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        return clean_code(str(value or ""))


class VatNumberWidget(TextWidget):
    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        return plain_vat_number(str(value or ""))


def owner_field() -> Field:
    """The owner, by user name, full name or e-mail."""
    return Field("owner_id", "owner", widget=LookupWidget(User, ("username", ("first_name", "last_name"), "email")))


def company_field() -> Field:
    """A company, by its key in the other system or its name."""
    return Field("company_id", "company", widget=LookupWidget(Company, ("external_key", "name", "vat_number")))


class CompanyResource(RecordResource):
    """Companies. A parent company may follow later in the same file."""

    COLUMN: ClassVar[Any] = Company._meta.get_field
    name = Field("name", "name", widget=TextWidget())
    vat_number = Field("vat_number", "vat_number", widget=VatNumberWidget())
    tax_code = Field("tax_code", "tax_code", widget=CodeWidget())
    sdi_code = Field("sdi_code", "sdi_code", widget=CodeWidget())
    country = Field("country", "country", widget=CountryWidget())
    employees = Field("employees", "employees", widget=AmountWidget(least=0, whole=True))
    annual_revenue = Field("annual_revenue", "annual_revenue", widget=AmountWidget(least=0))
    founded = Field("founded", "founded", widget=AmountWidget(least=0, whole=True))
    payment_days = Field("payment_days", "payment_days", widget=AmountWidget(least=0, whole=True))
    is_customer = Field("is_customer", "is_customer", widget=TruthWidget())
    is_supplier = Field("is_supplier", "is_supplier", widget=TruthWidget())
    language = Field("language", "language", widget=ChoiceWidget(COLUMN("language")))
    parent = Field("parent_id", "parent", widget=LookupWidget(Company, ("external_key", "name")))
    owner = owner_field()

    class Meta(RecordResource.Meta):
        model = Company
        fields = (
            "external_key", "name", "vat_number", "tax_code", "sdi_code", "pec", "email", "phone", "website", "street",
            "postcode", "city", "province", "country", "sector", "employees", "annual_revenue", "founded", "parent",
            "language", "payment_days", "is_customer", "is_supplier", "owner", "notes",
        )  # fmt: skip

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        super().before_import(dataset, **kwargs)
        #: Rows whose parent is not there yet: (row number, key of the row, name of the parent).
        self.orphans: list[tuple[int, str, str]] = []

    def import_field(self, field: Any, instance: Any, row: dict[str, Any], is_m2m: bool = False, **kwargs: Any) -> None:
        name = row.get("parent")
        if field.column_name == "parent" and isinstance(name, str) and name and field.widget.find(name) is None:
            self.orphans.append((self.row_number, row["external_key"], name))
            return
        super().import_field(field, instance, row, is_m2m, **kwargs)

    def after_import(self, dataset: Any, result: Any, **kwargs: Any) -> None:
        """Now that all rows are in, find the parents that came after their subsidiaries."""
        widget = self.fields["parent"].widget
        widget.forget()
        keys = [key for _number, key, _name in self.orphans]
        rows = {row.external_key: row for row in Company.objects.filter(external_key__in=keys)}
        changed = []
        for number, key, name in self.orphans:
            child, parent = rows.get(key), widget.find(name)
            if parent is None:
                note = _("parent company “%(name)s” was not found") % {"name": name}
                self.late_notes.setdefault(number, []).append(note)
            elif child is not None and child.pk != parent:
                child.parent_id = parent
                changed.append(child)
        Company.objects.bulk_update(changed, ["parent"])


class ContactResource(RecordResource):
    """Contacts, linked to companies by key or name."""

    last_name = Field("last_name", "last_name", widget=TextWidget())
    language = Field("language", "language", widget=ChoiceWidget(Contact._meta.get_field("language")))
    company = company_field()
    owner = owner_field()

    class Meta(RecordResource.Meta):
        model = Contact
        fields = (
            "external_key", "first_name", "last_name", "company", "job_title", "email", "phone", "mobile", "language",
            "owner",
        )  # fmt: skip
