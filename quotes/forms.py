"""What people type about quotes."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.forms import DateInput, Form, ModelForm
from core.forms.fields import pick_url
from core.forms.verbs import ReasonForm
from parties.models import Contact
from quotes.models import Quote, in_thirty_days


class QuoteForm(ModelForm):
    """The terms of a draft; its lines are edited beside them."""

    class Meta:
        model = Quote
        fields = ("title", "contact", "valid_until", "payment_days", "language", "introduction", "notes")

    sections = (
        (_("Offer"), ("title", "contact", "valid_until", "payment_days", "language")),
        (_("Texts"), ("introduction", "notes")),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        company = self.instance.company_id
        contact: Any = self.fields["contact"]
        contact.queryset = contact.queryset.filter(company=company)
        contact.widget.url = pick_url(Contact, {"company": company})

    def clean_payment_days(self) -> int:
        return _sensible_days(self.cleaned_data["payment_days"])


class DraftForm(Form):
    """The terms of a quote that starts from an opportunity."""

    title = forms.CharField(label=_("Title"), max_length=200)
    valid_until = forms.DateField(label=_("Valid until"), initial=in_thirty_days, widget=DateInput)
    payment_days = forms.IntegerField(label=_("Payment terms in days"), min_value=0, max_value=365)
    introduction = forms.CharField(
        label=_("Introduction"), required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 3})
    )
    notes = forms.CharField(
        label=_("Terms and notes"), required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def clean_valid_until(self) -> Any:
        day = self.cleaned_data["valid_until"]
        if day < timezone.localdate():
            raise forms.ValidationError(_("This day is past."))
        return day


class SendForm(Form):
    """The sender's own words in the e-mail."""

    message = forms.CharField(
        label=_("Message"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 6}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        text = _("Goes to %(email)s, above the link to the quote. The PDF is attached.")
        self.fields["message"].help_text = text % {"email": self.record.recipient_email if self.record else ""}


class AcceptForm(Form):
    """Who accepts. Sales fill it in when the customer has signed on paper."""

    signer_name = forms.CharField(label=_("First and last name"), max_length=200)
    signer_email = forms.EmailField(label=_("E-mail"), required=False, max_length=254)


class PublicAcceptForm(AcceptForm):
    """The customer accepts: name, e-mail for the confirmation, and an explicit yes."""

    prefix = "accept"
    signer_email = forms.EmailField(label=_("E-mail"), max_length=254, help_text=_("We send the confirmation here."))
    consent = forms.BooleanField(
        label=_("I have read the offer and accept it in the name of the customer named above.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["signer_name"].widget.attrs["autocomplete"] = "name"
        self.fields["signer_email"].widget.attrs["autocomplete"] = "email"


class PublicDeclineForm(ReasonForm):
    """The customer declines and says why."""

    prefix = "decline"
    reason = forms.CharField(
        label=_("What made you decide against it?"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4})
    )


def _sensible_days(days: int) -> int:
    if days > 365:
        raise forms.ValidationError(_("At most 365 days."))
    return days
