"""A score in the reader's words: what each contribution is called, and what is worth finding out next."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leads.models import Lead
from leads.models.rule_words import ask_of
from leads.scoring import inputs, rules
from leads.scoring.blending import AND, LEARNT, START

_START_LABEL = gettext_lazy("Where every lead starts")


@dataclass(frozen=True)
class Contribution:
    """One part of a score in the reader's language. `learnt`: from closed leads, not by a rule."""

    label: Any
    points: int
    value: str
    learnt: bool = False

    @property
    def signed(self) -> str:
        return f"{self.points:+d}".replace("-", "\u2212")


def contributions(lead: Lead) -> list[Contribution]:
    """What the lead's present score is made of, in words."""
    return [told(lead, reason) for reason in lead.score_reasons]


def told(lead: Lead, reason: dict[str, Any]) -> Contribution:
    key, value = reason["key"], reason.get("value", "")
    if not key.startswith(LEARNT):
        return Contribution(_label(key), reason["points"], value)
    names = [inputs.label(name) for name in key.removeprefix(LEARNT).split(AND)]
    label = names[0]
    if len(names) > 1:
        label = _("%(one)s and %(other)s together") % {"one": names[0], "other": names[1]}
    elif key == f"{LEARNT}campaign" and value == str(lead.campaign_id):
        value = str(lead.campaign)
    return Contribution(label, reason["points"], value, learnt=True)


def _label(key: str) -> Any:
    return _START_LABEL if key == START else rules.label(key)


def questions(lead: Lead, most: int = 3) -> list[tuple[Any, int]]:
    """What to find out next: (what, points it may bring), the most telling first."""
    got = {reason["key"] for reason in lead.score_reasons}
    ruling = rules.current()
    open_ones = [rule for rule in ruling.rules if rule.key not in got and rule not in ruling.lost]
    left = [(ask, rule.most) for rule in open_ones if (ask := ask_of(rule.key, rule.ask, rule.label)) and rule.most]
    return sorted(left, key=lambda item: -item[1])[:most]
