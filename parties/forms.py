"""Forms of companies and contacts: what is typed is tidied before it is judged."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core import countries
from core.forms import ModelForm
from parties.matching import plain_vat_number
from parties.models import Company, Contact
from parties.normal import clean_code


class CodeField(forms.CharField):
    """A code of the authorities: spaces and dots are taken out, letters made capital, before its length is judged."""

    def to_python(self, value: Any) -> str:
        return clean_code(super().to_python(value) or "")


class VatNumberField(forms.CharField):
    def to_python(self, value: Any) -> str:
        return plain_vat_number(super().to_python(value) or "")


class CompanyForm(ModelForm):
    """A company."""

    sections = (
        ("", ("name", "sector", "is_customer", "is_supplier")),
        (_("For invoices"), ("vat_number", "tax_code", "sdi_code", "pec", "payment_days", "language")),
        (_("Address"), ("street", "postcode", "city", "province", "country")),
        (_("How to reach them"), ("email", "phone", "website")),
        (_("About them"), ("employees", "annual_revenue", "founded", "parent", "owner", "notes")),
    )
    founded = forms.IntegerField(
        label=_("Founded in"), required=False, min_value=1000, max_value=2100, widget=forms.TextInput()
    )
    country = forms.ChoiceField(label=_("Country"), choices=countries.choices, initial="IT")

    class Meta:
        model = Company
        fields = (
            "name", "sector", "is_customer", "is_supplier", "vat_number", "tax_code", "sdi_code", "pec", "payment_days",
            "language", "street", "postcode", "city", "province", "country", "email", "phone", "website", "employees",
            "annual_revenue", "founded", "parent", "owner", "notes",
        )  # fmt: skip
        field_classes = {"vat_number": VatNumberField, "tax_code": CodeField, "sdi_code": CodeField}
        help_texts = {
            "vat_number": _("11 digits, or a European number with its country: DE123456789."),
            "tax_code": _("16 characters of a person, 11 digits of an organisation."),
            "sdi_code": _("7 characters; leave it empty where invoices go to the PEC."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, length in (("vat_number", 20), ("tax_code", 16), ("sdi_code", 7)):
            # What is typed may hold spaces; the length that counts is that of the tidied code.
            self.fields[name].widget.attrs["maxlength"] = length + 10

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    def clean_province(self) -> str:
        """The two letters of an Italian province in capitals: "na" is Naples, not a missing value."""
        province = self.cleaned_data["province"].strip()
        return province.upper() if len(province) == 2 else province

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        parent = found.get("parent")
        if parent is not None and self.instance.pk and self._leads_back(parent):
            self.add_error("parent", _("A company cannot belong to itself or to one of its own subsidiaries."))
        if found.get("country") == "IT" and found.get("postcode") and not found["postcode"].isdigit():
            self.add_error("postcode", _("An Italian postcode has five digits."))
        return found

    def _leads_back(self, parent: Company | None) -> bool:
        for _step in range(20):
            if parent is None:
                return False
            if parent.pk == self.instance.pk:
                return True
            parent = parent.parent
        return True


class ContactForm(ModelForm):
    """A person."""

    sections = (
        ("", ("first_name", "last_name", "company", "job_title")),
        (_("How to reach them"), ("email", "phone", "mobile", "language", "owner")),
    )

    class Meta:
        model = Contact
        fields = (
            "first_name", "last_name", "company", "job_title", "email", "phone", "mobile", "language", "owner",
        )  # fmt: skip
