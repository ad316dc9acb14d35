"""Forms of the rule editor: one rule, and the most each part may give."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core import formats
from core.forms import ModelForm
from leads.models import Lead, RuleSet, ScoreRule
from leads.models.rules import MOST_POINTS
from leads.scoring import looking, rule_wording, ruling
from leads.scoring.looking import FURTHER, Sight
from leads.scoring.rules import listed

_IF = ScoreRule.Condition
#: Values a rule may have, rows that are empty and offered, and how many words there are to a value.
_MOST_GRADES, _SPARE, _MOST_WORDS = 12, 3, 100
#: Leads that are asked what came along with them.
_ASKED = 300


class LimitsForm(ModelForm):
    class Meta:
        model = RuleSet
        fields = ("fit_most", "engagement_most")
        help_texts = {"engagement_most": gettext_lazy("Empty: as many as the rules give.")}


class RuleForm(ModelForm):
    """A rule. Conditions without a value have points; of several values, each with its points, the first that fits counts."""

    field = forms.ChoiceField(label=gettext_lazy("Looks at"))

    class Meta:
        model = ScoreRule
        fields = ("part", "field", "condition", "points", "half_life", "label", "ask")
        labels = {"label": gettext_lazy("What it is called")}
        help_texts = {
            "points": gettext_lazy("For conditions without a value; may be negative."),
            "half_life": gettext_lazy(
                "For what they do: after so many days since it happened half of the points are left. Empty: they stay."
            ),
            "label": gettext_lazy("Empty: it is called by what it looks at."),
            "ask": gettext_lazy("Shown to sales while nothing is known: “the budget”. Empty: nothing is asked."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = looking.sights()
        self.fields["field"].choices = self._offered()  # type: ignore[attr-defined]
        self.rows = self._rows()
        self.sections = (
            (_("Rule"), ("part", "field", "condition", "half_life")),
            (_("Points, without a value"), ("points",)),
            (_("Or values with their points: the first that fits counts"), tuple(n for row in self.rows for n in row)),
            (_("Words"), ("label", "ask")),
        )

    def _offered(self) -> list[tuple[str, Any]]:
        kept = self.instance.field
        groups: list[tuple[str, list[tuple[str, str]]]] = [
            (_("Of the lead"), named(s for s in self.known.values() if not s.happens and "." not in s.name)),
            (_("Fields of yours"), named(s for s in self.known.values() if s.name.startswith(looking.OWN))),
            (_("What has happened"), named(s for s in self.known.values() if s.happens)),
            (_("What came along"), named(filter(None, (looking.sight(name, self.known) for name in came_along(kept))))),
        ]
        if kept and looking.sight(kept, self.known) is None:
            groups.append((_("Gone"), [(kept, kept.partition(".")[2] or kept)]))
        return [(name, rows) for name, rows in groups if rows]

    def _rows(self) -> list[tuple[str, str]]:
        """A pair of fields for each value, and some to spare."""
        sight = looking.sight(self.instance.field, self.known)
        kept = [(as_typed(value, self.instance, sight), points) for value, points in self.instance.grades]
        typed = sum(name.startswith("value_") for name in self.data)
        rows = []
        for n in range(1, min(_MOST_GRADES, max(len(kept) + _SPARE, typed)) + 1):
            self.fields[f"value_{n}"] = forms.CharField(
                label=_("Value %(n)s") % {"n": n}, required=False, max_length=2000
            )
            self.fields[f"points_{n}"] = forms.IntegerField(
                label=_("Points for value %(n)s") % {"n": n},
                required=False,
                min_value=-MOST_POINTS,
                max_value=MOST_POINTS,
            )
            if n <= len(kept):
                self.initial.update({f"value_{n}": kept[n - 1][0], f"points_{n}": kept[n - 1][1]})
            rows.append((f"value_{n}", f"points_{n}"))
        first = self.fields["value_1"]
        first.help_text = _(
            "Numbers, words with commas between them, or choices. *fair* is found inside words, * is anything."
        )
        self._prepare()
        return rows

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if found.get("half_life") and found.get("part") == ScoreRule.Part.FIT:
            self.add_error("half_life", _("Only points for what they do fade."))
        sight = looking.sight(found.get("field", ""), self.known)
        if found.get("field") and sight is None:
            self.add_error("field", _("There is no such field any more: choose another one."))
        if sight is None or "condition" not in found:
            return found
        if found["condition"] not in looking.CONDITIONS[sight.kind]:
            names = ", ".join(str(_IF(name).label) for name in looking.CONDITIONS[sight.kind])
            self.add_error("condition", _("This field can be asked: %(conditions)s.") % {"conditions": names})
        elif found["condition"] in ScoreRule.GRADED:
            self.instance.grades, found["points"] = self._grades(found, sight), None
        else:
            self._without_value(found)
        return found

    def _without_value(self, found: dict[str, Any]) -> None:
        self.instance.grades = []
        if not found.get("points") and "points" not in self.errors:
            self.add_error("points", _("How many points does it give?"))
        for value, _points in self.rows:
            if found.get(value):
                self.add_error(value, _("This condition takes no value."))

    def _grades(self, found: dict[str, Any], sight: Sight) -> list[list[Any]]:
        grades: list[list[Any]] = []
        for value_name, points_name in self.rows:
            text, points = found.get(value_name) or "", found.get(points_name)
            if not text and points is None:
                continue
            if points is None and points_name not in self.errors:
                self.add_error(points_name, _("How many points does it give?"))
            try:
                grades.append([as_kept(text, found["condition"], sight), points])
            except ValidationError as error:
                self.add_error(value_name, error)
        if not grades and not self.errors:
            self.add_error("value_1", _("Give a value, and its points."))
        return grades

    def save(self, commit: bool = True) -> ScoreRule:
        rule = self.instance
        if not rule.key:
            name = rule_wording.name(self.known.get(rule.field) or looking.sight(rule.field, self.known))  # type: ignore[arg-type]
            rule.label = rule.label or name[:80]
            rule.key = ruling.new_key(rule, rule.label)
            rule.position = 1 + max((other.position for other in rule.ruleset.rules.all()), default=0)
        saved: ScoreRule = super().save(commit=commit)
        return saved


def named(sights: Iterable[Sight | None]) -> list[tuple[str, str]]:
    return sorted(((s.name, rule_wording.name(s)) for s in sights if s), key=lambda pair: pair[1].casefold())


def came_along(kept: str) -> list[str]:
    """What the latest leads brought along that we have no word for, and what the rule looks at already."""
    keys: dict[str, str] = {}
    for attributes in Lead.objects.order_by("-created_at", "-pk").values_list("attributes", flat=True)[:_ASKED]:
        for key in attributes if isinstance(attributes, dict) else ():
            keys.setdefault(looking.plain_key(key), key)
    names = {FURTHER + key[:100] for key in list(keys.values())[:100]}
    return sorted(names | ({kept} if kept.startswith(FURTHER) else set()))


# --- Values as they are typed, and as they are kept ---------------------------------------------------------------------------


def as_kept(text: str, condition: str, sight: Sight) -> str:
    if condition == _IF.NUMBER:
        return str(forms.DecimalField(localize=True, max_digits=15).clean(text))
    words = list(dict.fromkeys(listed(text)))
    if not words:
        raise ValidationError(_("Which value?"))
    if len(words) > _MOST_WORDS:
        most = ngettext("At most %(n)s word.", "At most %(n)s words.", _MOST_WORDS)
        raise ValidationError(most % {"n": _MOST_WORDS})
    if condition == _IF.ONE_OF and sight.choices:
        words = [_code(word, sight) for word in words]
    return ", ".join(words)


def _code(word: str, sight: Sight) -> str:
    for code, label in sight.choices:
        if word.casefold() in (str(code).casefold(), str(label).casefold()):
            return str(code)
    known = ", ".join(str(label) for _code, label in sight.choices)
    raise ValidationError(_("“%(word)s” is none of: %(known)s.") % {"word": word[:60], "known": known})


def as_typed(value: str, rule: ScoreRule, sight: Sight | None) -> str:
    if rule.condition == _IF.NUMBER:
        number = float(value)
        return formats.number(number, None if number % 1 else 0)
    if rule.condition == _IF.ONE_OF and sight:
        names = {str(code): str(label) for code, label in sight.choices}
        return ", ".join(names.get(word, word) for word in listed(value))
    return value
