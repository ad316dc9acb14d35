"""A score in the reader's words: what each contribution is called, and what is worth finding out next."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leads.models import Lead
from leads.scoring import inputs
from leads.scoring.blending import AND, LEARNT, START
from leads.scoring.rules import LIMIT, LIMIT_LABEL, RULES

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
    return [_contribution(lead, reason) for reason in lead.score_reasons]


def _contribution(lead: Lead, reason: dict[str, Any]) -> Contribution:
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
    if key == START:
        return _START_LABEL
    return LIMIT_LABEL if key == LIMIT else RULES[key].label if key in RULES else key


def questions(lead: Lead, most: int = 3) -> list[tuple[Any, int]]:
    """What to find out next: (what, points it may bring), the most telling first."""
    got = {reason["key"]: reason["points"] for reason in lead.score_reasons}
    left = [(rule.ask, rule.most - got.get(key, 0)) for key, rule in RULES.items() if rule.ask and key not in got]
    return sorted(left, key=lambda item: -item[1])[:most]
