"""Is this a deal? Five answers, and what an invoice will need one day: what is known, and what there is still to ask."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from leads.models import Lead

#: The five answers, and the question that gets each.
QUESTIONS: dict[str, tuple[Any, Any]] = {
    "need": (_("Need"), _("What do they want to solve, and what happens if they do nothing?")),
    "budget": (_("Budget"), _("What may it cost? An estimate is enough.")),
    "authority": (_("Who decides"), _("Who signs, and who else has a say?")),
    "decision_by": (_("Decision by"), _("When do they want to decide?")),
    "fit": (_("Fit"), _("How well does what we sell answer the need?")),
}
#: What is asked together with the VAT number.
IDENTITY = (
    "company_name", "vat_number", "tax_code", "sdi_code", "pec", "street", "postcode", "city", "province", "country",
)  # fmt: skip


@dataclass(frozen=True)
class Answer:
    """One line of the card: what is known, or the question that finds it out."""

    name: str
    label: Any
    question: Any
    known: bool


def answers(lead: Lead) -> list[Answer]:
    """The five, in the order in which one asks."""
    return [
        Answer(name, label, question, known=getattr(lead, name) not in (None, ""))
        for name, (label, question) in QUESTIONS.items()
    ]


def gaps(lead: Lead) -> Iterator[Any]:
    """What there is still to ask before anybody can be sent an invoice; another country has no SdI."""
    if not lead.vat_number and not lead.tax_code:
        yield _("VAT number or codice fiscale")
    if (lead.country or "IT") == "IT" and not (lead.sdi_code or lead.pec):
        yield _("codice destinatario or PEC: where electronic invoices go")
    if not (lead.street and lead.city):
        yield _("street and city")
