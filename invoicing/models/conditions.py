"""Why an invoice cannot be issued, paid or disputed now: each says one reason, with the page that mends it."""

from typing import Any

from django.utils.translation import gettext as _

from core import identity
from core.lifecycle import Reason


def has_lines(invoice: Any) -> Reason | None:
    return None if invoice.lines.exists() else Reason(_("Add at least one line first."), fix_url=invoice.edit_url)


def customer_is_complete(invoice: Any) -> list[Reason]:
    """What the law wants on an invoice about the customer (DPR 633/1972, art. 21, c. 2, lett. e-f)."""
    company = invoice.company
    text = _("The customer lacks: %(what)s.")
    return [Reason(text % {"what": gap}, fix_url=company.edit_url) for gap in company.billing_gaps]


def we_are_complete(invoice: Any) -> list[Reason]:
    """What the law wants on an invoice about us; whoever runs the server sets it (`ZENCRM_COMPANY_...`)."""
    text = _("Our own company, which the administrator sets up, lacks: %(what)s.")
    return [Reason(text % {"what": gap}) for gap in identity.own().billing_gaps]


def total_is_not_negative(invoice: Any) -> Reason | None:
    if invoice.totals.gross >= 0:
        return None
    return Reason(_("The total is negative: credit the earlier invoice instead."), fix_url=invoice.edit_url)


def has_something_open(invoice: Any) -> Reason | None:
    return None if invoice.open_amount.amount > 0 else Reason(_("Nothing is left to be paid."))


# --- What fits at all -----------------------------------------------------------------------------------------------------


def is_an_invoice(invoice: Any) -> bool:
    return not invoice.is_credit_note


def is_disputed(invoice: Any) -> bool:
    return invoice.disputed_on is not None


def is_undisputed(invoice: Any) -> bool:
    return is_an_invoice(invoice) and not is_disputed(invoice)
