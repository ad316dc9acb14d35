"""Letters about quotes: the link to the customer's page, and the PDF once it is out."""

from django.utils.translation import gettext_lazy as _

from core.letters import Letters, MergeField
from quotes.links import public_url
from quotes.models import Quote
from quotes.services import kept_pdf

#: The states in which the customer has the quote, and its PDF is kept.
OUT = ("sent", "accepted", "declined", "expired")


def _link(quote: Quote) -> str:
    return public_url(quote) if quote.state in OUT else ""


LETTERS = (
    Letters(
        Quote,
        (
            *("number", "revision", "title", "customer_name", "contact.first_name", "contact.last_name"),
            *("net", "vat", "gross", "valid_until", "payment_days"),
            MergeField("public_url", _("Link to the customer's page"), _link),
        ),
        people=("contact", "company"),
        pdf=kept_pdf,
        pdf_states=OUT,
    ),
)
