"""Companies and contacts in the REST API."""

from core.api import DocumentApi
from parties.models import Company, Contact


class CompanyApi(DocumentApi):
    model = Company
    prefix = "companies"
    fields = (
        "name", "vat_number", "tax_code", "sdi_code", "pec", "email", "phone", "website", "street", "postcode", "city",
        "province", "country", "sector", "employees", "annual_revenue", "founded", "parent", "language", "payment_days",
        "is_customer", "is_supplier", "owner", "external_key",
    )  # fmt: skip
    more = ("notes",)


class ContactApi(DocumentApi):
    model = Contact
    prefix = "contacts"
    fields = (
        "first_name", "last_name", "company", "job_title", "email", "phone", "mobile", "language", "owner", "external_key",
    )  # fmt: skip
