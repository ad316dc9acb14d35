"""What programs do to a campaign beyond its own fields: its costs, written down and struck out."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core import access, history
from core.forms import Form
from core.pages import HandoverPage
from leads.campaign_forms import CostForm
from leads.models import Campaign, CampaignCost

CHANGE = "leads.change_campaign"


class NewCostForm(CostForm):
    """A cost, in the campaign's currency."""


class CostChoiceForm(Form):
    """Which cost."""

    cost = forms.ModelChoiceField(CampaignCost.objects.none(), label=_("campaign cost"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.record is not None:
            field: Any = self.fields["cost"]
            field.queryset = self.record.costs.all()


def add_cost(
    *, campaign: Campaign, by: access.Actor, on: date, what: str, amount: Decimal, reference: str = ""
) -> Campaign:
    """Write down what was spent. Returns the campaign, whose sum is right by then."""
    access.demand(by, CHANGE)
    with transaction.atomic(), history.acting(by):
        CampaignCost.objects.create(campaign=campaign, on=on, what=what, amount=amount, reference=reference)
    campaign.refresh_from_db()
    return campaign


def remove_cost(*, campaign: Campaign, by: access.Actor, cost: CampaignCost) -> Campaign:
    """Strike out what was no cost. History keeps that it was written down."""
    access.demand(by, CHANGE)
    with transaction.atomic(), history.acting(by):
        cost.delete()
    campaign.refresh_from_db()
    return campaign


class AddCost(HandoverPage):
    source = Campaign
    title = _("Add a cost")
    form_class = NewCostForm
    service = staticmethod(add_cost)
    source_argument = "campaign"
    permission = CHANGE


class RemoveCost(HandoverPage):
    source = Campaign
    title = _("Remove a cost")
    form_class = CostChoiceForm
    service = staticmethod(remove_cost)
    source_argument = "campaign"
    permission = CHANGE


def costs_of(campaign: Campaign) -> list[dict[str, Any]]:
    """The costs of a campaign as JSON has them, the latest first."""
    return [
        {
            "id": cost.pk,
            "on": cost.on.isoformat(),
            "what": cost.what,
            "amount": f"{cost.amount:f}",
            "reference": cost.reference,
        }
        for cost in campaign.costs.all()
    ]
