"""The pages of hours: the week as a grid, the rows, one row and its correction."""

from datetime import date, timedelta
from functools import cached_property
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import formats, history
from core.lifecycle import Reason, Refused
from core.pages import Column, DetailPage, HandoverPage, ListPage, Page, Panel
from people.models import Employee
from projects.filters import TimeEntryFilter
from projects.forms import AddProjectForm, CorrectHoursForm, LogHoursForm, WeekForm
from projects.models import TimeEntry
from projects.reports import hours_of_week, projects_of_week, week_of
from projects.services import correct_hours, lock_all, log_hours, may_log_for, set_hours
from projects.views import FromProject


def own_employee(user: Any) -> Employee | None:
    """The employee behind an account, if human resources have linked one."""
    return Employee.objects.filter(user=user).first()


class TimeEntryList(ListPage):
    model = TimeEntry
    title = gettext_lazy("Timesheet rows")
    columns = (
        Column("on", link=True),
        Column("employee"),
        Column("project__number", link="project", label=gettext_lazy("Project")),
        Column("project__name", label=gettext_lazy("Name"), hide_on_phone=True),
        Column("activity"),
        Column("hours"),
    )
    filterset = TimeEntryFilter
    search_fields = ("activity", "project__number", "employee__last_name")
    default_sort = "-on"

    def queryset(self) -> Any:
        return super().queryset().filter(hours__gt=0)

    def links(self) -> dict[str, Any]:
        return super().links() | {"create_url": reverse("projects:timesheet")}


class TimeEntryDetail(DetailPage):
    model = TimeEntry
    template_name = "projects/timeentry_detail.html"
    figures = ("hours",)
    panels = (Panel(gettext_lazy("Hours"), ("project", "employee", "on", "hours", "activity"), icon="clock"),)
    select_related = ("project", "employee")

    def context(self, record: Any) -> dict[str, Any]:
        may = record.is_editable and may_log_for(self.request.user, record.employee)
        return super().context(record) | {"may_correct": may}


class LogHours(FromProject):
    form_class = LogHoursForm
    service = staticmethod(log_hours)
    permission = "projects.add_timeentry"
    title = label = gettext_lazy("Log hours")

    def initial(self, source: Any) -> dict[str, Any]:
        return {"employee": own_employee(self.request.user)}

    def perform(self, source: Any, facts: dict[str, Any]) -> Any:
        if "employee" not in facts:
            facts["employee"] = own_employee(self.request.user)
        if facts["employee"] is None:
            raise Refused(_("Your account is not linked to an employee yet: ask human resources."))
        return super().perform(source, facts)


class CorrectHours(HandoverPage):
    """Changes the hours of a row; the ledger gets the difference."""

    source = TimeEntry
    form_class = CorrectHoursForm
    service = staticmethod(correct_hours)
    source_argument = "row"
    permission = "projects.add_timeentry"
    title = label = gettext_lazy("Correct the hours")

    def initial(self, source: Any) -> dict[str, Any]:
        return {"hours": source.hours, "activity": source.activity}

    def reasons(self, source: Any) -> list[Reason]:
        return []


class Timesheet(Page):
    """The week of one person: seven days by projects, written at once."""

    model = TimeEntry
    permission = "add"
    template_name = "projects/timesheet.html"
    title = gettext_lazy("Timesheet")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.answer(self.form() if self.employee else None)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.employee is None:
            raise Http404
        if not may_log_for(request.user, self.employee):
            raise PermissionDenied
        form = self.form()
        if not form.is_valid():
            return self.answer(form, status=422)
        try:
            self.save(form)
        except Refused as refusal:
            return self.answer(form, refusal.reasons, status=409)
        return self.go(self.address(self.days[0]), _("Saved."))

    def save(self, form: WeekForm) -> None:
        """All cells or none; projects locked in one order."""
        changes = form.changes()
        with transaction.atomic(), history.acting(self.request.user):
            projects = lock_all({project.pk for project, _day, _hours in changes})
            # What shrinks comes first: eight hours moved from one project to another never pass for sixteen.
            changes.sort(key=lambda c: c[2] > form.hours.get((c[0].pk, c[1]), 0))
            for project, day, hours in changes:
                try:
                    set_hours(
                        project=projects[project.pk], employee=form.employee, on=day, hours=hours, by=self.request.user
                    )
                except Refused as refusal:
                    place = f"{project.number}, {formats.date(day)}"
                    raise Refused(*(Reason(f"{place}: {r.message}", r.fix_url) for r in refusal.reasons)) from refusal

    # --- What is asked for -------------------------------------------------------------------------------------------

    @cached_property
    def employee(self) -> Employee | None:
        """The person of the address, for those who may see all hours; else oneself."""
        wanted = self.request.GET.get("employee", "")
        if not wanted:
            return own_employee(self.request.user)
        if not (wanted.isascii() and wanted.isdigit() and len(wanted) < 18):
            raise Http404
        found = Employee.objects.filter(pk=int(wanted)).first()
        if found is None or not self.may_see(found):
            raise Http404
        return found

    def may_see(self, employee: Employee) -> bool:
        return employee.user_id == self.request.user.pk or self.request.user.has_perm("projects.see_all_timeentry")

    @cached_property
    def days(self) -> list[date]:
        wanted = self.request.GET.get("week", "")
        try:
            day = date.fromisoformat(wanted) if wanted else timezone.localdate()
            return week_of(day)
        except (ValueError, OverflowError) as error:
            raise Http404 from error

    @cached_property
    def added(self) -> list[int]:
        texts = [*self.request.GET.getlist("add"), *self.request.POST.getlist("row")]
        return [int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 18][:200]

    def form(self) -> WeekForm:
        if self.employee is None:
            raise Http404
        return WeekForm(
            self.request.POST if self.request.method == "POST" else None,
            user=self.request.user,
            employee=self.employee,
            projects=projects_of_week(self.employee, self.request.user, self.days, self.added),
            days=self.days,
            hours=hours_of_week(self.employee, self.days),
        )

    # --- Answer ------------------------------------------------------------------------------------------------------

    def address(self, monday: date, **more: Any) -> str:
        who = f"&employee={self.request.GET['employee']}" if self.request.GET.get("employee") else ""
        return f"{reverse('projects:timesheet')}?week={monday:%Y-%m-%d}{who}"

    def answer(self, form: WeekForm | None, reasons: list[Reason] | None = None, *, status: int = 200) -> HttpResponse:
        if form is None or self.employee is None:
            return self.show({"form": None}, status=status)
        week, today = timedelta(days=7), timezone.localdate()
        context = {
            "form": form,
            "reasons": reasons or [],
            "employee": self.employee,
            "who": str(self.employee),
            "days": [{"day": day, "today": day == today, "weekend": day.weekday() > 4} for day in self.days],
            "sums": form.day_sums,
            "previous_url": self.address(self.days[0] - week) if self.days[0].year > 1900 else "",
            "next_url": self.address(self.days[0] + week) if self.days[0] + week <= today else "",
            "this_url": self.address(today),
            "add": AddProjectForm(user=self.request.user, auto_id="id_%s"),
            "may_write": may_log_for(self.request.user, self.employee),
        }
        return self.show(context, status=status)
