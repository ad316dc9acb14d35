"""Why a contract or project below cannot close yet: something is not invoiced, or not paid."""

from decimal import Decimal
from typing import Any

from django.db.models import Max, Q, Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from core import formats
from core.lifecycle import Reason
from invoicing.models import Invoice
from orders.models import Contract
from projects.models import Project


def all_is_invoiced(contract: Contract) -> Reason | None:
    """What of a contract's net is on no issued invoice: a draft is none yet, what was credited is none any more."""
    is_draft = Q(state=Invoice.State.DRAFT)
    rows = Invoice.objects.filter(contract=contract).billing()
    found = rows.aggregate(billed=Sum("net", filter=~is_draft), draft=Max("pk", filter=is_draft))
    left = contract.net.amount - (found["billed"] or Decimal(0))
    if not left:
        return None
    draft = Invoice(pk=found["draft"]) if found["draft"] else None
    url = draft.get_absolute_url() if draft else reverse("invoicing:invoice_from_contract", args=[contract.pk])
    amount = formats.money(left, str(contract.currency))
    return Reason(_("%(amount)s of the contract is not invoiced yet.") % {"amount": amount}, fix_url=url)


def all_is_paid(contract: Contract) -> list[Reason]:
    """One reason per invoice that is not wholly paid."""
    unpaid: Any = Invoice.objects.filter(contract=contract).unpaid().order_by("due_on")
    text = _("%(amount)s of the invoice %(number)s is not paid yet.")
    return [
        Reason(text % {"amount": formats.money(i.open_amount), "number": i.number}, fix_url=i.get_absolute_url())
        for i in unpaid
    ]


def project_is_invoiced(project: Project) -> Reason | None:
    return all_is_invoiced(project.contract)
