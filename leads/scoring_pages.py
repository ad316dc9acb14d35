"""Pages of the learnt score: how far it may be believed, its versions, and the way back to an earlier one."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import charts, formats, outbox
from core.lifecycle import Refused
from core.pages import Page
from core.pages.details import Attribute
from leads.models import ScoreVersion, hot_from
from leads.models.scores import FEWEST_CLOSED, FEWEST_OF_EITHER
from leads.scoring import inputs, versions
from leads.scoring.learning.checking import Leak


class LearntScore(Page):
    """The back-test of one version: the one in use, the last one, or any by its number."""

    model = ScoreVersion
    title = gettext_lazy("The learnt score")
    template_name = "leads/scoring/learnt.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.show(self.context())

    def context(self) -> dict[str, Any]:
        standing = versions.standing()
        shown = self.shown(standing.active or standing.last)
        found = {"standing": standing, "versions": ScoreVersion.objects.defer("model", "report")[:30], "shown": shown}
        found["hot_from"] = hot_from()
        found |= {"may_change": self.may("change"), "closed": FEWEST_CLOSED, "either": FEWEST_OF_EITHER}
        return found | (report(shown) if shown else {})

    def shown(self, usual: ScoreVersion | None) -> ScoreVersion | None:
        number = self.request.GET.get("version", "")
        if number.isascii() and number.isdigit() and len(number) < 9:
            return ScoreVersion.objects.filter(number=int(number)).first() or usual
        return ScoreVersion.objects.get(pk=usual.pk) if usual else None


def report(version: ScoreVersion) -> dict[str, Any]:
    """What a version has to show for itself."""
    told, figures = version.report, version.figures
    leaks = [Leak(**leak) for leak in told.get("leaks", [])]
    fields = [
        (f["name"], inputs.label(f["name"]), max(f["weights"]) - min(f["weights"]))
        for f in version.model.get("fields", [])
    ]
    return {
        "figures": [
            Attribute(*pair)
            for pair in [
                (_("Closed leads"), formats.number(version.closed)),
                (_("Won"), formats.number(version.won)),
                (_("AUC"), _rounded(figures.get("auc"))),
                (_("Log-loss"), _rounded(figures.get("log_loss"))),
                (_("Log-loss of the mere rate"), _rounded(figures.get("rate_log_loss"))),
                (_("Learnt part of the score"), f"{version.weight:.0%}"),
                *([(_("Hot from"), str(version.hot_from))] if version.verdict == version.Verdict.USABLE else []),
            ]
        ],
        "leaks": [(leak.name, leak.sentence(inputs.label(leak.name))) for leak in leaks],
        "left_out": [(name, inputs.label(name)) for name in version.left_out],
        "fields": sorted(fields, key=lambda row: -row[2]),
        "came_in_closed": told.get("came_in_closed", 0),
        "charts": drawings(told) if figures else [],
    }


def _rounded(value: float | None) -> str:
    return "–" if value is None else formats.number(round(value, 3))


def drawings(told: dict[str, Any]) -> list[tuple[Any, str, charts.Chart]]:
    """Calibration, lift and AUC over time, each with its table."""
    calibration, lift, time = told["calibration"], told["lift"], told["over_time"]
    tenths = [_("%(n)d of %(of)d") % {"n": i + 1, "of": len(calibration)} for i in range(len(calibration))]
    best = [_("best %(n)d %%") % {"n": round(100 * (i + 1) / len(lift))} for i in range(len(lift))]
    told_and_won = {
        _("Told"): [round(100 * part["told"], 1) for part in calibration],
        _("Won"): [round(100 * part["won"], 1) for part in calibration],
    }
    of_all = {_("Share of all won leads"): [round(100 * part["won_so_far"], 1) for part in lift]}
    over_time = {_("AUC"): [round(part["auc"], 3) for part in time]}
    days = [part["to"] for part in time]
    calibrated = _("Told and won, in percent, from the lowest scores to the highest")
    lifted = _("Who calls the best leads first reaches so many of the won ones")
    return [
        (calibrated, "target", charts.bars(_("Calibration"), tenths, told_and_won)),
        (lifted, "stairs-up", charts.bars(_("Lift"), best, of_all)),
        (
            _("How well it told the leads that came after"),
            "chart-line",
            charts.lines(_("AUC over time"), days, over_time),
        ),
    ]


class LearnNow(Page):
    """Have the score learnt anew by a worker, without the fields that were ticked."""

    model = ScoreVersion
    permission = "change"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        asked = "fields" in request.POST
        left_out = [name[:200] for name in request.POST.getlist("left_out")][:200] if asked else None
        outbox.kick("leads.learn_score", by=request.user.pk, left_out=left_out)
        return self.go(reverse("leads:score_learnt"), _("The score is being learnt; this takes a minute."))


class UseVersion(LearntScore):
    """Put a version to use, and keep it."""

    permission = "change"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.go(reverse("leads:score_learnt"))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            message = self.act(self.record())
        except Refused as refused:
            messages.error(request, str(refused))
            return self.show(self.context(), status=409)
        outbox.kick("leads.score_all")
        return self.go(reverse("leads:score_learnt"), message)

    def act(self, version: ScoreVersion) -> str:
        versions.use(version, by=self.request.user)
        return _("%(version)s is in use, and kept until you let it go.") % {"version": version}


class LetVersionGo(UseVersion):
    """Let learning put its next version to use."""

    def act(self, version: ScoreVersion) -> str:
        versions.let_go(version, by=self.request.user)
        return _("The next version that is usable takes its place.")


class RulesOnly(UseVersion):
    """Let the rules speak alone."""

    def act(self, version: ScoreVersion) -> str:
        versions.rules_only(by=self.request.user)
        return _("The rules speak alone until the score is learnt anew.")
