"""The page on which people make tokens for their programs, see when they were last used, and revoke them."""

from datetime import timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.forms import Form
from core.models import ApiToken
from core.pages import Page
from core.pages.base import make_form

#: Tokens of one person that open something at the same time.
MOST = 20


class TokenForm(Form):
    """What a token is for, what it may do, and for how long."""

    name = forms.CharField(
        label=gettext_lazy("What it is for"),
        max_length=80,
        help_text=gettext_lazy("For instance: shop, data warehouse."),
    )
    scope = forms.ChoiceField(
        label=gettext_lazy("Scope"),
        choices=ApiToken.Scope.choices,
        initial=ApiToken.Scope.READ,
        widget=forms.RadioSelect,
        help_text=gettext_lazy("It never may do more than you may."),
    )
    days = forms.TypedChoiceField(
        label=gettext_lazy("Valid for"),
        coerce=int,
        choices=((30, gettext_lazy("30 days")), (90, gettext_lazy("90 days")), (365, gettext_lazy("1 year"))),
        initial=90,
    )

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if ApiToken.objects.valid().filter(user=self.user).count() >= MOST:
            raise forms.ValidationError(_("You have %(n)d tokens already: revoke one first.") % {"n": MOST})
        return found


class Tokens(Page):
    """One's own tokens. A new one is shown once, in the answer to the form."""

    permission = "core.add_apitoken"
    template_name = "core/tokens.html"
    title = gettext_lazy("API tokens")

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.answer(make_form(TokenForm, request))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = make_form(TokenForm, request)
        if not form.is_valid():
            return self.answer(form, status=422)
        facts = form.cleaned_data
        expires_at = timezone.now() + timedelta(days=facts["days"])
        _token, plain = ApiToken.issue(
            user=request.user, name=facts["name"], scope=facts["scope"], expires_at=expires_at
        )
        return self.answer(TokenForm(user=request.user), plain=plain, status=201)

    def answer(self, form: Any, *, plain: str = "", status: int = 200) -> HttpResponse:
        user: Any = self.request.user
        tokens = ApiToken.objects.filter(user=user)[:50]
        context = {"form": form, "plain": plain, "tokens": tokens, "docs_url": reverse("api:docs")}
        response = self.show(context, status=status)
        response["Cache-Control"] = "private, no-store"
        return response


class RevokeToken(Page):
    """Takes one of one's own tokens back (POST only)."""

    permission = "core.add_apitoken"
    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        user: Any = request.user
        self.fetch(ApiToken.objects.filter(user=user), pk).revoke()
        return self.go(reverse("core:apitoken_list"), _("The token opens nothing any more."))
