"""Filters of the lists of projects, ledger, hours and expenses."""

import django_filters
from django.utils.translation import gettext_lazy as _

from core.filters import FilterSet, PickFilter
from parties.models import Company
from people.models import Employee, User
from projects.models import Entry, Expense, Project, TimeEntry


class ProjectFilter(FilterSet):
    state = django_filters.MultipleChoiceFilter(choices=Project.State.choices, label=_("State"))
    owner = django_filters.ModelChoiceFilter(queryset=User.objects.filter(is_active=True), label=_("Project manager"))
    company = PickFilter(queryset=Company.objects.all(), label=_("Customer"))
    ends_on = django_filters.DateFromToRangeFilter(label=_("Ends"))

    class Meta:
        model = Project
        fields = ("state", "owner", "company", "ends_on")


class EntryFilter(FilterSet):
    project = PickFilter(queryset=Project.objects.all(), label=_("Project"))
    kind = django_filters.MultipleChoiceFilter(choices=Entry.Kind.choices, label=_("Kind"))
    on = django_filters.DateFromToRangeFilter(label=_("Date"))

    class Meta:
        model = Entry
        fields = ("project", "kind", "on")


class TimeEntryFilter(FilterSet):
    project = PickFilter(queryset=Project.objects.all(), label=_("Project"))
    employee = PickFilter(queryset=Employee.objects.all(), label=_("Employee"))
    on = django_filters.DateFromToRangeFilter(label=_("Date"))

    class Meta:
        model = TimeEntry
        fields = ("project", "employee", "on")


class ExpenseFilter(FilterSet):
    project = PickFilter(queryset=Project.objects.all(), label=_("Project"))
    on = django_filters.DateFromToRangeFilter(label=_("Date"))

    class Meta:
        model = Expense
        fields = ("project", "on")
