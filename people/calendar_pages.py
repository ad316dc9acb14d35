"""Pages of working calendars, for human resources and managers."""

from typing import Any

import django_filters
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.filters import FilterSet
from core.pages import Column, DetailPage, FormPage, ListPage, Panel, Related
from people.forms import CalendarForm
from people.models import WorkingCalendar
from people.workdays import holidays_of


class CalendarFilter(FilterSet):
    is_default = django_filters.BooleanFilter(label=_("For everybody"))

    class Meta:
        model = WorkingCalendar
        fields: tuple[str, ...] = ()


class CalendarList(ListPage):
    model = WorkingCalendar
    columns = (
        Column("name", link=True),
        Column("country"),
        Column("province"),
        Column("is_default", label=_("For everybody"), hide_on_phone=True),
    )
    filterset = CalendarFilter
    search_fields = ("name",)
    default_sort = "name"
    empty_text = _("Without a calendar everybody works from Monday to Friday, eight hours, with Italy's holidays.")


class CalendarDetail(DetailPage):
    model = WorkingCalendar
    template_name = "people/calendar_detail.html"
    figures = (("weekly_hours", _("Hours a week")),)
    panels = (
        Panel(_("Hours"), WorkingCalendar.WEEK, icon="clock"),
        Panel(_("Whose holidays"), ("country", "province"), icon="map-pin"),
        Panel(_("The day"), ("starts_at", "break_starts_at", "break_ends_at", "is_default"), icon="sun"),
    )
    related = (Related(_("Employees"), "employees", ("last_name", "first_name"), permission="people.view_employee"),)

    def context(self, record: WorkingCalendar) -> dict[str, Any]:
        this_year = timezone.localdate().year
        years = [(str(year), holidays_of(record, year)) for year in (this_year, this_year + 1)]
        return super().context(record) | {"years": years}


class CalendarCreate(FormPage):
    model = WorkingCalendar
    form_class = CalendarForm


class CalendarEdit(CalendarCreate):
    """The same form on a known calendar."""
