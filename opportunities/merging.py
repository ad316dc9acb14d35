"""What merging leads means for the deals they became."""

from typing import Any

from django.utils.translation import gettext as _

from core.lifecycle import Reason
from leads.models import Lead
from opportunities.models import Opportunity


def deals_stay(user: Any, keep: Lead, absorb: Lead) -> list[Reason]:
    """Where both leads were converted: that both deals stay, with the way to those this user may see."""
    deals = Opportunity.objects.filter(lead__in=[keep.pk, absorb.pk])
    if deals.count() < 2:
        return []
    text = _("Both were converted: each deal stays one of its own, in the same chain. Mark the one too many as lost.")
    seen = deals.visible_to(user).order_by("pk")
    return [Reason(text), *(Reason(str(deal), deal.get_absolute_url()) for deal in seen)]
