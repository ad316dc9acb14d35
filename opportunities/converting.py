"""What converting a lead would create, link and fill in. Nothing here is saved."""

from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError

from leads.models import Lead
from parties.matching import company_of, contact_of
from parties.models import Company, Contact

#: What a company takes from the lead where it has nothing itself; the address only as a whole.
COMPANY_GAPS = ("vat_number", "tax_code", "sdi_code", "pec", "phone", "website")
ADDRESS = ("street", "postcode", "city", "province")
CONTACT_GAPS = ("job_title", "email", "phone")


@dataclass(frozen=True)
class Parties:
    """The company and the contact a lead leads to: found ones have an id, the others are made when the lead is converted."""

    company: Company
    contact: Contact | None
    #: What found ones would be given, where they have nothing yet.
    for_company: dict[str, Any] = field(default_factory=dict)
    for_contact: dict[str, Any] = field(default_factory=dict)


def parties_of(lead: Lead, company: Company | None = None, contact: Contact | None = None) -> Parties:
    """Whom a lead would be linked to, and what would be made.

    Without a company the one with the same VAT number, key or exact e-mail address is taken. A VAT number decides over an
    address: people change jobs, and keep their mail. A person is looked for only at that company.
    """
    company = company or _company_of(lead) or new_company(lead)
    if contact is None and company.pk:
        contact = contact_of(company, lead.email, lead.first_name, lead.last_name)
    return Parties(
        company,
        contact or _new_contact(lead, company),
        for_company=_for_company(lead, company) if company.pk else {},
        for_contact=_gaps(lead, contact, CONTACT_GAPS) if contact is not None and contact.pk else {},
    )


def _company_of(lead: Lead) -> Company | None:
    further = lead.attributes if isinstance(lead.attributes, dict) else {}
    return company_of(vat_number=lead.vat_number, email=lead.email, key=str(further.get("company_key") or ""))


def new_company(lead: Lead) -> Company:
    """An unsaved company with what the lead tells; a private person is a company of their own name."""
    return Company(
        name=str(lead),
        email=lead.email if not lead.last_name else "",
        country=lead.country if len(lead.country) == 2 else "IT",
        language=lead.language,
        owner=lead.owner,
        **{name: getattr(lead, name) for name in (*COMPANY_GAPS, *ADDRESS)},
    )


def _new_contact(lead: Lead, company: Company) -> Contact | None:
    """An unsaved person; None where the lead names nobody."""
    if not lead.last_name and not lead.first_name:
        return None
    return Contact(
        first_name=lead.first_name if lead.last_name else "",
        last_name=lead.last_name or lead.first_name,
        company=company,
        job_title=lead.job_title,
        email=lead.email,
        phone=lead.phone,
        language=lead.language,
        owner=lead.owner,
    )


def _for_company(lead: Lead, company: Company) -> dict[str, Any]:
    found = _gaps(lead, company, COMPANY_GAPS)
    # Somebody else's VAT number is no gap to fill: two offices of a group are two companies.
    if company.vat_number and lead.vat_number and "tax_code" in found:
        del found["tax_code"]
    return found if company.street or company.city else found | _gaps(lead, company, ADDRESS)


def _gaps(lead: Lead, record: Any, names: tuple[str, ...]) -> dict[str, Any]:
    """What the record lacks and the lead knows; nothing that its own form would not take."""
    found = {}
    for name in names:
        value = getattr(lead, name)
        if value and not getattr(record, name):
            try:
                found[name] = record._meta.get_field(name).clean(value, record)
            except ValidationError:
                continue
    return found
