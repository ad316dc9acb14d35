"""What is asked about leads."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core.forms import AmountField, Form, ModelForm, PickerField
from leads.models import Campaign, Lead, reasons
from leads.services import sellers
from parties.matching import plain_vat_number


class LeadForm(ModelForm):
    """Everything one may know about a lead when it comes in; nothing but a way to tell who it is, is required."""

    sections = (
        (_("Person"), ("first_name", "last_name", "job_title", "email", "phone")),
        (_("Company"), ("company_name", "vat_number", "tax_code", "sdi_code", "pec", "website", "language")),
        (_("Address"), ("street", "postcode", "city", "province", "country")),
        (_("Interest"), ("interest", "budget", "need", "authority", "decision_by", "fit", "message")),
        (_("Where it comes from"), ("source", "campaign")),
    )

    class Meta:
        model = Lead
        fields = (
            "first_name", "last_name", "job_title", "email", "phone", "company_name", "vat_number", "tax_code",
            "sdi_code", "pec", "website", "street", "postcode", "city", "province", "country", "language", "interest",
            "budget", "need", "authority", "decision_by", "fit", "message",
            "source", "campaign",
        )  # fmt: skip
        help_texts: ClassVar[dict[str, Any]] = {
            "vat_number": _("11 digits in Italy; elsewhere with the country's letters."),
            "source": _("For instance: website, trade fair, referral, phone call."),
            "authority": _("Who signs, and who else has a say."),
            "need": _("In the customer's own words."),
        }
        widgets: ClassVar[dict[str, Any]] = {
            "need": forms.Textarea(attrs={"rows": 3}),
            "message": forms.Textarea(attrs={"rows": 3}),
        }

    def clean_vat_number(self) -> str:
        return plain_vat_number(self.cleaned_data["vat_number"])

    def clean_budget(self) -> Any:
        budget = self.cleaned_data["budget"]
        if budget is not None and budget < 0:
            raise forms.ValidationError(_("A budget is not negative."))
        return budget

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        known = ("last_name", "company_name", "email", "phone")
        if not any(found.get(name) for name in known) and not any(name in self.errors for name in known):
            raise forms.ValidationError(
                _("Say who it is: a company, a last name, an e-mail address or a phone number.")
            )
        return found


class SellerField(forms.ModelChoiceField):
    """Somebody who may work leads, shown with how much they have on their hands."""

    def label_from_instance(self, obj: Any) -> str:
        busy = ngettext("%(n)d open lead", "%(n)d open leads", obj.open_leads) % {"n": obj.open_leads}
        return f"{obj} ({busy})"


class AssignForm(Form):
    """To whom, and why."""

    to = SellerField(queryset=None, label=_("Salesperson"), empty_label=_("Choose…"))
    reason = forms.CharField(
        label=_("Reason"), max_length=200, required=False, help_text=_("Appears in the timeline of the lead.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = sellers()  # type: ignore[attr-defined]


class QualifyForm(Form):
    """The five answers that make a lead a deal: need, budget, authority, timing, fit."""

    completes = True

    need = forms.CharField(
        label=_("Need"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What do they want to solve, and what happens if they do nothing?"),
    )
    budget = AmountField(
        label=_("Budget"), required=False, min_value=0, help_text=_("Net of VAT; an estimate is enough.")
    )
    authority = forms.CharField(
        label=_("Who decides"), max_length=200, required=False, help_text=_("Who signs, and who else has a say?")
    )
    decision_by = forms.DateField(label=_("Decision by"), required=False, help_text=_("When do they want to decide?"))
    fit = forms.ChoiceField(
        label=_("Fit"),
        choices=Lead.Fit.choices,
        required=False,
        widget=forms.RadioSelect,
        help_text=_("How well does what we sell answer the need?"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.fields:
            value = getattr(self.record, name, None)
            self.initial.setdefault(name, getattr(value, "amount", value))


class LoseForm(Form):
    """Why nothing came of it: the reasons are what one learns from."""

    reason = forms.ChoiceField(label=_("Reason"), choices=reasons.offered, widget=forms.RadioSelect)
    note = forms.CharField(
        label=_("Note"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("What should we know if they come back?"),
    )

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if found.get("reason") == reasons.OTHER and not found.get("note"):
            self.add_error("note", _("Say in a few words why."))
        return found


class InviteForm(Form):
    """Onto the list of which campaign."""

    campaign = PickerField(queryset=Campaign.objects.all(), label=_("Campaign"))
