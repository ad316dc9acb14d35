"""Pages of employees, for human resources, and one's own profile."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core import preferences
from core.pages import Column, DetailPage, FormPage, HandoverPage, ListPage, Page, Panel
from people.filters import EmployeeFilter
from people.forms import CostRateForm, EmployeeForm, LeaveForm, ProfileForm
from people.models import Employee, Leave, User
from people.services import add_leave, remove_leave, set_cost_rate


class EmployeeList(ListPage):
    model = Employee
    columns = (
        Column("last_name", link=True),
        Column("first_name", link=True),
        Column("job_title"),
        Column("email", hide_on_phone=True),
        Column("phone", kind="phone", hide_on_phone=True),
        Column("hired_on"),
        Column("left_on"),
        Column("weekly_hours"),
    )
    filterset = EmployeeFilter
    search_fields = ("first_name", "last_name", "job_title", "email")
    default_sort = "last_name"
    views = ((_("Here today"), "here=true"), (_("Have left"), "here=false"))


class EmployeeDetail(DetailPage):
    model = Employee
    template_name = "people/employee_detail.html"
    panels = (
        Panel(_("Person"), ("job_title", "email", "phone"), icon="id-badge"),
        Panel(_("Employment"), ("hired_on", "left_on", "weekly_hours", "calendar", "user"), icon="calendar"),
    )

    def context(self, record: Any) -> dict[str, Any]:
        """Pay and reasons of absence are read only for those who may see them: nothing of them is in the page else."""
        user = self.request.user
        pay, leave = user.has_perm("people.view_costrate"), user.has_perm("people.view_leave")
        found = {
            "sees_pay": pay,
            "sees_leave": leave,
            "rates": record.cost_rates.all()[:50] if pay else (),
            "leaves": record.leaves.all()[:50] if leave else (),
            "may_rate": user.has_perm("people.add_costrate"),
            "may_leave": user.has_perm("people.add_leave"),
            "may_remove_leave": user.has_perm("people.change_leave"),
        }
        return super().context(record) | found


class EmployeeCreate(FormPage):
    model = Employee
    form_class = EmployeeForm


class EmployeeEdit(EmployeeCreate):
    """The same form on a known employee."""


class _ForEmployee(HandoverPage):
    """Adds something to an employee, and comes back."""

    source = Employee
    source_argument = "employee"

    def reasons(self, source: Any) -> list[Any]:
        return []

    def perform(self, source: Any, facts: dict[str, Any]) -> Any:
        super().perform(source, facts)
        return source

    def go(self, url: str, message: str = "") -> HttpResponse:
        return super().go(url, str(_("Saved.")))


class CostRateForEmployee(_ForEmployee):
    form_class = CostRateForm
    service = staticmethod(set_cost_rate)
    permission = "people.add_costrate"
    title = label = _("Set the cost rate")


class LeaveForEmployee(_ForEmployee):
    form_class = LeaveForm
    service = staticmethod(add_leave)
    permission = "people.add_leave"
    title = label = _("Add a leave")


class RemoveLeave(Page):
    """Takes a leave away (POST only)."""

    model = Leave
    permission = "change"
    http_method_names = ("post",)

    def queryset(self) -> Any:
        return Leave.objects.filter(employee__in=Employee.objects.visible_to(self.request.user))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        leave = self.record()
        remove_leave(leave=leave, by=request.user)
        return self.go(leave.employee.get_absolute_url(), str(_("Removed.")))


class Profile(FormPage):
    """One's own name, phone, language, theme and density."""

    model = User
    form_class = ProfileForm
    template_name = "people/profile.html"
    title = _("My profile")

    def required_permission(self) -> str:
        return ""

    def target(self) -> Any:
        user: Any = self.request.user
        return User.objects.get(pk=user.pk)

    def refusals(self, record: Any, *, locked: bool = False) -> list[Any]:
        return []

    def cancel_url(self, record: Any) -> str:
        return "/"

    def save(self, form: Any, lines: Any) -> Any:
        return form.save()

    def success_url(self, saved: Any) -> str:
        return reverse("people:profile")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        answer = super().post(request, *args, **kwargs)
        if answer.status_code != 302:
            return answer
        chosen = {
            "theme": request.POST.get("theme", ""),
            "language": request.POST.get("language", ""),
            "density": "compact" if request.POST.get("dense") else "normal",
        }
        return preferences.remember(answer, preferences.wanted(chosen))
