"""What quotes hold of the people they went to, and of those who signed them."""

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.privacy.registry import REDACT, Duty, Holding
from quotes.models import Quote

#: An accepted quote is the contract's own text; one that led to nothing loses the person.
KEPT = Duty(
    _("An accepted offer proves the contract: ten years (art. 2220 and 2946 c.c.)."),
    120,
    lambda quote: quote.answered_at if quote.state == Quote.State.ACCEPTED else None,
)


def _signed(person: Any) -> Q:
    return Q(signer_email__in=person.spellings)


HOLDINGS = (
    Holding(
        Quote,
        {
            **dict.fromkeys(("title", "introduction", "notes", "answer_note", "customer_name"), REDACT),
            "signer_name": "",
            "signer_email": "",
            "signer_ip": None,
            "signer_agent": "",
        },
        paths=("contact",),
        match=_signed,
        files=("pdf",),
        duty=KEPT,
    ),
)
