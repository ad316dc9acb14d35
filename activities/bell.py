"""Pages of notifications: the bell in the frame, the list behind it, and how one wants to be told."""

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from activities import notifications
from activities.models import Notification, NotificationChoice
from core.forms import Form
from core.pages import FormPage, Page
from people.models import User

#: The list shows the newest; older ones have had their day.
SHOWN = 100
#: Names offered while a mention is typed.
OFFERED = 8


class _Mine(Page):
    """A page of one's own notifications: anybody with an account has them."""

    permission = ""

    def mine(self) -> Any:
        user: Any = self.request.user
        return Notification.objects.of(user)


class Bell(Page):
    """The count of what is unread, asked for once a minute by every open page: an index is all it reads.

    204, and nothing is drawn anew, while it is what the page shows already (`?shown=`).
    """

    permission = ""
    template_name = "activities/bell.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        count = notifications.unread_count(request.user)
        if request.GET.get("shown") == count:
            return HttpResponse(status=204)
        return render(request, self.template_name, {"count": count})


class NotificationList(_Mine):
    """What I was told, newest first; a POST marks everything as read."""

    template_name = "activities/notifications.html"
    title = gettext_lazy("Notifications")

    def get(self, request: HttpRequest) -> HttpResponse:
        rows = notifications.shown_to(request.user)
        return self.show({"told": notifications.told(rows[:SHOWN], request.user)})

    def post(self, request: HttpRequest) -> HttpResponse:
        notifications.read(self.mine())
        return self.go(request.path)


class OpenNotification(_Mine):
    """Leads to what it is about, and marks it as read."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        row: Notification = self.fetch(self.mine(), pk)
        if not notifications.told([row], request.user)[0].url:
            raise Http404
        notifications.read(self.mine().filter(pk=row.pk))
        subject: Any = row.subject
        return self.go(subject.get_absolute_url())


class ChoicesForm(Form):
    """Per kind: whether it is shown in the application, and whether it is in the daily mail."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = {c.kind: c for c in NotificationChoice.objects.filter(user=self.user)}
        how = [("shown", _("in ZenCRM")), ("mailed", _("in the daily mail"))]
        for kind, label in Notification.Kind.choices:
            choice = chosen.get(kind)
            self.fields[kind] = forms.MultipleChoiceField(
                label=label,
                choices=how,
                required=False,
                widget=forms.CheckboxSelectMultiple,
                initial=[way for way, _label in how if choice is None or getattr(choice, way)],
            )

    def save(self) -> None:
        """The caller holds the transaction."""
        for kind, ways in self.cleaned_data.items():
            values = {"shown": "shown" in ways, "mailed": "mailed" in ways}
            NotificationChoice.objects.update_or_create(user=self.user, kind=kind, defaults=values)


class Choices(FormPage):
    """How I want to be told."""

    model = NotificationChoice
    form_class = ChoicesForm
    title = gettext_lazy("Notification settings")

    def required_permission(self) -> str:
        return ""

    def save(self, form: Any, lines: Any) -> None:
        form.save()

    def success_url(self, saved: Any) -> str:
        return reverse("activities:notifications")

    def cancel_url(self, record: Any) -> str:
        return reverse("activities:notifications")


class People(Page):
    """Names for a mention that is being typed."""

    permission = "activities.add_note"
    template_name = "activities/people.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        start = request.GET.get("q", "")[:150]
        people = User.objects.filter(is_active=True, username__istartswith=start).exclude(pk=self.request.user.pk or 0)
        return render(request, self.template_name, {"people": people.order_by("username")[:OFFERED]})
