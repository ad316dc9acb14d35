"""Pages of the calendar feed: the feed itself, open to whoever has its address, and where one gets the address."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe

from activities import calendar
from activities.models import Activity, CalendarFeed
from core.pages import Page


class CalendarAddress(Page):
    """Make a private address of one's calendar, replace it, or close it. The address is shown once."""

    model = Activity
    template_name = "activities/calendar.html"
    title = gettext_lazy("My calendar")

    def get(self, request: HttpRequest) -> HttpResponse:
        user: Any = request.user
        return self.show({"feed": CalendarFeed.objects.filter(user=user).first()})

    def post(self, request: HttpRequest) -> HttpResponse:
        user: Any = request.user
        if request.POST.get("act") == "close":
            calendar.close_feed(user)
            return self.go(request.path, str(_("The address is closed.")))
        key = calendar.open_feed(user)
        address = request.build_absolute_uri(reverse("activities:calendar_feed", args=[key]))
        return self.show({"feed": CalendarFeed.objects.get(user=user), "address": address})


@require_safe
@cache_control(private=True, max_age=300)
@conditional_page
def feed(_request: HttpRequest, key: str) -> HttpResponse:
    user = calendar.reader_of(key)
    if user is None:
        raise Http404
    headers = {"Content-Disposition": 'inline; filename="zencrm.ics"', "X-Robots-Tag": "noindex"}
    return HttpResponse(calendar.calendar_of(user), content_type="text/calendar; charset=utf-8", headers=headers)
