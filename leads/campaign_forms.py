"""What is asked about campaigns, their costs and their lists."""

from typing import Any, ClassVar

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.forms import Form, ModelForm, PickerField
from leads.models import Campaign, CampaignCost, Lead
from parties.models import Contact


class CampaignForm(ModelForm):
    sections = (
        (_("Campaign"), ("name", "kind", "channel", "starts_on", "ends_on")),
        (_("Money"), ("budget",)),
    )

    class Meta:
        model = Campaign
        fields = ("name", "kind", "channel", "starts_on", "ends_on", "budget")
        help_texts: ClassVar[dict[str, Any]] = {
            "channel": _("In your words: SPS Parma, LinkedIn, a magazine's name."),
            "budget": _("Net of VAT. What is spent is written down cost by cost."),
        }

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        starts, ends = found.get("starts_on"), found.get("ends_on")
        if starts and ends and ends < starts:
            self.add_error("ends_on", _("The last day is before the first."))
        if (budget := found.get("budget")) is not None and budget < 0:
            self.add_error("budget", _("An amount is not negative."))
        return found


class CostForm(ModelForm):
    """A cost as its invoice says it."""

    class Meta:
        model = CampaignCost
        fields = ("on", "what", "amount", "reference")
        help_texts: ClassVar[dict[str, Any]] = {"amount": _("Net of VAT, in the campaign’s currency.")}

    def clean_on(self) -> Any:
        on = self.cleaned_data["on"]
        if on > timezone.localdate():
            raise forms.ValidationError(_("Nothing has been spent in the future yet."))
        return on


class MemberForm(Form):
    """A lead or a contact for the list of a campaign."""

    campaign = PickerField(queryset=Campaign.objects.all(), label=_("Campaign"))
    lead = PickerField(queryset=Lead.objects.all(), label=_("Lead"), required=False)
    contact = PickerField(
        queryset=Contact.objects.all(), label=_("Contact"), required=False, help_text=_("Either a lead or a contact.")
    )

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if not self.errors and bool(found.get("lead")) == bool(found.get("contact")):
            self.add_error("lead", _("Choose a lead or a contact."))
        return found
