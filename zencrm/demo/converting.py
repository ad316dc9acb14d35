"""A lead that was converted today, by the same door as anybody's: its page offers to undo it until tomorrow."""

import random

from core import history
from leads.models import Lead
from opportunities.services import open_opportunity
from people.models import User
from zencrm.demo import identifiers


def convert_one(people: dict[str, User], seed: int) -> None:
    """The newest one that is ready. Before, its salesperson has asked for what an invoice will need."""
    sales = people["sales"]
    ready = Lead.objects.filter(state=Lead.State.QUALIFIED, owner=sales, company=None).exclude(email="")
    lead = ready.exclude(last_name="").order_by("-created_at", "-pk").first()
    if lead is None:
        return
    number = lead.vat_number or identifiers.vat_number(random.Random(seed))  # noqa: S311  (a story, not a secret)
    with history.acting(sales):
        lead.vat_number = lead.tax_code = number
        lead.save(update_fields=["vat_number", "tax_code", "updated_at"])
    open_opportunity(lead=lead, by=sales, note="Vogliono un'offerta entro il mese.")
