"""Lead score by rules that explain themselves: fit (who they are) plus engagement (what they do), 0 to 100.

Each rule looks at one thing and gives points, or none. The contributions are kept with the score and add up to it exactly:
where the rules give less than 0 or more than 100, the difference is a contribution of its own. Nothing depends on the day of
scoring, so a score changes only when the lead does or the rules do. The trigger `ask_for_score` empties `scored_at` whenever
the lead does; `scored_with` tells by which `edition` of the rules it was scored.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from leads.models import SCORED_FIELDS
from parties.matching import domain_of

#: What a rule answers: points, and the value they are given for.
Verdict = tuple[int, str]
Facts = Mapping[str, Any]
_NOTHING: Verdict = (0, "")

_DECIDES = re.compile(
    r"\b(ceo|cfo|coo|cto|cio|owner|founder|partner|president|director|head|titolare|amministra\w+|presidente|dirett\w+|"
    r"responsabile|imprendit\w+|soci[oa]|general manager|managing)\b",
    re.IGNORECASE,
)
_WARM = re.compile(
    r"referr|reference|passaparola|segnalazion|recommend|partner|client|fiera|fair|event|evento|richiesta|request|demo",
    re.IGNORECASE,
)
_LUKEWARM = re.compile(
    r"web|site|sito|google|search|organic|direct|chat|newsletter|linkedin|webinar|social|phone|telefono|form",
    re.IGNORECASE,
)
_ACTIVE = re.compile(r"form|chat|phone|sms|link clicked|meeting|call|demo|preventivo|risposta|replied", re.IGNORECASE)
_PASSIVE = re.compile(r"open|visit|view|page|apert|visita", re.IGNORECASE)
_NO = frozenset({"", "no", "false", "0", "none", "select", "unknown", "sconosciuto", "-"})


@dataclass(frozen=True)
class Rule:
    """One rule. `most` is the highest number of points it can give; `ask` says what to find out to earn them."""

    key: str
    label: Any
    most: int
    judge: Callable[[Facts], Verdict]
    ask: Any = ""


def _filled(name: str, points: int) -> Callable[[Facts], Verdict]:
    return lambda facts: (points, "") if facts[name] else _NOTHING


@lru_cache(maxsize=4096)
def _rank(title: str) -> int:
    return 10 if _DECIDES.search(title) else 3 if title else 0


def _job_title(facts: Facts) -> Verdict:
    return _rank(facts["job_title"]), facts["job_title"]


def _email(facts: Facts) -> Verdict:
    domain = domain_of(facts["email"])
    return (6, domain) if domain else _NOTHING


def _budget(facts: Facts) -> Verdict:
    """Steps in the document's currency; what counts is that somebody has thought about money."""
    amount = facts["budget"]
    if not amount or amount <= 0:
        return _NOTHING
    return (12 if amount >= 10_000 else 9 if amount >= 2_000 else 6), ""


def _timing(facts: Facts) -> Verdict:
    """Measured from the day the lead came in, so that the points do not melt away by themselves."""
    if not (by := facts["decision_by"]):
        return _NOTHING
    days = (by - facts["created_on"]).days
    return (8 if 0 <= days <= 90 else 5 if 90 < days <= 180 else 2), ""


_FIT = {"good": 10, "partial": 4, "poor": -10}


def _fit(facts: Facts) -> Verdict:
    return _FIT.get(facts["fit"], 0), ""


@lru_cache(maxsize=4096)
def _warmth(source: str) -> int:
    return 10 if _WARM.search(source) else 5 if _LUKEWARM.search(source) else 0


def _source(facts: Facts) -> Verdict:
    return _warmth(facts["source"]), facts["source"]


def _visits(facts: Facts) -> Verdict:
    visits = _count(facts["attributes"], "visits", "totalvisits", "websitevisits", "visite")
    return (6 if visits >= 5 else 4 if visits >= 2 else 2 if visits else 0), f"{visits:g}"


def _time_on_site(facts: Facts) -> Verdict:
    seconds = _count(facts["attributes"], "timeonsite", "totaltimespentonwebsite", "secondsonsite", "temposulsito")
    if not seconds:
        return _NOTHING
    return (8 if seconds >= 900 else 5 if seconds >= 300 else 2 if seconds >= 60 else 0), f"{seconds / 60:.0f} min"


@lru_cache(maxsize=4096)
def _liveliness(activity: str) -> int:
    return 6 if _ACTIVE.search(activity) else 2 if _PASSIVE.search(activity) else 0


def _last_activity(facts: Facts) -> Verdict:
    last = _text(facts["attributes"], "lastactivity", "ultimaattivita")
    return _liveliness(last), last


def _do_not_contact(facts: Facts) -> Verdict:
    refused = _text(facts["attributes"], "donotemail", "donotcall", "optout", "noncontattare")
    return (-10, "") if refused.casefold() not in _NO else _NOTHING


FIT: tuple[Rule, ...] = (
    Rule("company", _("Company is known"), 5, _filled("company_name", 5), _("the company's name")),
    Rule("vat_number", _("VAT number is known"), 4, _filled("vat_number", 4), _("the VAT number")),
    Rule("job_title", _("Role of the person"), 10, _job_title, _("the person's role")),
    Rule("email", _("Business e-mail address"), 6, _email, _("a business e-mail address")),
    Rule("phone", _("Phone number is known"), 3, _filled("phone", 3), _("a phone number")),
    Rule("fit", _("Fit with what we sell"), 10, _fit, _("how well they fit")),
)
ENGAGEMENT: tuple[Rule, ...] = (
    Rule("need", _("Need is described"), 8, _filled("need", 8), _("the need")),
    Rule("budget", _("Budget"), 12, _budget, _("the budget")),
    Rule("authority", _("Who decides is known"), 6, _filled("authority", 6), _("who decides")),
    Rule("timing", _("Decision is near"), 8, _timing, _("when they decide")),
    Rule("interest", _("Interested in something we sell"), 5, _filled("interest", 5), _("what they are interested in")),
    Rule("source", _("Where the lead comes from"), 10, _source),
    Rule("visits", _("Visits to the website"), 6, _visits),
    Rule("time_on_site", _("Time on the website"), 8, _time_on_site),
    Rule("last_activity", _("Last activity"), 6, _last_activity),
    Rule("do_not_contact", _("Asked not to be contacted"), 0, _do_not_contact),
)
RULES = {rule.key: rule for rule in (*FIT, *ENGAGEMENT)}
#: The contribution that keeps the sum within 0 and 100.
LIMIT = "limit"
LIMIT_LABEL = _("Limited to 0 – 100")

#: What is read of a lead to score it, and nothing else.
COLUMNS = ("pk", "created_at", *SCORED_FIELDS)


def facts(columns: Mapping[str, Any]) -> Facts:
    """What the rules look at, of the `COLUMNS` of a lead as the database gives them."""
    return {
        **columns,
        "created_on": _day(columns["created_at"]) if columns["decision_by"] else None,
        "attributes": _plain_keys(columns["attributes"]),
    }


def judge(facts: Facts) -> tuple[int, list[dict[str, Any]]]:
    """The score of these facts and its contributions ({key, points, value}), largest first; they add up to it."""
    reasons: list[dict[str, Any]] = []
    for key, rule in RULES.items():
        points, value = rule.judge(facts)
        if points:
            reasons.append({"key": key, "points": points, "value": value[:80]})
    total = sum(reason["points"] for reason in reasons)
    score = min(100, max(0, total))
    reasons.sort(key=lambda reason: -reason["points"])
    if score != total:
        reasons.append({"key": LIMIT, "points": score - total, "value": ""})
    return score, reasons


def _day(at: datetime) -> date:
    return timezone.localtime(at).date()


def _plain_keys(attributes: Any) -> dict[str, Any]:
    """Further data under plain keys: "Total Time Spent on Website" and "total_time_spent_on_website" are the same."""
    if not isinstance(attributes, dict):
        return {}
    return {_plain_key(str(key)): value for key, value in attributes.items()}


@lru_cache(maxsize=4096)
def _plain_key(key: str) -> str:
    return re.sub(r"[\W_]", "", key).casefold()


def _count(attributes: Mapping[str, Any], *keys: str) -> float:
    for key in keys:
        if key not in attributes:
            continue
        try:
            value = float(str(attributes[key]).replace(",", "."))
        except ValueError:
            continue
        return value if 0 <= value < 1e9 else 0
    return 0


def _text(attributes: Mapping[str, Any], *keys: str) -> str:
    """The first of these that says something."""
    found: Iterable[str] = (str(attributes[key] or "").strip() for key in keys if key in attributes)
    return next((text for text in found if text.casefold() not in _NO), "")
