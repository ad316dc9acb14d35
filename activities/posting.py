"""What programs write about a record of any kind: activities, e-mails, notes. The pages' rules, said in one form."""

from typing import Any

from django import forms
from django.apps import apps
from django.http import Http404
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from activities import subjects
from activities.forms import ActivityForm, NoteForm
from activities.mail import sending
from activities.mail.forms import AddressesField
from activities.models import Email, MailTemplate
from activities.views import ActivityCreate
from core import letters
from core.api.fields import FilesField, RecordField
from core.forms import Form
from core.models import Record
from core.pages import FormPage
from parties.models import Language

#: Bytes of a body with files: those of an e-mail, as base64, and its words.
LARGEST = sending.MOST_BYTES * 4 // 3 + 1024 * 1024


def models() -> dict[str, Any]:
    """{name of a kind of record: its model}, of all that something can be said of."""
    records = (model for model in apps.get_models() if issubclass(model, Record))
    return {str(model._meta.model_name): model for model in records if not issubclass(model, subjects.NO_SUBJECTS)}


def _with_letters() -> dict[str, Any]:
    return {str(declared.model._meta.model_name): declared.model for declared in letters.all_letters()}


def find(user: Any, kind: str, pk: int) -> Any:
    """The record, seen through the user; None where there is none to be seen."""
    model = models()[kind]
    try:
        return subjects.subject_of(user, model._meta.app_label, kind, pk)
    except Http404:
        return None


def subject_field(kinds: Any = models, **kwargs: Any) -> RecordField:
    return RecordField(kinds=kinds, find=find, label=_("The record it is about"), **kwargs)


class PostedActivity(ActivityForm):
    """An activity about a record, or, as it has always been, about a company."""

    subject = subject_field(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["company"].required = False
        self.fields["subject"].user = self.user  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        if "subject" not in self.errors and "company" not in self.errors:
            company = found.pop("company", None)
            if (found.get("subject") is None) == (company is None):
                self.add_error("subject", _now("Say what it is about: either a record or a company."))
            self.about = found.pop("subject", None) or company
        return found


class PostActivity(ActivityCreate):
    form_class = PostedActivity


class PostedNote(NoteForm):
    """A note about a record; its files stand in the JSON."""

    subject = subject_field()
    uploads: Any = FilesField(label=_("Files"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["subject"].user = self.user  # type: ignore[attr-defined]


class PostedEmail(Form):
    """An e-mail about a record. What is left out is as the page proposes it: recipient, language, the template's words."""

    subject = subject_field(_with_letters)
    template = forms.ModelChoiceField(MailTemplate.objects.none(), label=_("Template"), required=False)
    language = forms.ChoiceField(label=_("Language"), choices=[("", ""), *Language.choices], required=False)
    to = AddressesField(label=_("Recipients"), required=False, max_length=6000)
    cc = AddressesField(label=_("Copy to"), required=False, max_length=6000)
    title = forms.CharField(label=_("Subject"), required=False, max_length=300)
    text = forms.CharField(label=_("Text"), required=False, max_length=100_000)
    answers = forms.ModelChoiceField(Email.objects.none(), label=_("Answer to the e-mail"), required=False)
    with_pdf = forms.BooleanField(label=_("Attach the document as PDF"), required=False)
    files: Any = FilesField(label=_("Files"), required=False)
    private = forms.BooleanField(label=_("Private"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("to", "cc"):
            self.fields[name].json_kind = "texts"  # type: ignore[attr-defined]
        self.fields["subject"].user = self.user  # type: ignore[attr-defined]
        # As on the page, whoever writes chooses among all templates in use.
        self.fields["template"].queryset = MailTemplate.objects.filter(is_active=True)  # type: ignore[attr-defined]
        if getattr(self.user, "pk", None):
            self.fields["answers"].queryset = Email.objects.open_to(self.user)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        if self.errors:
            return found
        subject, template, answers = found["subject"], found["template"], found["answers"]
        if template is not None and not MailTemplate.objects.fitting(subject).filter(pk=template.pk).exists():
            self.add_error("template", _now("This template is not for records of this kind."))
        if answers is not None and not Email.objects.about(subject).filter(pk=answers.pk).exists():
            self.add_error("answers", _now("That e-mail is not about this record."))
        if found["with_pdf"] and not sending.has_pdf(subject):
            self.add_error("with_pdf", _now("There is no document of this record to attach now."))
        return found if self.errors else found | self._filled(found)

    def _filled(self, found: dict[str, Any]) -> dict[str, Any]:
        """Recipient, subject, text and language: those given, else those that the page would propose."""
        template, answers = found["template"], found["answers"]
        draft = sending.draft(
            subject=found["subject"], by=self.user, template=template, language=found["language"], to=found["to"],
            answers=answers,
        )  # fmt: skip
        words: dict[str, Any] = {
            "to": found["to"] or draft.to,
            "title": found["title"] or draft.title,
            "text": found["text"] or (draft.text if template is not None else ""),
            "language": draft.language,
        }
        for name in ("to", "title", "text"):
            if not words[name]:
                self.add_error(name, _now("This field is required."))
        for name in ("title", "text"):
            missing = letters.unfilled(words[name]) or (draft.empty if name == "text" and not found["text"] else [])
            if missing:
                self.add_error(name, _now("Still to be filled in: %(names)s") % {"names": ", ".join(missing[:5])})
        return words


class PostEmail(FormPage):
    model = Email
    form_class = PostedEmail

    def save(self, form: Any, lines: Any) -> Email:
        facts = dict(form.cleaned_data)
        return sending.send_email(by=self.request.user, **facts)
