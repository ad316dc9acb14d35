"""How an opportunity begins: handed over from a lead, typed in, or opened again when a contract ends."""

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
from leads.services import companies_like_lead
from opportunities.converting import Parties, parties_of
from opportunities.models import Opportunity
from opportunities.recording import Recording
from parties.models import Company, Contact

SERIES = "OP"


def open_opportunity(
    *,
    lead: Lead,
    by: Actor,
    company: Company | None = None,
    contact: Contact | None = None,
    name: str = "",
    value: Decimal | None = None,
    expected_close: date | None = None,
    fill: bool = True,
    note: str = "",
) -> Opportunity:
    """Convert a qualified lead: company and contact are linked or made, the opportunity takes over owner and thread.

    `company` is the one chosen; an unsaved one is made, even if another looks like it. `value` is net, in the lead's currency.
    With `fill`, found records get what they lack and the lead knows. A lead that was converted before gives the same
    opportunity again, and nothing is changed. Raises `Refused` while the lead is not qualified; `PermissionDenied` without
    the right. `opportunities.undoing` takes it back.
    """
    access.demand(by, "opportunities.add_opportunity")
    with transaction.atomic(), history.acting(by):
        locked = Lead.objects.select_for_update(of=("self",)).get(pk=lead.pk)
        if found := Opportunity.objects.filter(lead=locked).first():
            return found
        if reasons := why_not(locked, verbs(Lead)["convert"], by):
            raise Refused(*reasons)
        recording = Recording(locked, by)
        parties = recording.meet(parties_of(locked, company, contact), fill=fill)
        locked.convert(by=by, company=parties.company, contact=parties.contact)
        planned = _opportunity(locked, parties, by, name=name, value=value, expected_close=expected_close)
        opportunity = _begin(planned, by, note=note)
        recording.keep(locked, opportunity)
    lead.refresh_from_db()
    return opportunity


def _opportunity(
    lead: Any, parties: Parties, by: Actor, *, name: str, value: Decimal | None, expected_close: date | None
) -> Opportunity:
    budget: Any = lead.budget
    return Opportunity(
        lead=lead,
        company=parties.company,
        contact=parties.contact,
        name=name or default_name(lead),
        owner=lead.owner or access.user_of(by),
        thread_id=lead.thread_id,
        source=lead.source,
        value=value if value is not None else budget.amount if budget else 0,
        currency=lead.currency,
        expected_close=expected_close or lead.decision_by,
        description=lead.need,
    )


def convert_by_itself(lead: Lead, *, by: Actor) -> Opportunity:
    """Convert one of many, with nobody looking: `Refused` where somebody has to choose the company."""
    likely = [match for match in companies_like_lead(lead) if not match.certain]
    if lead.state == Lead.State.QUALIFIED and likely and parties_of(lead).company.pk is None:
        text = _("“%(company)s” looks like it (%(reason)s): convert this one by itself, and choose.")
        raise Refused(
            *(Reason(text % {"company": m.company, "reason": m.reason}, m.company.get_absolute_url()) for m in likely)
        )
    return open_opportunity(lead=lead, by=by)


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


def _begin(opportunity: Opportunity, by: Actor, *, note: str = "") -> Opportunity:
    """Number, save and tell history; the number series is locked last and shortest."""
    opportunity.number = next_number(SERIES, timezone.localdate().year)
    opportunity.save()
    history.record("opportunity.drafted", opportunity, by=by, data={"note": note} if note else None)
    return opportunity
