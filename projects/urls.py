"""Addresses of projects, hours, costs and the ledger."""

from django.urls import path

from core.pages import pages
from projects.models import Entry, Expense, Project, TimeEntry
from projects.timesheets import CorrectHours, LogHours, TimeEntryDetail, TimeEntryList, Timesheet
from projects.views import (
    BookExpense,
    ExpenseDetail,
    ExpenseList,
    LedgerList,
    OpenProject,
    ProjectAct,
    ProjectBoard,
    ProjectDetail,
    ProjectEdit,
    ProjectList,
    ReverseExpense,
)

app_name = "projects"
urlpatterns = [
    path("timesheets/week/", Timesheet.as_view(), name="timesheet"),
    path("timesheets/<int:pk>/correct/", CorrectHours.as_view(), name="timeentry_correct"),
    path("expenses/<int:pk>/reverse/", ReverseExpense.as_view(), name="expense_reverse"),
    *pages(
        Project,
        list=ProjectList,
        board=ProjectBoard,
        detail=ProjectDetail,
        edit=ProjectEdit,
        act=ProjectAct,
        handovers={"contract": OpenProject},
        prefix="projects",
    ),
    *pages(TimeEntry, list=TimeEntryList, detail=TimeEntryDetail, handovers={"project": LogHours}, prefix="timesheets"),
    *pages(Expense, list=ExpenseList, detail=ExpenseDetail, handovers={"project": BookExpense}, prefix="expenses"),
    *pages(Entry, list=LedgerList, prefix="ledger"),
]
