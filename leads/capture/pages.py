"""Pages of web forms and of what came in by them."""

from typing import Any

import django_filters
from django.conf import settings
from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.db.models.fields.json import KT
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from core import access, history
from core.filters import FilterSet
from core.lifecycle import Refused
from core.pages import Column, DetailPage, FormPage, ListPage, Page, Panel
from core.pages.details import Attribute
from leads.capture import bots, inputs, jobs, public
from leads.capture.building import WebFormForm
from leads.models import Capture, Touch, WebForm
from leads.models.webforms import new_secret

# --- Forms ----------------------------------------------------------------------------------------------------------------


class WebFormFilter(FilterSet):
    active = django_filters.BooleanFilter(label=gettext_lazy("Active"))

    class Meta:
        model = WebForm
        fields = ("language",)


class WebFormList(ListPage):
    model = WebForm
    columns = (
        Column("name", link=True),
        Column("title", hide_on_phone=True),
        Column("campaign__name", link="campaign", label=gettext_lazy("Campaign"), hide_on_phone=True),
        Column("language", hide_on_phone=True),
        Column("active"),
        Column("created_at", kind="date", hide_on_phone=True),
    )
    filterset = WebFormFilter
    search_fields = ("name", "title")
    default_sort = "name"
    empty_text = gettext_lazy("Build a form: it gets a page of its own, and a place on your site.")


class WebFormDetail(DetailPage):
    model = WebForm
    template_name = "leads/capture/webform_detail.html"
    panels = (
        Panel(gettext_lazy("Form"), ("title", "campaign", "source", "language", "active"), icon="forms"),
        Panel(
            gettext_lazy("Afterwards"),
            ("thanks", "thanks_url", "double_opt_in", "notice_url"),
            icon="message-circle-check",
        ),
    )
    select_related = ("campaign",)

    def context(self, record: WebForm) -> dict[str, Any]:
        prefetch_related_objects([record], "purposes__texts")
        door = inputs.door_of(record)
        counts = {
            state: Capture.objects.filter(form=record, state=state)[:1000].count() for state in Capture.State.values
        }
        figures = [Attribute(str(label), str(counts[state])) for state, label in Capture.State.choices if counts[state]]
        found = super().context(record)
        found["figures"] = figures
        return found | {
            "asked": [(field.label, field.required) for field in door.fields.values()],
            "words": door.words,
            "page_url": settings.BASE_URL + record.public_url,
            "connect_url": reverse("leads:webform_connect", args=[record.pk]) if self.may("change") else "",
            "captures_url": f"{reverse('leads:capture_list')}?form={record.pk}",
            "may_see_captures": self.request.user.has_perm("leads.view_capture"),
        }


class WebFormCreate(FormPage):
    model = WebForm
    form_class = WebFormForm


class WebFormEdit(FormPage):
    model = WebForm
    form_class = WebFormForm


class Connect(Page):
    """How to put a form on a page, and how a program sends to it; POST makes a new secret."""

    model = WebForm
    permission = "change"
    template_name = "leads/capture/connect.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        record: WebForm = self.record()
        base = settings.BASE_URL
        context = {
            "record": record,
            "title": _("Put “%(name)s” to use") % {"name": record},
            "page_url": f"{base}{record.public_url}",
            "frame": f'<iframe src="{base}{record.public_url}embed/" title="{record.title}" width="100%" height="720"></iframe>'
            if record.sites
            else "",
            "snippet": snippet(record),
            "endpoint": f"{base}{record.endpoint_url}",
        }
        response = self.show(context)
        response["Cache-Control"] = "private, no-store"
        return response

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        record: WebForm = self.record()
        with history.acting(request.user):
            record.secret = new_secret()
            record.save(update_fields=["secret", "updated_at"])
            history.record("webform.secret_renewed", record, by=request.user)
        return self.go(reverse("leads:webform_connect", args=[record.pk]), _("The old secret no longer works."))


def snippet(form: WebForm) -> str:
    """The form as plain HTML for any page: no script, no style of ours."""
    door = inputs.door_of(form)
    with override(form.language):
        shown = public.shown_form(door)
        context = {
            "fields": [(field, field.field.required) for field in shown],
            "action": f"{settings.BASE_URL}{form.public_url}",
            "words": door.words,
            "trap": bots.TRAP,
            "form": form,
        }
        lines = render_to_string("leads/capture/snippet.html", context).splitlines()
    return "\n".join(line.rstrip() for line in lines if line.strip())


# --- What came in ---------------------------------------------------------------------------------------------------------


class CaptureFilter(FilterSet):
    state = django_filters.MultipleChoiceFilter(label=gettext_lazy("State"), choices=Capture.State.choices)
    channel = django_filters.MultipleChoiceFilter(label=gettext_lazy("Channel"), choices=Touch.Channel.choices)
    form = django_filters.ModelChoiceFilter(label=gettext_lazy("Web form"), queryset=WebForm.objects.all())
    received_at = django_filters.DateFromToRangeFilter(label=gettext_lazy("Received"))

    class Meta:
        model = Capture
        fields: tuple[str, ...] = ()


class CaptureList(ListPage):
    model = Capture
    columns = (
        Column("received_at", kind="datetime", url="leads:capture_detail"),
        Column("email", expression=KT("payload__fields__email"), label=gettext_lazy("E-mail"), sort=False),
        Column("form__name", link="form", label=gettext_lazy("Web form"), sort=False, hide_on_phone=True),
        Column("channel", hide_on_phone=True, sort=False),
        Column("state", kind="choice", sort=False),
        Column("lead__name", link="lead", label=gettext_lazy("Lead"), sort=False),
    )
    filterset = CaptureFilter
    search_fields = ("payload__fields__email", "payload__fields__last_name", "payload__fields__company_name")
    default_sort = "-received_at"
    views = (
        (gettext_lazy("All"), ""),
        (gettext_lazy("Stopped"), "state=stopped"),
        (gettext_lazy("Failed"), "state=failed"),
    )
    empty_text = gettext_lazy("Nothing came in yet: build a web form and put it on your site.")


class CaptureDetail(DetailPage):
    model = Capture
    timeline = False
    template_name = "leads/capture/capture_detail.html"
    panels = (
        Panel(
            gettext_lazy("Submission"),
            ("received_at", "form", "channel", ("state", gettext_lazy("State")), "lead", "by"),
            icon="inbox",
        ),
        Panel(gettext_lazy("Sender"), ("ip", "agent"), icon="device-desktop"),
    )
    select_related = ("form", "lead", "by")

    def context(self, record: Capture) -> dict[str, Any]:
        found = super().context(record)
        for title, key in (
            (_("What was sent"), "fields"),
            (_("Ticks"), "consents"),
            (_("Where they came from"), "touch"),
        ):
            rows = record.payload.get(key) if isinstance(record.payload, dict) else None
            if isinstance(rows, dict) and rows:
                shown = [Attribute(str(name), str(value)[:500]) for name, value in rows.items()]
                found["panels"].append({"title": title, "icon": "list-details", "rows": shown})
        again = record.state in (Capture.State.STOPPED, Capture.State.FAILED) and self.may("change")
        return found | {
            "why": record.why_in_words,
            "take_url": reverse("leads:capture_take", args=[record.pk]) if again else "",
        }


class TakeCapture(Page):
    """Take in what was stopped or has failed (POST only): somebody has looked at it."""

    model = Capture
    permission = "change"
    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        record: Capture = self.record()
        access.demand(request.user, "leads.add_lead")
        try:
            jobs.try_again(record, by=request.user)
        except Refused as refused:
            messages.error(request, str(refused))
            return self.go(record.get_absolute_url())
        record.refresh_from_db()
        return self.go(record.get_absolute_url(), _("It was taken in."))
