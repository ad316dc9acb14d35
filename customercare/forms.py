"""Forms of customer care: a case as it comes in, and what its verbs ask for."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.forms import Form, ModelForm
from customercare.models import Case


class CaseForm(ModelForm):
    """A new case, or the facts of one; contact and documents have to be the company's own."""

    sections = (
        (_("Who"), ("company", "contact", "channel")),
        (_("What"), ("title", "description", "priority")),
        (_("About"), ("contract", "project", "invoice")),
    )

    class Meta:
        model = Case
        fields = (
            "company", "contact", "channel", "title", "description", "priority", "contract", "project", "invoice",
        )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        company = found.get("company")
        for name in ("contact", "contract", "project", "invoice"):
            record = found.get(name)
            if company and record is not None and record.company_id not in (None, company.pk):
                self.add_error(name, gettext("%(what)s belongs to another company.") % {"what": record})
        return found


class CaseAboutForm(Form):
    """A case opened on the page of what it is about: the company is known."""

    title = forms.CharField(label=_("Subject"), max_length=200)
    description = forms.CharField(
        label=_("Description"), max_length=10_000, required=False, widget=forms.Textarea(attrs={"rows": 5})
    )
    priority = forms.TypedChoiceField(
        label=_("Priority"), choices=Case.Priority.choices, coerce=int, initial=Case.Priority.NORMAL
    )
    channel = forms.ChoiceField(label=_("Channel"), choices=Case.Channel.choices, initial=Case.Channel.PHONE)


class ResolveForm(Form):
    """What solved it, as the customer may read it."""

    completes = True

    solution = forms.CharField(label=_("Solution"), max_length=10_000, widget=forms.Textarea(attrs={"rows": 5}))


class CloseForm(Form):
    """How satisfied the customer was, where somebody asked."""

    satisfaction = forms.TypedChoiceField(
        label=_("Customer's satisfaction"),
        required=False,
        empty_value=None,
        coerce=int,
        choices=[
            ("", _("Not known")),
            (5, _("5 – very good")),
            (4, _("4 – good")),
            (3, _("3 – fair")),
            (2, _("2 – poor")),
            (1, _("1 – bad")),
        ],
    )
