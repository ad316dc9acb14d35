"""What rules ask of custom fields: one of some choices or texts, yes or no, a range of numbers.

A field that was put out of use cannot be answered any more: the rule that asks it fits no lead, and says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from core import formats
from core.fields.definitions import Definition, definitions, everything
from core.fields.values import shown
from leads.models import AssignmentRule, Lead

#: Kinds of fields that rules may ask.
KINDS = ("choice", "text", "bool", "number")


@dataclass(frozen=True)
class Ask:
    """One field and what is asked of it; `field` is None where it is there no more."""

    name: str
    field: Definition | None
    wanted: dict[str, Any]

    def met(self, value: Any) -> bool:
        if self.field is None:
            return False
        if "is" in self.wanted:
            return str(value or "").casefold() in {word.casefold() for word in self.wanted["is"]}
        if "yes" in self.wanted:
            return value is self.wanted["yes"]
        low, high = self.wanted.get("from"), self.wanted.get("to")
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return number and (low is None or value >= low) and (high is None or value <= high)

    @property
    def label(self) -> str:
        return self.field.label if self.field else label_of(self.name)

    @property
    def words(self) -> str:
        if self.field is None:
            return _("no longer in use: the rule fits no lead until this is taken out")
        if "is" in self.wanted:
            return ", ".join(self.wanted["is"])
        if "yes" in self.wanted:
            return _("yes") if self.wanted["yes"] else _("no")
        low, high = self.wanted.get("from"), self.wanted.get("to")
        return f"{'…' if low is None else formats.number(low)} – {'…' if high is None else formats.number(high)}"


def askable() -> list[Definition]:
    """The fields of leads that a rule may ask, in their order."""
    return [field for field in definitions(Lead) if field.kind in KINDS]


def label_of(name: str) -> str:
    """What a field was called; its name where nobody knows."""
    return next((field.label for field in everything(Lead) if field.name == name), name)


def read(rule: AssignmentRule) -> tuple[Ask, ...]:
    """What a rule asks, against the fields there are now."""
    known = {field.name: field for field in askable()} if rule.asks else {}
    return tuple(Ask(name, known.get(name), wanted) for name, wanted in rule.asks.items())


def fit(asks: Sequence[Ask], custom: dict[str, Any]) -> bool:
    return all(ask.met(custom.get(ask.name)) for ask in asks)


def told(asks: Sequence[Ask], custom: dict[str, Any]) -> str:
    """What of a lead's fields made it fit, in words; for a lead that fits."""
    return ", ".join(f"{ask.label} “{shown(ask.field.kind, custom[ask.name])}”" for ask in asks if ask.field)


def conditions(rule: AssignmentRule) -> list[tuple[str, str]]:
    """As (label, text), for the page of the rule."""
    return [(ask.label, ask.words) for ask in read(rule)]
