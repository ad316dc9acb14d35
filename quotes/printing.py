"""The quote on paper, in the customer's language. No costs, no margins."""

import re

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from catalog.models import VatNature
from core import formats, pdf
from quotes.links import public_url
from quotes.models import Quote


def render(quote: Quote) -> bytes:
    """The quote as a PDF; one that nobody has approved yet says so across the page."""
    with translation.override(quote.language):
        context = pdf.document_context(
            quote,
            quote.lines.all(),
            kind=_("Quote"),
            number=_number(quote),
            natures=dict(VatNature.choices),
            facts=_facts(quote),
        )
        unapproved = quote.state in (Quote.State.DRAFT, Quote.State.PENDING_APPROVAL)
        context |= {"public_url": "" if unapproved else public_url(quote), "stamp": _("DRAFT") if unapproved else ""}
    return pdf.render("pdf/quote.html", context, language=quote.language)


def _number(quote: Quote) -> str:
    if quote.revision == 1:
        return quote.number
    revision = _("Revision")
    return f"{quote.number} · {revision} {quote.revision}"


def _facts(quote: Quote) -> list[tuple[str, str]]:
    printed = quote.sent_at or timezone.now()
    days = translation.ngettext("%(n)d day", "%(n)d days", quote.payment_days) % {"n": quote.payment_days}
    facts = [
        (_("Date"), formats.date(timezone.localdate(printed))),
        (_("Valid until"), formats.date(quote.valid_until)),
        (_("Payment"), days if quote.payment_days else _("on receipt")),
    ]
    if quote.contact:
        facts.append((_("For the attention of"), str(quote.contact)))
    if quote.owner:
        facts.append((_("Your contact"), quote.owner.get_full_name() or quote.owner.get_username()))
    return facts


def file_name(quote: Quote) -> str:
    """As the customer saves it: "Preventivo-PV-2026-0007-rev2.pdf"."""
    with translation.override(quote.language):
        kind = _("Quote")
        return re.sub(r"[^\w.-]+", "-", f"{kind}-{quote.number}-rev{quote.revision}") + ".pdf"
