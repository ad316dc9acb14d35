"""Forms of employees, cost rates, leave, and one's own profile."""

from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.forms import AmountField, Form, ModelForm
from people.models import Employee, Leave, User, WorkingCalendar


class EmployeeForm(ModelForm):
    class Meta:
        model = Employee
        fields = (
            "first_name",
            "last_name",
            "job_title",
            "email",
            "phone",
            "hired_on",
            "left_on",
            "weekly_hours",
            "calendar",
            "user",
        )
        help_texts = {"user": _("The account with which this person signs in, if any.")}

    sections = (
        (_("Person"), ("first_name", "last_name", "job_title", "email", "phone")),
        (_("Employment"), ("hired_on", "left_on", "weekly_hours", "calendar", "user")),
    )
    calendar = forms.ModelChoiceField(
        label=_("Working calendar"),
        queryset=WorkingCalendar.objects.all(),
        required=False,
        empty_label=_("The one for everybody"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        free = Q(employee=None) | Q(pk=self.instance.user_id)
        field: Any = self.fields["user"]
        field.queryset = User.objects.filter(free, is_active=True).order_by("last_name", "first_name")

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        hired, left = found.get("hired_on"), found.get("left_on")
        if hired and left and left < hired:
            self.add_error("left_on", _("Nobody leaves before they are hired."))
        return found

    def clean_weekly_hours(self) -> Decimal:
        hours: Decimal = self.cleaned_data["weekly_hours"]
        if not 0 <= hours <= 60:
            raise forms.ValidationError(_("Between 0 and 60 hours a week."))
        return hours


class CalendarForm(ModelForm):
    """Hours per weekday, and whose public holidays are kept."""

    sections = (
        (_("Working calendar"), ("name", "country", "province", "is_default")),
        (_("Hours"), WorkingCalendar.WEEK),
        (_("The day"), ("starts_at", "break_starts_at", "break_ends_at")),
    )

    class Meta:
        model = WorkingCalendar
        fields = (
            *("name", "country", "province", "is_default"),
            *WorkingCalendar.WEEK,
            *("starts_at", "break_starts_at", "break_ends_at"),
        )
        help_texts = {
            "province": _("Two letters; the day of its patron saint is a holiday too."),
            "starts_at": _("From then on the hours of the day are counted, without the break."),
        }
        widgets = {
            name: forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
            for name in ("starts_at", "break_starts_at", "break_ends_at")
        }

    def clean_is_default(self) -> bool:
        wanted = bool(self.cleaned_data["is_default"])
        other = WorkingCalendar.objects.filter(is_default=True).exclude(pk=self.instance.pk).first()
        if wanted and other:
            raise forms.ValidationError(_("That is “%(name)s” already: take it back there first.") % {"name": other})
        return wanted


class CostRateForm(Form):
    starts_on = forms.DateField(label=_("From"), initial=timezone.localdate)
    hourly_cost = AmountField(label=_("Cost per hour in EUR"), max_digits=8, min_value=Decimal(0))


class LeaveForm(Form):
    kind = forms.ChoiceField(label=_("Kind"), choices=Leave.Kind.choices)
    starts_on = forms.DateField(label=_("First day"))
    ends_on = forms.DateField(label=_("Last day"))

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        first, last = found.get("starts_on"), found.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", _("The last day comes before the first."))
        return found


class ProfileForm(ModelForm):
    """What people change about themselves."""

    class Meta:
        model = User
        fields = ("first_name", "last_name", "phone", "language", "theme", "dense")
