"""Forms: an e-mail to write, a template, the record an e-mail belongs to."""

import re
from typing import Any

from django import forms
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from activities.mail.sending import MOST_ADDRESSES, has_pdf
from activities.models import MailTemplate
from core import letters
from core.forms import Form, ModelForm
from core.uploads import UploadField
from parties.models import Language

#: A choice of template or language asks the page's own address for subject and text.
FILLS = {
    "hx-get": "",
    "hx-trigger": "change",
    "hx-include": "[name=template],[name=language],[name=to]",
    "hx-target": "#letter",
}

#: Between addresses, and what a name beside one looks like: "Verdi, Giulia" <giulia@example.com>.
_SEPARATORS, _QUOTED, _IN_BRACKETS = re.compile(r"[,;\n]"), re.compile(r'"[^"]*"'), re.compile(r"^[^<]*<([^<>]*)>\s*$")


class AddressesField(forms.CharField):
    """E-mail addresses separated by commas, with or without names; the cleaned value is a list of bare addresses."""

    default_error_messages = {
        "address": _("“%(address)s” is not an e-mail address."),
        "many": _("At most %(n)d addresses."),
    }

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list | tuple) else value

    def clean(self, value: Any) -> Any:
        found: dict[str, str] = {}
        for part in _SEPARATORS.split(_QUOTED.sub("", super().clean(value))):
            address = _IN_BRACKETS.sub(r"\1", part).strip()
            if not address:
                continue
            try:
                validate_email(address)
            except ValidationError as error:
                wrong = {"address": address[:100]}
                raise ValidationError(self.error_messages["address"], code="address", params=wrong) from error
            found.setdefault(address.lower(), address)
        if len(found) > MOST_ADDRESSES:
            raise ValidationError(self.error_messages["many"], code="many", params={"n": MOST_ADDRESSES})
        if self.required and not found:
            raise ValidationError(self.error_messages["required"], code="required")
        return list(found.values())


class WriteForm(Form):
    """An e-mail about `record`. Template and language fill in subject and text, which are then the writer's."""

    template = forms.ModelChoiceField(
        MailTemplate.objects.none(), label=_("Template"), required=False, empty_label=_("None: I write it myself")
    )
    language = forms.ChoiceField(label=_("Language"), choices=Language.choices)
    to = AddressesField(label=pgettext_lazy("address", "To"), max_length=2000)
    cc = AddressesField(label=_("Copy to"), required=False, max_length=2000)
    title = forms.CharField(label=_("Subject"), max_length=300)
    text = forms.CharField(label=_("Text"), max_length=100_000, widget=forms.Textarea(attrs={"rows": 14}))
    with_pdf = forms.BooleanField(label=_("Attach the document as PDF"), required=False)
    uploads = UploadField(help_text=_("PDF, pictures, office documents, mail, text; up to 10 MB each."))
    private = forms.BooleanField(
        label=_("Private"),
        required=False,
        help_text=_("Only you and the colleagues you write to can see it in ZenCRM, and the answers to it."),
    )

    #: What a choice of template or language fills in anew.
    FILLED = ("title", "text")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["template"].queryset = MailTemplate.objects.fitting(self.record)  # type: ignore[attr-defined]
        declared = letters.letters_of(type(self.record))
        self.people = declared.persons(self.record) if declared else []
        self.fields["to"].widget.attrs |= {"list": "recipients", "autocomplete": "off"}
        for name in ("template", "language"):
            self.fields[name].widget.attrs |= FILLS
        if not has_pdf(self.record):
            del self.fields["with_pdf"]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        for name in self.FILLED:
            if left := letters.unfilled(found.get(name, "")):
                self.add_error(name, _("Still to be filled in: %(names)s") % {"names": ", ".join(left[:5])})
        return found


class MailTemplateForm(ModelForm):
    """A template, with the placeholders that may stand in it."""

    sections = (
        ("", ("name", "subject_type", "is_active")),
        (_("Italian"), ("title_it", "text_it")),
        (_("English"), ("title_en", "text_en")),
    )

    class Meta:
        model = MailTemplate
        fields = ("name", "subject_type", "is_active", "title_it", "text_it", "title_en", "text_en")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = ContentType.objects.get_for_models(*(one.model for one in letters.all_letters()))
        field: Any = self.fields["subject_type"]
        names = sorted((str(capfirst(model._meta.verbose_name)), kind.pk) for model, kind in kinds.items())
        field.queryset = ContentType.objects.filter(pk__in=[kind.pk for kind in kinds.values()])
        field.choices = [("", _("Every kind of record")), *((pk, name) for name, pk in names)]
        for name in ("text_it", "text_en"):
            self.fields[name].widget.attrs["rows"] = 10
