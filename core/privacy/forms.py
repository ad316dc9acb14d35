"""What is asked about purposes and consents."""

from datetime import datetime, time
from typing import Any, ClassVar

from django import forms
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.forms import Form, ModelForm
from core.models import Consent, Purpose, PurposeText
from core.uploads import UploadField

#: How somebody can have said it to us: not by the link, which writes it down itself.
BY_HAND = [choice for choice in Consent.Source.choices if choice[0] not in ("link",)]


class PurposeForm(ModelForm):
    """A purpose with its words; other words make a new version, and the old ones stay what people agreed to."""

    text_it = forms.CharField(label=_("Text in Italian"), max_length=5000, widget=forms.Textarea)
    text_en = forms.CharField(
        label=_("Text in English"),
        max_length=5000,
        required=False,
        widget=forms.Textarea,
        help_text=_("Shown to those who read English; without it they read the Italian one."),
    )

    class Meta:
        model = Purpose
        fields = ("name", "code", "months", "is_active")
        labels: ClassVar[dict[str, Any]] = {"months": _("Valid for months")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        present = self.instance.present_text if self.instance.pk else None
        if present is not None:
            self.initial = {**self.initial, "text_it": present.text_it, "text_en": present.text_en}

    def save(self, commit: bool = True) -> Purpose:
        with transaction.atomic():
            purpose: Purpose = super().save(commit)
            present = purpose.present_text
            words = {name: self.cleaned_data[name].strip() for name in ("text_it", "text_en")}
            if present is None or any(getattr(present, name) != text for name, text in words.items()):
                version = present.version + 1 if present else 1
                PurposeText.objects.create(purpose=purpose, version=version, **words)
        return purpose


class _SaidForm(Form):
    """When and how somebody said it."""

    on = forms.DateField(label=_("Said on"), widget=forms.DateInput)
    source = forms.ChoiceField(label=_("How"), choices=[("", "---------"), *BY_HAND])
    evidence = forms.CharField(
        label=_("Evidence"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Where it can be found again: the form, the message, who was there."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].initial = timezone.localdate

    def clean_on(self) -> Any:
        day = self.cleaned_data["on"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("Nobody has said anything in the future."))
        return day

    def said(self) -> dict[str, Any]:
        """The facts as the services take them; today means now, another day its noon."""
        facts = dict(self.cleaned_data)
        day = facts.pop("on")
        noon = timezone.make_aware(datetime.combine(day, time(12)))
        return facts | {"at": None if day == timezone.localdate() else noon}


class GiveForm(_SaidForm):
    purpose = forms.ModelChoiceField(Purpose.objects.in_use(), label=_("Purpose"))
    ip = forms.GenericIPAddressField(label=_("IP address"), required=False, help_text=_("Of a web form."))
    proofs = UploadField(help_text=_("The signed sheet, the message."))

    field_order = ("purpose", "on", "source", "evidence", "ip", "proofs")

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        if not self.errors and not (found.get("evidence") or found.get("ip") or found.get("proofs")):
            self.add_error("evidence", _("Say how it can be proved: a note, a file, or the address it came from."))
        return found

    def said(self) -> dict[str, Any]:
        facts = super().said()
        return facts | {"ip": facts["ip"] or None, "files": facts.pop("proofs")}


class WithdrawForm(_SaidForm):
    """A no needs no proof."""
