"""What is asked about segments, sequences and their steps, mailings, and people who are put into a sequence."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from activities.models import MailTemplate
from core.forms import Form, ModelForm, PickerField
from core.models import Purpose
from leads.models import Enrolment, Lead, Mailing, Segment, Sequence, SequenceStep
from leads.nurture import audience, hours, scheduling
from parties.models import Contact


def _purpose(label: Any, **kwargs: Any) -> forms.ModelChoiceField:
    return forms.ModelChoiceField(Purpose.objects.in_use(), label=label, **kwargs)


class SenderForm(ModelForm):
    """What mailings and sequences have in common."""

    purpose = _purpose(_("Purpose"), help_text=_("Only those are written to who have agreed to it."))
    measuring = _purpose(
        _("Measure opens and clicks"),
        required=False,
        empty_label=_("Of nobody"),
        help_text=_("Of those only who have agreed to this purpose."),
    )


class SegmentForm(ModelForm):
    """A name, and the filter of a list of people. The page shows the filter's own fields; programs give the query string."""

    query = forms.CharField(label=_("Filter"), max_length=2000, required=False, widget=forms.HiddenInput)

    class Meta:
        model = Segment
        fields = ("name", "kind")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["kind"].disabled = True
            self.initial["query"] = self.instance.query
        self.fields["kind"].widget = forms.HiddenInput() if self.initial.get("kind") else self.fields["kind"].widget

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        if "kind" in found and "query" in found:
            query = QueryDict(found["query"]).urlencode().replace("%00", "")
            if problem := audience.wrong(audience.narrowed(found["kind"], query, self.user)):
                raise ValidationError(problem)
            found["query"] = query
        return found

    def save(self, commit: bool = True) -> Segment:
        self.instance.query = self.cleaned_data["query"]
        saved: Segment = super().save(commit)
        return saved


class SequenceForm(SenderForm):
    segment = forms.ModelChoiceField(
        Segment.objects.all(),
        label=_("Takes in by itself"),
        required=False,
        empty_label=_("Nobody: people are put in by hand"),
        help_text=_("Everybody who comes to belong to this segment, as the owner of the sequence sees it."),
    )
    sections = (
        (_("Sequence"), ("name", "kind", "segment")),
        (_("Consent"), ("purpose", "measuring")),
        (_("When"), ("working_days", "from_hour", "to_hour")),
        (_("Stop"), ("stop_on_reply", "stop_on_conversion", "stop_on_loss")),
    )

    class Meta:
        model = Sequence
        fields = (
            "name", "kind", "segment", "purpose", "measuring", "working_days", "from_hour", "to_hour", "stop_on_reply",
            "stop_on_conversion", "stop_on_loss",
        )  # fmt: skip

    def clean_kind(self) -> str:
        kind = str(self.cleaned_data["kind"])
        if self.instance.pk and kind != self.initial.get("kind") and self.instance.enrolments.exists():
            raise ValidationError(gettext("There are people in it already."))
        return kind


class StepForm(ModelForm):
    """One step. What it does decides which of the other fields count."""

    template = forms.ModelChoiceField(
        MailTemplate.objects.none(), label=_("Template"), required=False, help_text=_("For a mail.")
    )
    sections = (
        ("", ("position", "days", "hours", "action")),
        (_("Mail"), ("template",)),
        (_("Question"), ("question", "value", "yes", "no")),
    )

    class Meta:
        model = SequenceStep
        fields = ("position", "days", "hours", "action", "template", "question", "value", "yes", "no")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sequence: Sequence = self.instance.sequence
        self.fields["template"].queryset = fitting(sequence.kind)  # type: ignore[attr-defined]

    def clean_position(self) -> int:
        place = int(self.cleaned_data["position"])
        if self.instance.sequence.steps.exclude(pk=self.instance.pk).filter(position=place).exists():
            raise ValidationError(gettext("There is a step at this place already."))
        return place


def fitting(kind: str) -> Any:
    """The templates that can be sent to people of a kind."""
    return MailTemplate.objects.fitting(audience.model_of(kind)())


class MailingForm(SenderForm):
    segment = forms.ModelChoiceField(Segment.objects.all(), label=_("Segment"))
    template = forms.ModelChoiceField(MailTemplate.objects.filter(is_active=True), label=_("Template"))
    sections = (
        (_("This mailing"), ("name", "segment", "template", "campaign")),
        (_("Consent"), ("purpose", "measuring")),
    )

    class Meta:
        model = Mailing
        fields = ("name", "segment", "template", "campaign", "purpose", "measuring")


def _hours() -> list[Any]:
    """The hours of a day, those of an office first."""
    office = range(hours.OFFICE.from_hour, hours.OFFICE.to_hour)
    inside = [(hour, f"{hour:02}:00") for hour in office]
    return [
        (gettext("Working hours"), inside),
        (gettext("Other hours"), [(hour, f"{hour:02}:00") for hour in range(24) if hour not in office]),
    ]


class ScheduleForm(Form):
    """When a mailing goes out. Proposed is the next working hour."""

    on = forms.DateField(label=_("Day"))
    hour = forms.TypedChoiceField(label=_("Hour"), choices=_hours, coerce=int)

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        if not self.errors and (problem := scheduling.wrong(scheduling.moment(found["on"], found["hour"]))):
            self.add_error("on", problem)
        return found


class EnrolForm(Form):
    """Into which sequence somebody is put; `record` is the person."""

    sequence = forms.ModelChoiceField(Sequence.objects.filter(state=Sequence.State.ACTIVE), label=_("Sequence"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.record is not None:
            field: Any = self.fields["sequence"]
            field.queryset = field.queryset.filter(kind=self.record._meta.model_name)


class EnrolmentForm(EnrolForm):
    """Who is put into which sequence: a lead or a contact."""

    lead = PickerField(Lead.objects.all(), label=_("Lead"), required=False)
    contact = PickerField(Contact.objects.all(), label=_("Contact"), required=False)

    class Meta:
        model = Enrolment

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        if not self.errors and bool(found.get("lead")) == bool(found.get("contact")):
            raise ValidationError(gettext("Choose a lead or a contact."))
        return found


class EnrolSegmentForm(Form):
    """Whose people are put into the sequence."""

    segment = forms.ModelChoiceField(Segment.objects.all(), label=_("Segment"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["segment"]
        field.queryset = field.queryset.filter(kind=self.record.kind)
