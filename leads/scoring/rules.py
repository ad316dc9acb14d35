"""Lead score by rules that explain themselves: fit (who they are) plus engagement (what they do), 0 to 100.

Each rule is a row (`leads.models.ScoreRule`) that looks at one thing and gives points, or none. A version of the rules is made
into functions once, and judges any number of leads. The contributions are kept with the score and add up to it exactly: what a
part gives beyond its most, and the whole below 0 or above 100, is a contribution of its own.

Only points with a half-life depend on the day: points x 0.5 ^ (age / half-life), the age in whole days of the house's time
zone from the day of the fact; `leads.scoring.fading` keeps them up to date. Everything else changes only when the lead does or
the rules do: the trigger `ask_for_score` asks for a new score whenever the lead does, `edition` tells by which rules it was.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.models import CustomField
from core.remembered import Remembered
from leads.models import SCORED_FIELDS, RuleSet, ScoreRule
from leads.models.rule_words import label_of
from leads.scoring import looking
from leads.scoring.looking import Facts, Sight

#: What a rule answers: points, and the value they are given for.
Verdict = tuple[int, str]
Judge = Callable[[Facts], Verdict]
_NOTHING: Verdict = (0, "")
_REMEMBERED = 8192

#: The contributions that keep the sum within 0 and 100, and each part within its most.
LIMIT = "limit"
LIMIT_LABEL = _("Limited to 0 – 100")
PART_LIMITS = {"limit:fit": _("Limit of “who they are”"), "limit:engagement": _("Limit of “what they do”")}

#: What is read of a lead to score it, and nothing else.
COLUMNS = ("pk", "created_at", *SCORED_FIELDS)

_IF = ScoreRule.Condition


def facts(columns: Mapping[str, Any], *, today: date | None = None, happened: Mapping[str, Any] | None = None) -> Facts:
    """What the rules look at, of the `COLUMNS` of a lead as the database gives them, and what has happened since.

    `today` is the day up to which points have faded; by default the present one.
    """
    return {
        **columns,
        "attributes": looking.plain_keys(columns["attributes"]) if columns["attributes"] else {},
        "today": today,
        "happened": happened or {},
    }


# --- One rule --------------------------------------------------------------------------------------------------------------


def made(rule: ScoreRule, sight: Sight) -> Judge:
    """The rule as a function."""
    judge = _graded(rule, sight) if rule.is_graded else _plain(rule, sight)
    return _fading(judge, sight, rule.half_life) if rule.half_life else judge


def _plain(rule: ScoreRule, sight: Sight) -> Judge:
    read, points = sight.read, rule.points or 0
    if rule.condition == _IF.EMPTY:
        return lambda facts: _NOTHING if _is_filled(read(facts)) else (points, "")
    if rule.condition == _IF.COMPANY:

        def company(facts: Facts) -> Verdict:
            domain = looking.domain_of(read(facts))
            return (points, domain) if domain else _NOTHING

        return company
    filled = (points, "")
    if sight.kind == looking.TEXT:
        return lambda facts: filled if read(facts) else _NOTHING
    return lambda facts: filled if _is_filled(read(facts)) else _NOTHING


def _is_filled(value: Any) -> bool:
    """0 says something, no does not."""
    return bool(value) or (value == 0 and value is not False)


def _graded(rule: ScoreRule, sight: Sight) -> Judge:
    """Most values occur in many leads: each is judged once."""
    grade, read, shown = _GRADES[rule.condition](rule.grades), sight.read, sight.shown

    @lru_cache(maxsize=_REMEMBERED)
    def verdict(value: Any) -> Verdict:
        points = grade(value) if _is_filled(value) else 0
        return (points, shown(value)[:80]) if points else _NOTHING

    return lambda facts: verdict(read(facts))


def _one_of(grades: Sequence[Sequence[Any]]) -> Callable[[Any], int]:
    known: dict[str, int] = {}
    for words, points in grades:
        for word in listed(words):
            known.setdefault(word.casefold(), points)
    return lambda value: known.get(" ".join(str(value).split()).casefold(), 0)


def _words(grades: Sequence[Sequence[Any]]) -> Callable[[Any], int]:
    known = [(re.compile("|".join(map(_pattern, listed(words))), re.IGNORECASE), points) for words, points in grades]
    return lambda value: next((points for pattern, points in known if pattern.search(str(value))), 0)


def _pattern(word: str) -> str:
    """A word; a * at either end stands for any letters there: *fair*, amministra*."""
    before = "" if word.startswith("*") else r"(?<!\w)"
    after = "" if word.endswith("*") else r"(?!\w)"
    return before + re.escape(word.strip("*")) + after


def _at_least(grades: Sequence[Sequence[Any]]) -> Callable[[Any], int]:
    steps = sorted(((float(value), points) for value, points in grades), reverse=True)
    return lambda value: next((points for start, points in steps if value >= start), 0)


_GRADES: dict[str, Callable[[Sequence[Sequence[Any]]], Callable[[Any], int]]] = {
    _IF.ONE_OF: _one_of,
    _IF.WORDS: _words,
    _IF.NUMBER: _at_least,
}


def listed(words: str) -> list[str]:
    """Words with commas between them."""
    return [word for part in words.split(",") if (word := " ".join(part.split()))]


def _fading(judge: Judge, sight: Sight, half_life: int) -> Judge:
    day = sight.day

    def faded(facts: Facts) -> Verdict:
        points, value = judge(facts)
        if not points:
            return _NOTHING
        age = max(0, ((facts["today"] or timezone.localdate()) - day(facts)).days)
        return round(points * 0.5 ** (age / half_life)), value

    return faded


# --- A version of the rules ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ruling:
    """A version of the rules, made into functions. `lost` are rules whose field is gone: they give nothing."""

    stamp: str
    rules: tuple[ScoreRule, ...] = ()
    lost: tuple[ScoreRule, ...] = ()
    judges: tuple[tuple[str, Judge], ...] = ()
    #: Judges of the rules whose points fade, and what has to be looked up in other tables.
    fading: tuple[Judge, ...] = ()
    happens: frozenset[str] = frozenset()
    #: The keys of each part that has a most.
    limits: tuple[tuple[str, int, frozenset[str]], ...] = ()

    @classmethod
    def of(cls, ruleset: RuleSet | None) -> "Ruling":
        return cls("") if ruleset is None else _ruling(ruleset, list(ruleset.rules.all()))

    def judge(self, facts: Facts) -> tuple[int, list[dict[str, Any]]]:
        """The score of these facts and its contributions ({key, points, value}), largest first; they add up to it."""
        reasons: list[dict[str, Any]] = []
        total = 0
        for key, judge in self.judges:
            points, value = judge(facts)
            if points:
                reasons.append({"key": key, "points": points, "value": value})
                total += points
        reasons.sort(key=_by_points)
        for key, most, keys in self.limits:
            if (over := sum(r["points"] for r in reasons if r["key"] in keys) - most) > 0:
                reasons.append({"key": key, "points": -over, "value": ""})
                total -= over
        score = min(100, max(0, total))
        if score != total:
            reasons.append({"key": LIMIT, "points": score - total, "value": ""})
        return score, reasons


def _by_points(reason: dict[str, Any]) -> int:
    return -int(reason["points"])


def _ruling(ruleset: RuleSet, rows: list[ScoreRule]) -> Ruling:
    known = looking.sights()
    rows.sort(key=lambda rule: (rule.part != ScoreRule.Part.FIT, rule.position, rule.pk or 0))
    found = [(rule, looking.sight(rule.field, known)) for rule in rows]
    usable = [(rule, sight) for rule, sight in found if sight and rule.condition in looking.CONDITIONS[sight.kind]]
    lost = tuple(rule for rule in rows if rule not in [one for one, _sight in usable])
    judges = tuple((rule.key, made(rule, sight)) for rule, sight in usable)
    parts = (("fit", ruleset.fit_most), ("engagement", ruleset.engagement_most))
    return Ruling(
        stamp="-".join([str(ruleset.pk), *(rule.key for rule in lost)]),
        rules=tuple(rows),
        lost=lost,
        judges=judges,
        fading=tuple(judge for (_key, judge), (rule, _s) in zip(judges, usable, strict=True) if rule.half_life),
        happens=frozenset(sight.happens for _rule, sight in usable if sight.happens),
        limits=tuple(
            (f"limit:{part}", most, frozenset(rule.key for rule in rows if rule.part == part))
            for part, most in parts
            if most is not None
        ),
    )


def _read() -> Ruling:
    rows = RuleSet.objects.using(DEFAULT_DB_ALIAS).filter(state=RuleSet.State.IN_USE)
    return Ruling.of(rows.prefetch_related("rules").first())


#: The rules in use.
current = Remembered(_read)
current.of(RuleSet, ScoreRule, CustomField)


def _read_labels() -> dict[str, str]:
    rows = ScoreRule.objects.using(DEFAULT_DB_ALIAS).exclude(ruleset__state=RuleSet.State.DRAFT)
    return dict(rows.order_by("ruleset__number").values_list("key", "label"))


_labels = Remembered(_read_labels)
_labels.of(RuleSet, ScoreRule)


def label(key: str) -> Any:
    """What a contribution is called; also one of rules that are no longer in use."""
    if key == LIMIT or key in PART_LIMITS:
        return PART_LIMITS.get(key, LIMIT_LABEL)
    return label_of(key, _labels().get(key, ""))


def judge(facts: Facts) -> tuple[int, list[dict[str, Any]]]:
    """The score by the rules in use."""
    return current().judge(facts)
