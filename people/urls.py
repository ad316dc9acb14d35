"""Addresses of employees and of one's own profile."""

from django.urls import path

from core.pages import pages
from people.calendar_pages import CalendarCreate, CalendarDetail, CalendarEdit, CalendarList
from people.models import Employee, WorkingCalendar
from people.views import (
    CostRateForEmployee,
    EmployeeCreate,
    EmployeeDetail,
    EmployeeEdit,
    EmployeeList,
    LeaveForEmployee,
    Profile,
    RemoveLeave,
)

app_name = "people"
urlpatterns = [
    path("profile/", Profile.as_view(), name="profile"),
    path("employees/<int:pk>/rate/", CostRateForEmployee.as_view(), name="employee_rate"),
    path("employees/<int:pk>/leave/", LeaveForEmployee.as_view(), name="employee_leave"),
    path("leaves/<int:pk>/remove/", RemoveLeave.as_view(), name="leave_remove"),
    *pages(
        Employee,
        list=EmployeeList,
        detail=EmployeeDetail,
        create=EmployeeCreate,
        edit=EmployeeEdit,
        prefix="employees",
    ),
    *pages(
        WorkingCalendar,
        list=CalendarList,
        detail=CalendarDetail,
        create=CalendarCreate,
        edit=CalendarEdit,
        prefix="settings/calendars",
    ),
]
