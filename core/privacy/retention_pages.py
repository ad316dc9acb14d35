"""The page of retention rules: what is kept for how long, how much would go today, and what went."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import formats, history, outbox
from core.forms import Form
from core.models import RetentionRule, RetentionRun
from core.pages import Page
from core.pages.base import make_form
from core.privacy import retention
from core.privacy.retention import Term

#: How far the rows whose time is over are counted.
MOST = 1000
_SHOWN = 20


def count_over(term: Term, months: int) -> str:
    return formats.up_to(len(retention.over(term, months).values_list("pk")[: MOST + 1]), MOST)


class RetentionRules(Page):
    model = RetentionRule
    template_name = "core/privacy/retention.html"
    title = gettext_lazy("Retention rules")

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show_later("rules", self.page, lambda: self.rules(count_over))

    def page(self) -> dict[str, Any]:
        runs = [(retention.term_of(run.kind), run) for run in RetentionRun.objects.all()[:_SHOWN]]
        return self.rules(lambda _term, _months: "…") | {"runs": runs}

    def rules(self, count: Callable[[Term, int], str]) -> dict[str, Any]:
        """Each kind with its rule, and how many it would take today."""
        known = {rule.kind: rule for rule in RetentionRule.objects.all()}
        rows = []
        for term in retention.terms():
            rule = known.get(term.key) or RetentionRule(kind=term.key, months=term.months)
            rows.append({"term": term, "rule": rule, "over": count(term, rule.months)})
        return {"rows": rows, "may_change": self.may("change")}


class RuleForm(Form):
    months = forms.IntegerField(label=gettext_lazy("Months after the last act"), min_value=1, max_value=240)
    is_active = forms.BooleanField(
        label=gettext_lazy("In force"),
        required=False,
        help_text=gettext_lazy("The job goes through it every night, a few at a time. There is no way back."),
    )


class RetentionEdit(Page):
    """One rule, with what it would take today; "Preview" asks with other months and saves nothing."""

    model = RetentionRule
    permission = "change"
    template_name = "core/privacy/retention_edit.html"

    def term(self) -> Term:
        found = retention.term_of(self.kwargs["kind"])
        if found is None:
            raise Http404
        return found

    def get(self, request: HttpRequest, kind: str) -> HttpResponse:
        rule = retention.rule_of(self.term())
        initial = {"months": rule.months, "is_active": rule.is_active}
        return self.ask(make_form(RuleForm, request, initial=initial), rule.months)

    def post(self, request: HttpRequest, kind: str) -> HttpResponse:
        rule, form = retention.rule_of(self.term()), make_form(RuleForm, request)
        if not form.is_valid():
            return self.ask(form, rule.months, status=422)
        months = form.cleaned_data["months"]
        if "preview" in request.POST:
            return self.ask(form, months)
        rule.months, rule.is_active = months, form.cleaned_data["is_active"]
        with history.acting(request.user):
            rule.save()
        return self.go(reverse("core:retention"), _("Saved."))

    def ask(self, form: Any, months: int, status: int = 200) -> HttpResponse:
        term = self.term()
        context = {
            "title": term.label,
            "term": term,
            "form": form,
            "months": months,
            "over": count_over(term, months),
            "first": list(retention.over(term, months)[:_SHOWN]),
            "back": reverse("core:retention"),
        }
        return self.show(context, status=status)


class RetentionNow(Page):
    """Has the job go through one rule now (POST only)."""

    model = RetentionRule
    permission = "change"
    http_method_names = ("post",)

    def post(self, request: HttpRequest, kind: str) -> HttpResponse:
        rule = RetentionRule.objects.filter(kind=kind, is_active=True).first()
        if rule is None:
            raise Http404
        outbox.kick("core.apply_retention", kind=kind)
        return self.go(reverse("core:retention"), _("The job is at it: what it did is listed below in a moment."))
