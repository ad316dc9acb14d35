"""Typing in what did not come by itself: a call that was taken, somebody who stands at the door of an event."""

from typing import Any
from uuid import uuid4

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.forms import Form, PickerField
from core.pages import Page
from core.pages.base import make_form
from leads.capture import jobs, receiving
from leads.models import Campaign, Capture, Lead

_FIELDS = ("first_name", "last_name", "company_name", "email", "phone", "interest", "message")


class PersonForm(Form):
    """Who it is: as little as there is time for, and a way to answer them."""

    first_name = forms.CharField(label=gettext_lazy("First name"), max_length=80, required=False)
    last_name = forms.CharField(label=gettext_lazy("Last name"), max_length=80, required=False)
    company_name = forms.CharField(label=gettext_lazy("Company"), max_length=200, required=False)
    phone = forms.CharField(
        label=gettext_lazy("Phone"), max_length=40, required=False, widget=forms.TextInput(attrs={"type": "tel"})
    )
    email = forms.EmailField(label=gettext_lazy("E-mail"), max_length=254, required=False)
    #: The showing of the page: sent twice, it is one.
    key = forms.CharField(max_length=40, widget=forms.HiddenInput, initial=lambda: uuid4().hex)

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        if not self.errors and not (found.get("email") or found.get("phone")):
            self.add_error("phone", _("Leave an e-mail address or a phone number."))
        return found


class PhoneNoteForm(PersonForm):
    """What was said on the phone."""

    interest = forms.CharField(label=gettext_lazy("Interested in"), max_length=200, required=False)
    message = forms.CharField(
        label=gettext_lazy("What they said"), max_length=5000, required=False, widget=forms.Textarea(attrs={"rows": 5})
    )
    campaign = PickerField(Campaign.objects.all(), label=gettext_lazy("Campaign"), required=False)
    field_order = ("phone", "last_name", "first_name", "company_name", "email", "interest", "message", "campaign")


def take_down(facts: dict[str, Any], *, channel: str, by: Any, campaign: Campaign | None = None) -> Lead | None:
    """The lead of what somebody has typed in, at once; None where it did not work, and waits to be looked at."""
    payload = {"fields": {name: facts[name] for name in _FIELDS if facts.get(name)}}
    kept = receiving.keep(
        form=None,
        channel=channel,
        key=f"{channel}:{by.pk}:{receiving.printable(facts['key'])}",
        payload=payload | ({"campaign": campaign.pk} if campaign else {}),
        by=by.pk,
    )
    jobs.take_in(kept.pk)
    lead: Lead | None = Capture.objects.select_related("lead").get(pk=kept.pk).lead
    return lead


class PhoneNote(Page):
    """A call, while one is on the phone: the lead of that number is found again, or made."""

    permission = "leads.add_lead"
    model = Lead
    title = gettext_lazy("Phone note")
    template_name = "leads/capture/phone_note.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        known = {name: request.GET[name] for name in ("phone", "last_name") if name in request.GET}
        return self.show({"form": make_form(PhoneNoteForm, request, initial=known)})

    def post(self, request: HttpRequest) -> HttpResponse:
        form = make_form(PhoneNoteForm, request)
        if not form.is_valid():
            return self.show({"form": form}, status=422)
        facts = form.cleaned_data
        lead = take_down(facts, channel="phone", by=request.user, campaign=facts["campaign"])
        if lead is None:
            form.add_error(None, _("It was written down, and no lead could be made of it: see the submissions."))
            return self.show({"form": form}, status=409)
        seen = Lead.objects.visible_to(request.user).filter(pk=lead.pk).exists()
        url = lead.get_absolute_url() if seen else request.path
        return self.go(url, _("Noted on the lead “%(name)s”.") % {"name": lead} if seen else _("Noted."))
