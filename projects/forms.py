"""Forms of projects: open, change, hours, costs, the week."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import formats
from core.forms import AmountField, Form, ModelForm, NumberInput, PickerField
from people.models import Employee, User
from projects.models import Project
from projects.services import QUARTER, may_log_for


def project_managers() -> Any:
    """People with an account whose role runs projects."""
    runs = Q(groups__permissions__codename="start_project", groups__permissions__content_type__app_label="projects")
    return User.objects.filter(runs, is_active=True).order_by("last_name", "first_name").distinct()


class StartProjectForm(Form):
    manager = forms.ModelChoiceField(
        label=_("Project manager"), queryset=User.objects.none(), required=False, empty_label=_("To be decided")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["manager"].queryset = project_managers()  # type: ignore[attr-defined]


class ProjectForm(ModelForm):
    class Meta:
        model = Project
        fields = ("name", "owner", "starts_on", "ends_on", "progress", "description")
        labels = {"owner": _("Project manager")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        present = Q(pk=self.instance.owner_id)
        field: Any = self.fields["owner"]
        field.queryset = User.objects.filter(present | Q(pk__in=project_managers().values("pk")))

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        starts, ends = found.get("starts_on"), found.get("ends_on")
        if starts and ends and ends < starts:
            self.add_error("ends_on", _("The end comes after the start."))
        return found


class HoursField(forms.DecimalField):
    """Hours as people write them: "7,5", "7.5", "7:30"."""

    widget = NumberInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=0, max_value=24, decimal_places=2, localize=True, **kwargs)

    def to_python(self, value: Any) -> Any:
        text = str(value or "").strip()
        if clock := re.fullmatch(r"(\d{1,2}):([0-5]\d)", text):
            return Decimal(int(clock[1])) + Decimal(int(clock[2])) / 60
        if re.fullmatch(r"\d{0,2}([.,]\d{1,2})?", text) and text:
            return Decimal(text.replace(",", "."))
        return super().to_python(value)

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value is not None and 0 <= value <= 24 and value % QUARTER:
            raise forms.ValidationError(_("Hours are written in quarters: 0.25, 0.5, 0.75."))


class LogHoursForm(Form):
    employee = PickerField(label=_("Employee"), queryset=Employee.objects.all())
    on = forms.DateField(label=_("Date"), initial=timezone.localdate)
    hours = HoursField(label=_("Hours"), help_text=_("7.5 or 7:30"))
    activity = forms.CharField(label=_("What was done"), max_length=200, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not (self.user and self.user.has_perm("projects.change_timeentry")):
            self.fields.pop("employee")


class CorrectHoursForm(Form):
    hours = HoursField(label=_("Hours"), help_text=_("0 withdraws the row."))
    activity = forms.CharField(label=_("What was done"), max_length=200, required=False)


class BookExpenseForm(Form):
    on = forms.DateField(label=_("Date"), initial=timezone.localdate)
    description = forms.CharField(label=_("Description"), max_length=200)
    amount = AmountField(label=_("Amount, net of VAT"), min_value=Decimal("0.01"))


class AddProjectForm(Form):
    """One more row of the timesheet."""

    add = PickerField(
        Project.objects.open_for_booking().order_by("-created_at"),
        filters={"open_for_booking": 1},
        label=_("Add a project"),
    )


class WeekForm(Form):
    """The cells of a week: a field per project and day, named `h<project>_<yyyymmdd>`."""

    def __init__(
        self,
        *args: Any,
        projects: list[Project],
        days: list[date],
        hours: dict[tuple[int, date], Decimal],
        employee: Employee,
        **kwargs: Any,
    ) -> None:
        self.projects, self.days, self.hours, self.employee = projects, days, hours, employee
        super().__init__(*args, **kwargs)
        for project in projects:
            for day in days:
                self.fields[cell_name(project.pk, day)] = self._cell(project, day)
        self._prepare()

    def _cell(self, project: Project, day: date) -> HoursField:
        label = f"{project.number}, {formats.date(day)}"
        known = self.hours.get((project.pk, day))
        field = HoursField(label=label, required=False, initial=formats.number(known) if known else "")
        field.disabled = not self.may_write(project, day)
        field.widget.attrs |= {"aria-label": label, "data-cell": "", "maxlength": 5}
        return field

    def may_write(self, project: Project, day: date) -> bool:
        """A cell of a closed project, a day to come, or somebody else's week is read only."""
        return project.is_editable and day <= timezone.localdate() and may_log_for(self.user, self.employee)

    def changes(self) -> list[tuple[Project, date, Decimal]]:
        """The cells that differ from what is written down."""
        found = []
        for project in self.projects:
            for day in self.days:
                name = cell_name(project.pk, day)
                wanted = self.cleaned_data.get(name) or Decimal(0)
                known = self.hours.get((project.pk, day), Decimal(0))
                if not self.fields[name].disabled and Decimal(wanted) != known:
                    found.append((project, day, wanted))
        return found

    @property
    def rows(self) -> list[dict[str, Any]]:
        """For the template: each project with its cells and its sum as stored."""
        return [
            {
                "project": project,
                "cells": [self[cell_name(project.pk, day)] for day in self.days],
                "sum": sum((self.hours.get((project.pk, day), Decimal(0)) for day in self.days), Decimal(0)),
            }
            for project in self.projects
        ]

    @property
    def day_sums(self) -> list[Decimal]:
        """Sum of each day, over all projects of the employee."""
        return [sum((h for (_p, on), h in self.hours.items() if on == day), Decimal(0)) for day in self.days]

    @property
    def week_sum(self) -> Decimal:
        return sum(self.hours.values(), Decimal(0))


def cell_name(project: int, day: date) -> str:
    return f"h{project}_{day:%Y%m%d}"
