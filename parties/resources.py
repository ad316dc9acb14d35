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
from core.imports.lookups import plain
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

    def begin(self) -> None:
        super().begin()
        #: Rows whose parent is not there yet: row number -> name of the parent; and all names of the file.
        self.orphans: dict[int, str] = {}
        self.named: set[str] = set()

    def import_field(self, field: Any, instance: Any, row: dict[str, Any], is_m2m: bool = False, **kwargs: Any) -> None:
        if field.column_name == "parent" and self.is_orphan(row):
            self.orphans[self.row_number] = row["parent"]
            return
        super().import_field(field, instance, row, is_m2m, **kwargs)

    def is_orphan(self, row: dict[str, Any]) -> bool:
        name = row.get("parent")
        return isinstance(name, str) and bool(name) and self.fields["parent"].widget.find(name) is None

    def passed(self, number: int, row: dict[str, Any]) -> None:
        super().passed(number, row)
        if self.is_orphan(row):
            self.orphans[number] = row["parent"]

    def complete(self, instance: Company) -> None:
        self.named |= {plain(instance.name), plain(instance.external_key)}

    def conclude(self, written: dict[int, int] | None = None) -> list[Any]:
        """Now that all rows are in, find the parents that came after their subsidiaries."""
        widget = self.fields["parent"].widget
        widget.forget()
        ids = {n: row.pk for n, row in self.written.items()} if written is None else written
        rows = Company.objects.in_bulk([ids[number] for number in self.orphans if number in ids])
        changed = []
        for number, name in self.orphans.items():
            child, parent = rows.get(ids.get(number, 0)), widget.find(name)
            if parent is None and not (written == {} and plain(name) in self.named):
                note = _("parent company “%(name)s” was not found") % {"name": name}
                self.late_notes.setdefault(number, []).append(note)
            elif child is not None and parent is not None and child.pk != parent:
                child.parent_id = parent
                changed.append(child)
        Company.objects.bulk_update(changed, ["parent"])
        return changed


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
