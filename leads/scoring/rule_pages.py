"""Pages of the rule editor: the rules in use, the draft, what it would change, and the way back to an earlier version."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import formats
from core.lifecycle import Reason, Refused
from core.pages import FormPage, Page
from core.pages.base import make_form
from leads.models import Lead, RuleSet, ScoreRule
from leads.scoring import many, previewing, rule_wording, ruling, versions
from leads.scoring.rule_forms import LimitsForm, RuleForm

_VERSIONS = 30


class _Rules(Page):
    model = RuleSet
    permission = "view"
    template_name = "leads/scoring/rules.html"

    def context(self, shown: RuleSet | None) -> dict[str, Any]:
        found: dict[str, Any] = {
            "shown": shown,
            "parts": parts(shown) if shown else [],
            "title": _("Rules of the score"),
        }
        found |= {"draft": ruling.draft(), "may_change": self.may("change"), "left": left(), "learnt": versions.blend()}
        return found | {"versions": RuleSet.objects.select_related("by").exclude(state=RuleSet.State.DRAFT)[:_VERSIONS]}

    def refused(self, shown: RuleSet | None, error: Refused) -> HttpResponse:
        messages.error(self.request, str(error))
        return self.show(self.context(shown), status=409)


def parts(ruleset: RuleSet) -> list[dict[str, Any]]:
    """The rules of each part, in words, with the most the part gives."""
    rows = list(ruleset.rules.all())
    most = {"fit": ruleset.fit_most, "engagement": ruleset.engagement_most}
    return [
        {
            "label": part.label,
            "most": most[part.value],
            "rules": rule_wording.told([rule for rule in rows if rule.part == part]),
        }
        for part in ScoreRule.Part
    ]


def left() -> dict[str, Any] | None:
    """How far the worker is that scores every lead anew; None where all is done."""
    waiting, every = many.waiting()
    if not waiting or not every:
        return None
    return {"percent": round(100 * (every - waiting) / every), "n": formats.number(waiting)}


class RulesInUse(_Rules):
    """The rules in use, and all versions."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.show(self.context(ruling.in_use()))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Open the draft, made of the rules in use where there is none."""
        return self.go(ruling.begin(by=request.user).get_absolute_url())

    def required_permission(self) -> str:
        return "leads.change_ruleset" if self.request.method == "POST" else "leads.view_ruleset"


class RuleSetPage(_Rules):
    """One version: the draft with all that changes it, or one of those that were in use."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.show(self.context(self.record()))


class Progress(Page):
    """How far the scoring is, asked every second."""

    model = RuleSet
    template_name = "leads/scoring/rules.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.show({"left": left(), "asked": True}, part="progress")


class PreviewPage(Page):
    """What a version would change."""

    model = RuleSet
    template_name = "leads/scoring/preview.html"
    title = gettext_lazy("What these rules would change")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        ruleset = self.record()
        context = {"shown": ruleset, "may_change": self.may("change"), "learnt": versions.blend()}
        return self.show_later("result", lambda: context, lambda: self.tried(ruleset))

    def tried(self, ruleset: RuleSet) -> dict[str, Any]:
        found = previewing.preview(ruleset, Lead.objects.visible_to(self.request.user))
        lists = [(_("Who rises most"), "trending-up", found.up), (_("Who falls most"), "trending-down", found.down)]
        return {"found": found, "chart": found.chart(), "lists": lists, "most": previewing.MOST}


# --- What changes rules (POST only) ------------------------------------------------------------------------------------------


class _Change(_Rules):
    permission = "change"
    http_method_names = ("post",)

    def change(self, act: Callable[[RuleSet], str], *, stay: bool = False) -> HttpResponse:
        """Do it and say what it answers, on the page of these rules (`stay`) or of those in use; or say why not."""
        ruleset = self.record()
        try:
            message = act(ruleset)
        except Refused as error:
            return self.refused(ruleset, error)
        return self.go(ruleset.get_absolute_url() if stay else reverse("leads:ruleset_list"), message)


class UseRules(_Change):
    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.change(self.use)

    def use(self, ruleset: RuleSet) -> str:
        ruling.put_in_use(ruleset, by=self.request.user)
        return _("%(version)s are in use. Every lead is being scored anew.") % {"version": ruleset}


class DiscardRules(_Change):
    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.change(self.discard)

    def discard(self, ruleset: RuleSet) -> str:
        ruling.discard(ruleset, by=self.request.user)
        return _("The draft was thrown away.")


class RemoveRule(_Change):
    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.change(self.remove, stay=True)

    def remove(self, ruleset: RuleSet) -> str:
        ruling.remove(rule_of(self, ruleset), by=self.request.user)
        return _("The rule was taken out.")


class MoveRule(_Change):
    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.change(self.move, stay=True)

    def move(self, ruleset: RuleSet) -> str:
        ruling.move(rule_of(self, ruleset), -1 if "up" in self.request.POST else 1, by=self.request.user)
        return ""


def rule_of(page: Page, ruleset: RuleSet) -> ScoreRule:
    """The rule that the page's address names, or 404."""
    found: ScoreRule = page.fetch(ruleset.rules.all(), page.kwargs["rule"])
    return found


# --- Forms -------------------------------------------------------------------------------------------------------------------


class _OfDraft(FormPage):
    model = RuleSet

    def required_permission(self) -> str:
        return "leads.change_ruleset"

    def refusals(self, record: Any, *, locked: bool = False) -> list[Reason]:
        """One writer at a time; what was once in use stays as it is."""
        state = ruling.locked(record).state if locked else record.state
        if state == RuleSet.State.DRAFT:
            return []
        return [Reason(_("Only a draft is changed: what was in use once stays as it was."))]

    def cancel_url(self, record: Any) -> str:
        return str(self.record().get_absolute_url())


class LimitsPage(_OfDraft):
    form_class = LimitsForm
    title = gettext_lazy("Most points")


class RulePage(_OfDraft):
    """A new rule of the draft, or one it has."""

    form_class = RuleForm
    title = gettext_lazy("Rule of the score")

    def form(self, record: Any) -> Any:
        return make_form(RuleForm, self.request, instance=self.rule(record), initial=self.initial())

    def whole_form(self, record: Any) -> Any:
        return self.form(record)

    def rule(self, ruleset: RuleSet) -> ScoreRule:
        return rule_of(self, ruleset) if "rule" in self.kwargs else ScoreRule(ruleset=ruleset)

    def keep(self, form: Any, lines: Any) -> Any:
        return form.save().ruleset

    def success_message(self, saved: Any) -> str:
        return _("The draft is saved. Nothing changes before you put it in use.")
