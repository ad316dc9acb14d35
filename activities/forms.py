"""Forms: a note with files, an activity, what came of it."""

from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from activities.models import Activity
from core.forms import Form, ModelForm, PickerField
from core.uploads import UploadField
from parties.models import Company
from people.models import User


class NoteForm(Form):
    """A note; with files the text may be left out."""

    body = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=10000,
        widget=forms.Textarea(
            attrs={"rows": 2, "placeholder": _("What happened, what was said? @name tells a colleague.")}
        ),
    )
    uploads = UploadField(help_text=_("PDF, pictures, office documents, mail, text; up to 10 MB each."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["body"].widget.attrs |= {"data-mention": reverse("activities:people"), "data-key": "m"}

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        if not self.errors and not found.get("body") and not found.get("uploads"):
            self.add_error("body", _("Write something, or add a file."))
        return found


class ActivityForm(ModelForm):
    """Something to do. Without a record in the address it is about a company, which is then asked for."""

    company = PickerField(Company.objects.all(), label=_("Company"))

    class Meta:
        model = Activity
        fields = ("summary", "kind", "due_on", "owner")

    def __init__(self, *args: Any, about: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.about = about
        if about is not None or self.instance.pk:
            del self.fields["company"]
        self.fields["owner"].queryset = User.objects.filter(is_active=True)  # type: ignore[attr-defined]
        if not self.instance.pk:
            self.initial.setdefault("due_on", timezone.localdate())
            self.initial.setdefault("owner", self.user)


class CompleteForm(Form):
    """What came of it."""

    outcome = forms.CharField(label=_("What came of it"), required=False, max_length=5000, widget=forms.Textarea)
