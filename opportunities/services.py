"""How an opportunity begins: handed over from a lead, typed in, or opened again when a contract ends."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import access, history
from core.access import Actor
from core.lifecycle import Reason, Refused, verbs, why_not
from core.numbering import next_number
from leads.models import Lead
from opportunities.models import Opportunity
from parties.matching import company_of, contact_of
from parties.models import Company, Contact

SERIES = "OP"


@dataclass(frozen=True)
class Parties:
    """The company and the contact a lead leads to: found ones have an id, the others are made when the lead is converted."""

    company: Company
    contact: Contact | None


def parties_of(lead: Lead, company: Company | None = None) -> Parties:
    """Whom a lead would be linked to, and what would be made. Nothing is saved.

    Without a company the one with the same VAT number, key or exact e-mail address is taken. A VAT number decides over an
    address: people change jobs, and keep their mail. A person is looked for only at that company.
    """
    company = company or _company_of(lead) or new_company(lead)
    contact = contact_of(company, lead.email, lead.first_name, lead.last_name) if company.pk else None
    return Parties(company, contact or _new_contact(lead, company))


def _company_of(lead: Lead) -> Company | None:
    further = lead.attributes if isinstance(lead.attributes, dict) else {}
    return company_of(vat_number=lead.vat_number, email=lead.email, key=str(further.get("company_key") or ""))


def new_company(lead: Lead) -> Company:
    """An unsaved company with what the lead tells; a private person is a company of their own name."""
    return Company(
        name=str(lead),
        vat_number=lead.vat_number,
        email=lead.email if not lead.last_name else "",
        phone=lead.phone,
        website=lead.website,
        city=lead.city,
        province=lead.province,
        country=lead.country if len(lead.country) == 2 else "IT",
        language=lead.language,
        owner=lead.owner,
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


def _not_now(lead: Lead, by: Actor) -> list[Reason]:
    if found := Opportunity.objects.filter(lead=lead).first():
        return [
            Reason(_("This lead became %(opportunity)s already.") % {"opportunity": found}, found.get_absolute_url())
        ]
    return why_not(lead, verbs(Lead)["convert"], by)


def open_opportunity(
    *,
    lead: Lead,
    by: Actor,
    company: Company | None = None,
    contact: Contact | None = None,
    name: str = "",
    value: Decimal | None = None,
    expected_close: date | None = None,
) -> Opportunity:
    """Convert a qualified lead: company and contact are linked or made, the opportunity takes over owner and thread.

    `company` is the one chosen; an unsaved one is made, even if another looks like it. `value` is net, in the lead's currency.
    Raises `Refused` while the lead is not qualified, or when it was converted before; `PermissionDenied` without the right.
    """
    access.demand(by, "opportunities.add_opportunity")
    with transaction.atomic(), history.acting(by):
        locked = Lead.objects.select_for_update(of=("self",)).get(pk=lead.pk)
        if reasons := _not_now(locked, by):
            raise Refused(*reasons)
        company, contact = _make_parties(locked, company, contact)
        locked.convert(by=by, company=company, contact=contact)
        opportunity = Opportunity(
            lead=locked,
            company=company,
            contact=contact,
            name=name or default_name(locked),
            owner=locked.owner or access.user_of(by),
            thread_id=locked.thread_id,
            source=locked.source,
            value=value if value is not None else locked.budget.amount if locked.budget else 0,
            currency=locked.currency,
            expected_close=expected_close or locked.decision_by,
            description=locked.need,
        )
        _begin(opportunity, by)
    lead.refresh_from_db()
    return opportunity


def _make_parties(lead: Lead, company: Company | None, contact: Contact | None) -> tuple[Company, Contact | None]:
    found = parties_of(lead, company)
    if found.company.pk is None:
        found.company.save()
    contact = contact or found.contact
    if contact is not None and contact.pk is None:
        contact.company = found.company
        contact.save()
    return found.company, contact


def default_name(lead: Lead) -> str:
    """What the deal is called until somebody says better."""
    return f"{lead.interest} – {lead}"[:200] if lead.interest else str(lead)


def create_opportunity(*, by: Actor, company: Company, **values: Any) -> Opportunity:
    """A deal that begins without a lead: typed in, or imported."""
    with transaction.atomic(), history.acting(by):
        values.setdefault("owner", access.user_of(by))
        return _begin(Opportunity(company=company, **values), by)


def reopen(
    *,
    company: Company,
    by: Actor,
    name: str,
    contact: Contact | None = None,
    value: Any = 0,
    expected_close: date | None = None,
    owner: Any = None,
    kind: str = Opportunity.Kind.RENEWAL,
    description: str = "",
) -> Opportunity:
    """The circle closes: a new deal, with a thread of its own, for a customer whose contract ends or who needs more."""
    with transaction.atomic(), history.acting(by):
        opportunity = Opportunity(
            company=company,
            contact=contact,
            name=name[:200],
            value=value,
            expected_close=expected_close,
            owner=owner or company.owner or access.user_of(by),
            kind=kind,
            description=description,
        )
        return _begin(opportunity, by)


def _begin(opportunity: Opportunity, by: Actor) -> Opportunity:
    """Number, save and tell history; the number series is locked last and shortest."""
    opportunity.number = next_number(SERIES, timezone.localdate().year)
    opportunity.save()
    history.record("opportunity.drafted", opportunity, by=by)
    return opportunity
