"""Why a quote cannot take its next step: each function returns the reason, or None."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from core.access import user_of
from core.lifecycle import Reason


def has_lines(quote: Any) -> Reason | None:
    if quote.lines.exists():
        return None
    return Reason(_("Add at least one line first."), fix_url=quote.edit_url)


def exemptions_are_named(quote: Any) -> Reason | None:
    """A line without VAT says why, one with VAT does not: the invoice will need it (FatturaPA, 2.2.1.14)."""
    wrong = next((line for line in quote.lines.all() if bool(line.vat_rate) == bool(line.vat_nature)), None)
    if wrong is None:
        return None
    text = _("Line “%(line)s”: give either a VAT rate or the reason why no VAT is due.")
    return Reason(text % {"line": wrong}, fix_url=quote.edit_url)


def still_valid(quote: Any) -> Reason | None:
    if quote.valid_until >= timezone.localdate():
        return None
    if quote.state == "draft":
        return Reason(_("“Valid until” is past: choose a later day."), fix_url=f"{quote.edit_url}#id_valid_until")
    return Reason(_("The quote's validity has run out: make a new revision."))


def has_recipient(quote: Any) -> Reason | None:
    if quote.recipient_email:
        return None
    return Reason(_("The customer has no e-mail address."), fix_url=quote.company.get_absolute_url())


def other_eyes(quote: Any, by: Any) -> Reason | None:
    """Four eyes: whoever submitted a quote does not approve it."""
    user = user_of(by)
    if user is not None and quote.submitted_by_id == user.pk:
        return Reason(_("You submitted this quote: somebody else has to approve it."))
    return None


def deal_is_open(quote: Any) -> Reason | None:
    """A new revision is no use to a deal that is won with another quote, or lost."""
    deal = quote.opportunity
    if deal.state not in ("won", "lost"):
        return None
    text = _("The opportunity %(number)s is closed (%(state)s).")
    return Reason(text % {"number": deal.number, "state": deal.get_state_display()}, deal.get_absolute_url())
