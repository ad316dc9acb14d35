"""Pages for administrators: who is told of what, what they were sent, a test, a new secret."""

from typing import Any

import django_filters
from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import webhooks
from core.filters import FilterSet
from core.forms import ModelForm
from core.models import Delivery, Webhook
from core.models.webhooks import new_secret
from core.pages import Column, DetailPage, FormPage, ListPage, Page, Panel

_SHOWN = 20


class WebhookFilter(FilterSet):
    is_active = django_filters.BooleanFilter(label=gettext_lazy("Active"))

    class Meta:
        model = Webhook
        fields: tuple[str, ...] = ()


class WebhookForm(ModelForm):
    """Where to, of what, and in whose name."""

    event_names = forms.MultipleChoiceField(
        label=gettext_lazy("Events"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None ticked: all of them, also those to come."),
    )

    class Meta:
        model = Webhook
        fields = ("name", "url", "is_active", "owner", "event_names")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups = [(str(capfirst(kind)), [(name, name) for name in names]) for kind, names in webhooks.event_names()]
        self.fields["event_names"].choices = groups  # type: ignore[attr-defined]
        owner: Any = self.fields["owner"]
        owner.queryset = owner.queryset.filter(is_active=True)
        if not self.instance.pk:
            self.initial.setdefault("owner", getattr(self.user, "pk", None))

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"]
        webhooks.check_address(url)
        return url


class WebhookList(ListPage):
    model = Webhook
    columns = (
        Column("name", link=True),
        Column("url", hide_on_phone=True),
        Column("is_active"),
        Column("owner", hide_on_phone=True),
        Column("created_at", hide_on_phone=True),
    )
    filterset = WebhookFilter
    search_fields = ("name", "url")
    default_sort = "name"
    empty_text = gettext_lazy("Tell another system of what happens here: add its address.")


def deliveries_of(hook: Webhook) -> Any:
    """What this webhook was sent, newest first."""
    return Delivery.objects.filter(channel="webhook", key__startswith=f"hook-{hook.pk}-").order_by("-pk")


class WebhookDetail(DetailPage):
    model = Webhook
    template_name = "core/webhook_detail.html"
    timeline = True
    panels = (
        Panel(
            gettext_lazy("Webhook"),
            ("url", "is_active", "active_since", "owner", ("events_text", gettext_lazy("Events"))),
            icon="webhook",
        ),
    )

    def record(self) -> Any:
        found: Any = super().record()
        found.events_text = ", ".join(found.event_names) or _("All")
        return found

    def context(self, record: Any) -> dict[str, Any]:
        rows = list(deliveries_of(record)[:_SHOWN])
        return super().context(record) | {"deliveries": rows, "may_change": self.may("change")}


class _WithSecret(FormPage):
    """Where a secret was made, it is shown once instead of going on."""

    def show_secret(self, hook: Webhook, status: int) -> HttpResponse:
        context = {"title": str(hook), "record": hook, "secret": hook.secret}
        self.template_name = "core/webhook_secret.html"
        response = self.show(context, status=status)
        response["Cache-Control"] = "private, no-store"
        return response


class WebhookCreate(_WithSecret):
    model = Webhook
    form_class = WebhookForm

    def save(self, form: Any, lines: Any) -> Any:
        self.made = super().save(form, lines)
        return self.made

    def go(self, url: str, message: str = "") -> HttpResponse:
        return self.show_secret(self.made, 201)


class WebhookEdit(FormPage):
    model = Webhook
    form_class = WebhookForm


class RenewSecret(_WithSecret):
    """A new secret, from now on the only one (POST only)."""

    model = Webhook
    http_method_names = ("post",)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        hook = self.record()
        hook.secret = new_secret()
        hook.save(update_fields=["secret", "updated_at"])
        return self.show_secret(hook, 200)


class SendTest(Page):
    """Sends a message that says nothing happened (POST only)."""

    model = Webhook
    permission = "change"
    http_method_names = ("post",)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        hook = self.record()
        webhooks.send_test(hook, by=request.user)
        return self.go(
            reverse("core:webhook_detail", args=[hook.pk]), _("The test is on its way: see what it came to below.")
        )
