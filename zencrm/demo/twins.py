"""What was taken in twice: companies, people and leads that wait to be merged, and a pair that was merged already."""

from typing import Any

from django.contrib.auth import get_user_model

from core import merging
from core.merging import pairs
from core.models import Merge
from leads.models import Lead
from leads.services import create_lead
from parties.models import Company, Contact

_COMPANY = ("vat_number", "email", "country", "language", "owner_id")


def take_in_twice() -> Merge:
    """Three companies, two people and two leads once more; the first company is merged by the sales manager."""
    users: Any = get_user_model().objects
    manager, marketing = users.get(username="manager"), users.get(username="marketing")
    companies = list(Company.objects.filter(is_customer=True, contacts__isnull=False).distinct().order_by("pk")[:3])
    twins = [_again(company) for company in companies]
    for contact in Contact.objects.exclude(company=None).exclude(email="").order_by("-pk")[:2]:
        known = {name: getattr(contact, name) for name in ("company", "email", "language", "owner")}
        Contact.objects.create(first_name=contact.first_name[:1] + ".", last_name=contact.last_name, **known)
    for lead in Lead.objects.open().exclude(email="").order_by("-pk")[:2]:
        known = {name: getattr(lead, name) for name in ("company_name", "last_name", "city", "email", "owner")}
        create_lead(by=marketing, source="Fiera", interest=lead.interest, **known)
    done = merging.merge(keep=companies[0], absorb=twins[0], by=manager, chosen={"notes": "absorb"})
    pairs.find_all()
    return done


def _again(company: Company) -> Company:
    known = {name: getattr(company, name) for name in _COMPANY}
    name = company.name.partition(" S.")[0].upper()
    twin = Company.objects.create(
        name=name, city=company.city.upper(), notes="Dal biglietto da visita in fiera.", **known
    )
    Contact.objects.create(first_name="Ufficio", last_name="Acquisti", company=twin, owner_id=company.owner_id)
    return twin
