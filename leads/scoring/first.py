"""The rules a new house begins with. They are rows like any others; only their words are ours, in every language."""

from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.utils import timezone

from core.remembered import changed
from leads.models import RuleSet, ScoreRule

_DECIDES = (
    "ceo, cfo, coo, cto, cio, owner, founder, partner, president, director, head, titolare, amministra*, presidente, "
    "dirett*, responsabile, imprendit*, socio, socia, general manager, managing"
)
_WARM = (
    "*referr*, *reference*, *passaparola*, *segnalazion*, *recommend*, *partner*, *client*, *fiera*, *fair*, *event*, "
    "*richiesta*, *request*, *demo*"
)
_LUKEWARM = (
    "*web*, *site*, *sito*, *google*, *search*, *organic*, *direct*, *chat*, *newsletter*, *linkedin*, *social*, *phone*, "
    "*telefono*, *form*"
)
_ACTIVE = (
    "*form*, *chat*, *phone*, *sms*, *link clicked*, *meeting*, *call*, *demo*, *preventivo*, *risposta*, *replied*"
)
_PASSIVE = "*open*, *visit*, *view*, *page*, *apert*"

#: (part, key, what it looks at, condition, points or grades)
_FIRST: tuple[tuple[str, str, str, str, Any], ...] = (
    ("fit", "company", "company_name", "filled", 5),
    ("fit", "vat_number", "vat_number", "filled", 4),
    ("fit", "job_title", "job_title", "words", [[_DECIDES, 10], ["*", 3]]),
    ("fit", "email", "email", "company", 6),
    ("fit", "phone", "phone", "filled", 3),
    ("fit", "fit", "fit", "one_of", [["good", 10], ["partial", 4], ["poor", -10]]),
    ("engagement", "need", "need", "filled", 8),
    # Steps in the document's currency; what counts is that somebody has thought about money.
    ("engagement", "budget", "budget", "number", [["10000", 12], ["2000", 9], ["0.01", 6]]),
    ("engagement", "authority", "authority", "filled", 6),
    # From the day the lead came in, so that the points do not melt away by themselves.
    ("engagement", "timing", "days_to_decision", "number", [["181", 2], ["91", 5], ["0", 8], ["-99999", 2]]),
    ("engagement", "interest", "interest", "filled", 5),
    ("engagement", "source", "source", "words", [[_WARM, 10], [_LUKEWARM, 5]]),
    ("engagement", "visits", "visits", "number", [["5", 6], ["2", 4], ["1", 2]]),
    ("engagement", "time_on_site", "time_on_site", "number", [["900", 8], ["300", 5], ["60", 2]]),
    ("engagement", "last_activity", "last_activity", "words", [[_ACTIVE, 6], [_PASSIVE, 2]]),
    ("engagement", "do_not_contact", "do_not_contact", "filled", -10),
)


def first_rules() -> list[ScoreRule]:
    """The rules, of no version yet."""
    return [
        ScoreRule(
            position=place, part=part, key=key, field=field, condition=condition,
            points=worth if isinstance(worth, int) else None, grades=worth if isinstance(worth, list) else [],
        )
        for place, (part, key, field, condition, worth) in enumerate(_FIRST, start=1)
    ]  # fmt: skip


def make_first(using: str = DEFAULT_DB_ALIAS, **_signal: Any) -> None:
    """After a migration: a house without any rules gets the first ones."""
    rows = RuleSet.objects.using(using)
    if rows.exists():
        return
    made = rows.create(number=1)
    rules = first_rules()
    for rule in rules:
        rule.ruleset = made
    ScoreRule.objects.using(using).bulk_create(rules)
    rows.filter(pk=made.pk).update(state=RuleSet.State.IN_USE, used_at=timezone.now())
    changed()
