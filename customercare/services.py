"""Opening a case, from wherever the customer's question came up."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import access, history
from core.lifecycle import Refused
from core.numbering import next_number
from customercare.models import Case
from invoicing.models import Invoice
from orders.models import Contract
from parties.models import Company, Contact
from projects.models import Project

history.register("case.opened", gettext_lazy("opened the case"))


def open_case(
    *,
    company: Company,
    title: str,
    by: access.Actor,
    about: models.Model | None = None,
    contact: Contact | None = None,
    description: str = "",
    priority: int = Case.Priority.NORMAL,
    channel: str = Case.Channel.EMAIL,
) -> Case:
    """Open a case of a customer, unassigned. `about` is a contract, project or invoice of theirs, whose deal it then joins.

    Raises `Refused` if `about` or `contact` belongs to another company.
    """
    if not access.may(by, "customercare.add_case"):
        raise PermissionDenied(_("You have no right to do this."))
    if about is not None and getattr(about, "company_id", None) not in (None, company.pk):
        raise Refused(_("%(what)s belongs to another company.") % {"what": about})
    if contact is not None and contact.company_id not in (None, company.pk):
        raise Refused(_("%(what)s belongs to another company.") % {"what": contact})
    with transaction.atomic(), history.acting(by):
        case = Case(
            company=company,
            contact=contact,
            title=title.strip(),
            description=description.strip(),
            priority=priority,
            channel=channel,
            **_place(about),
        )
        case.full_clean(exclude=["number", "thread"])
        case.number = next_number("TK", timezone.localdate().year)
        case.save()
        history.record("case.opened", case, by=by)
    return case


def _place(about: models.Model | None) -> dict[str, Any]:
    """The documents a case is about, and the deal it belongs to."""
    if isinstance(about, Contract):
        return {"contract": about, "thread": about.thread}
    if isinstance(about, Project):
        return {"project": about, "contract": about.contract, "thread": about.thread}
    if isinstance(about, Invoice):
        return {"invoice": about, "contract": about.contract, "thread": about.thread}
    return {}
