"""What is asked about opportunities."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import AmountField, Form, ModelForm, PickerField
from leads import forms as lead_forms
from leads.services import sellers
from opportunities.converting import new_company
from opportunities.models import Opportunity
from parties.models import Company


class OpportunityForm(ModelForm):
    sections = (
        (_("Deal"), ("name", "kind", "product", "source", "description")),
        (_("Customer"), ("company", "contact")),
        (_("Value and timing"), ("value", "probability", "expected_close", "next_step", "competitors")),
    )

    class Meta:
        model = Opportunity
        fields = (
            "name", "kind", "product", "source", "description", "company", "contact", "value", "probability",
            "expected_close", "next_step", "competitors",
        )  # fmt: skip
        help_texts: ClassVar[dict[str, Any]] = {
            "value": _("Net of VAT."),
            "probability": _("Each stage begins with its own; change it when you know better."),
            "next_step": _("What has to happen next for this to go on."),
        }
        widgets: ClassVar[dict[str, Any]] = {"description": forms.Textarea(attrs={"rows": 3})}

    def clean_value(self) -> Any:
        value = self.cleaned_data["value"]
        if value is not None and value < 0:
            raise forms.ValidationError(_("A value is not negative."))
        return value if value is not None else 0

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        company, contact = found.get("company"), found.get("contact")
        if company and contact and contact.company_id not in (None, company.pk):
            self.add_error(
                "contact", _("%(contact)s does not work at %(company)s.") % {"contact": contact, "company": company}
            )
        return found


class AssignForm(Form):
    """To whom, and why."""

    to: Any = forms.ModelChoiceField(queryset=None, label=_("Salesperson"), empty_label=_("Choose…"))
    reason = forms.CharField(
        label=_("Reason"), max_length=200, required=False, help_text=_("Appears in the timeline of the opportunity.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = sellers()  # type: ignore[attr-defined]


class LoseForm(lead_forms.LoseForm):
    """Why the deal was lost, and what to remember of it."""


class OpenOpportunityForm(Form):
    """A lead becomes a deal: with which company, under which name, for how much, by when."""

    NEW, OTHER = "new", "other"

    link = forms.ChoiceField(label=_("Company"), widget=forms.RadioSelect)
    company = PickerField(
        queryset=Company.objects.all(),
        label=_("Another company"),
        required=False,
        help_text=_("If it is none of those above, search for it here."),
    )
    name = forms.CharField(label=_("Name of the deal"), max_length=200)
    value = AmountField(
        label=_("Value"), required=False, min_value=0, help_text=_("Net of VAT; an estimate is enough.")
    )
    expected_close = forms.DateField(label=_("Expected close"), required=False)
    fill = forms.BooleanField(
        label=_("Fill in what the company and the contact lack"),
        required=False,
        initial=True,
        help_text=_("What they have already stays as it is."),
    )
    note = forms.CharField(
        label=_("Note"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Stands at the beginning of the opportunity’s timeline."),
    )

    def __init__(self, *args: Any, matches: Any = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.matches = {str(match.company.pk): match.company for match in matches}
        choices: list[tuple[str, Any]] = [
            (str(match.company.pk), _("Link: %(company)s") % {"company": match}) for match in matches
        ]
        choices.append((self.NEW, _("Create: %(company)s") % {"company": new_company(self.record)}))
        choices.append((self.OTHER, _("Another company, chosen below")))
        self.fields["link"].choices = choices  # type: ignore[attr-defined]
        certain = next((str(match.company.pk) for match in matches if match.certain), self.NEW)
        self.initial.setdefault("link", certain)

    def clean(self) -> dict[str, Any]:
        """The facts `services.open_opportunity` takes."""
        found = super().clean() or {}
        link, other = found.pop("link", ""), found.get("company")
        if link == self.NEW:
            found["company"] = new_company(self.record)
        elif link != self.OTHER:
            found["company"] = self.matches.get(link)
        elif other is None:
            self.add_error("company", _("Choose the company, or one of the answers above."))
        return found
