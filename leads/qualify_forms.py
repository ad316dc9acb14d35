"""One answer at a time, as the card of a lead asks for it."""

from functools import cache
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import ModelForm
from leads.models import Lead
from leads.qualifying import IDENTITY, QUESTIONS
from parties.forms import CodeField
from parties.matching import country_of, plain_vat_number


class _AnswerForm(ModelForm):
    def clean_budget(self) -> Any:
        budget = self.cleaned_data["budget"]
        if budget is not None and budget < 0:
            raise forms.ValidationError(_("A budget is not negative."))
        return budget


class IdentityForm(ModelForm):
    """Who the customer is for the tax office. Numbers are checked here, offline."""

    class Meta:
        model = Lead
        fields = IDENTITY
        field_classes = {"tax_code": CodeField, "sdi_code": CodeField}
        help_texts = {
            "vat_number": _("11 digits in Italy; elsewhere with the country's letters."),
            "tax_code": _("16 characters of a person, 11 digits of an organisation."),
            "sdi_code": _("7 characters; leave it empty where invoices go to the PEC."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, length in (("tax_code", 16), ("sdi_code", 7)):
            # What is typed may hold spaces; the length that counts is that of the tidied code.
            self.fields[name].widget.attrs["maxlength"] = length + 10

    def clean_vat_number(self) -> str:
        return plain_vat_number(self.cleaned_data["vat_number"])

    def clean(self) -> dict[str, Any]:
        """A number with a country's letters says where the company is."""
        found = super().clean() or {}
        if "country" in found:
            found["country"] = country_of(found.get("vat_number") or "", found["country"])
        return found


@cache
def form_for(name: str) -> Any:
    """The form of one of the five answers, or of the company's data."""
    if name == "identity":
        return IdentityForm
    label, question = QUESTIONS[name]
    widgets = {"need": forms.Textarea(attrs={"rows": 3}), "fit": forms.RadioSelect}
    meta = type(
        "Meta",
        (),
        {
            "model": Lead,
            "fields": (name,),
            "labels": {name: label},
            "help_texts": {name: question},
            "widgets": {name: widgets[name]} if name in widgets else {},
        },
    )
    return type("AnswerForm", (_AnswerForm,), {"Meta": meta})
