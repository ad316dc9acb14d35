"""Rules of the score in words: what each looks at, when it gives points, and how many."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import formats
from leads.models import ScoreRule
from leads.scoring import looking
from leads.scoring.looking import Sight

_IF = ScoreRule.Condition
#: So many words of a list are told.
_TOLD = 6


@dataclass(frozen=True)
class Told:
    """A rule as it is read. `grades`: (when, points), the first that fits counts. `wrong`: why it gives nothing."""

    rule: ScoreRule
    looks_at: Any
    grades: list[tuple[str, str]]
    fades: str
    wrong: str


def told(rules: list[ScoreRule]) -> list[Told]:
    known = looking.sights()
    return [_told(rule, looking.sight(rule.field, known)) for rule in rules]


def _told(rule: ScoreRule, sight: Sight | None) -> Told:
    fades = ""
    if rule.half_life:
        days = ngettext("Half the points after %(n)s day", "Half the points after %(n)s days", rule.half_life)
        fades = days % {"n": formats.number(rule.half_life)}
    wrong = ""
    if sight is None:
        wrong = _("There is no such field any more: this rule gives no points.")
    elif rule.condition not in looking.CONDITIONS[sight.kind]:
        wrong = _("The field is of another kind now: this rule gives no points.")
    return Told(rule, name(sight) if sight else rule.field.partition(".")[2], _grades(rule, sight), fades, wrong)


def name(sight: Sight) -> str:
    text = str(sight.label)
    return text[:1].upper() + text[1:]


def signed(points: int) -> str:
    return f"{points:+d}".replace("-", "\u2212")


def _grades(rule: ScoreRule, sight: Sight | None) -> list[tuple[str, str]]:
    if not rule.is_graded:
        return [(condition(rule, sight), signed(rule.points or 0))]
    return [(_value(rule, value, sight), signed(points)) for value, points in rule.grades]


def condition(rule: ScoreRule, sight: Sight | None) -> str:
    if sight and sight.kind == looking.YES_NO:
        return _("yes") if rule.condition == _IF.FILLED else _("no")
    return str(rule.get_condition_display())


def _value(rule: ScoreRule, value: str, sight: Sight | None) -> str:
    if rule.condition == _IF.NUMBER:
        number = float(value)
        if number <= -99_999:
            return _("any other number")
        return _("at least %(n)s") % {"n": formats.number(number, None if number % 1 else 0)}
    words = [word.strip() for word in value.split(",")]
    if rule.condition == _IF.ONE_OF and sight:
        names = {str(code): str(label) for code, label in sight.choices}
        words = [names.get(word, word) for word in words]
    elif words == ["*"]:
        return _("anything else")
    if len(words) <= _TOLD + 1:
        return ", ".join(words)
    return _("%(words)s … (%(n)s in all)") % {"words": ", ".join(words[:_TOLD]), "n": len(words)}
