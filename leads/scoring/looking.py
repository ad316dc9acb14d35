"""What a rule of the score may look at: a lead's own fields, those that administrators have added, what came along with the
lead, and what has happened since.

Each reads a value of the facts of a lead, and knows the day of it, from which points may fade.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from operator import itemgetter
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.fields.definitions import definitions
from leads.models import Campaign, Lead, ScoreRule, Touch
from leads.scoring.learning import values
from parties.matching import domain_of
from parties.models import Language

Facts = Mapping[str, Any]

TEXT, NUMBER, CHOICE, YES_NO, DATE, EMAIL = "text", "number", "choice", "yes_no", "date", "email"
_IF = ScoreRule.Condition
#: The conditions that make sense, by kind.
CONDITIONS: dict[str, tuple[str, ...]] = {
    TEXT: (_IF.FILLED, _IF.EMPTY, _IF.ONE_OF, _IF.WORDS),
    CHOICE: (_IF.FILLED, _IF.EMPTY, _IF.ONE_OF),
    NUMBER: (_IF.FILLED, _IF.EMPTY, _IF.NUMBER),
    YES_NO: (_IF.FILLED, _IF.EMPTY),
    DATE: (_IF.FILLED, _IF.EMPTY),
    EMAIL: (_IF.FILLED, _IF.EMPTY, _IF.COMPANY, _IF.ONE_OF, _IF.WORDS),
}
OWN, FURTHER = "custom.", "further."
_NO = frozenset({"", "no", "false", "0", "none", "select", "unknown", "sconosciuto", "-"})


def _silent(_value: Any) -> str:
    return ""


def came_in(facts: Facts) -> date:
    """The day of what came with the lead, or is known of it without a day of its own."""
    day: date = timezone.localtime(facts["created_at"]).date()
    return day


@dataclass(frozen=True)
class Sight:
    """One thing a rule may look at. `read` gives None or "" where there is nothing; `shown` is the value in a contribution."""

    name: str
    label: Any
    kind: str
    read: Callable[[Facts], Any]
    shown: Callable[[Any], str] = _silent
    day: Callable[[Facts], date] = came_in
    choices: tuple[tuple[str, Any], ...] = ()
    #: What has to be looked up in other tables (`leads.scoring.happenings`).
    happens: str = ""


def _plainly(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


# --- The lead's own fields -------------------------------------------------------------------------------------------------

_TEXTS = (
    "company_name",
    "job_title",
    "source",
    "interest",
    "province",
    "country",
    "website",
    "need",
    "message",
    "authority",
)
_SHOWN = ("job_title", "source", "province", "country")


def _label(name: str) -> Any:
    return Lead._meta.get_field(name).verbose_name  # type: ignore[union-attr]


def _days_to_decision(facts: Facts) -> int | None:
    return (facts["decision_by"] - came_in(facts)).days if facts["decision_by"] else None


def _own() -> Iterable[Sight]:
    for name in _TEXTS:
        yield Sight(name, _label(name), TEXT, itemgetter(name), str if name in _SHOWN else _silent)
    yield Sight("vat_number", _label("vat_number"), TEXT, itemgetter("vat_number"))
    yield Sight("phone", _label("phone"), TEXT, itemgetter("phone"))
    yield Sight("email", _label("email"), EMAIL, itemgetter("email"), domain_of)
    yield Sight("language", _label("language"), CHOICE, itemgetter("language"), choices=tuple(Language.choices))
    yield Sight("fit", _label("fit"), CHOICE, itemgetter("fit"), choices=tuple(Lead.Fit.choices))
    yield Sight("budget", _label("budget"), NUMBER, itemgetter("budget"))
    yield Sight("days_to_decision", _("Days to the decision"), NUMBER, _days_to_decision)


# --- What came along with the lead -----------------------------------------------------------------------------------------


def plain_keys(attributes: Any) -> dict[str, Any]:
    """Further data under plain keys: "Total Time Spent on Website" and "total_time_spent_on_website" are the same."""
    if not isinstance(attributes, dict):
        return {}
    return {plain_key(str(key)): value for key, value in attributes.items()}


@lru_cache(maxsize=4096)
def plain_key(key: str) -> str:
    return re.sub(r"[\W_]", "", key).casefold()


def _count(*keys: str) -> Callable[[Facts], float | None]:
    def read(facts: Facts) -> float | None:
        attributes = facts["attributes"]
        for key in keys:
            if key not in attributes:
                continue
            try:
                value = float(str(attributes[key]).replace(",", "."))
            except ValueError:
                continue
            return value if 0 < value < 1e9 else None
        return None

    return read


def _said(*keys: str) -> Callable[[Facts], str]:
    """The first of these that says something."""

    def read(facts: Facts) -> str:
        attributes = facts["attributes"]
        found = (str(attributes[key] or "").strip() for key in keys if key in attributes)
        return next((text for text in found if text.casefold() not in _NO), "")

    return read


_TIME = ("timeonsite", "totaltimespentonwebsite", "secondsonsite", "temposulsito")
_ALONG = (
    Sight(
        "visits",
        _("Visits to the website"),
        NUMBER,
        _count("visits", "totalvisits", "websitevisits", "visite"),
        _plainly,
    ),
    Sight(
        "time_on_site",
        _("Seconds on the website"),
        NUMBER,
        _count(*_TIME),
        lambda seconds: f"{seconds / 60:.0f} min" if seconds else "",
    ),
    Sight("last_activity", _("Last activity"), TEXT, _said("lastactivity", "ultimaattivita"), str),
    Sight(
        "do_not_contact",
        _("Asked not to be contacted"),
        YES_NO,
        _said("donotemail", "donotcall", "optout", "noncontattare"),
    ),
)


def _further(name: str) -> Sight:
    key = name.removeprefix(FURTHER)
    return Sight(name, key.replace("_", " ").capitalize(), TEXT, _said(plain_key(key)), str)


# --- Fields of administrators ----------------------------------------------------------------------------------------------

_KINDS = {"text": TEXT, "number": NUMBER, "date": DATE, "choice": CHOICE, "bool": YES_NO}


def _added() -> Iterable[Sight]:
    for made in definitions(Lead):
        kind = _KINDS[made.kind]
        read = _number_of(made.name) if kind == NUMBER else _custom(made.name)
        choices = tuple((choice, choice) for choice in made.choices)
        yield Sight(OWN + made.name, made.label, kind, read, _silent if kind == YES_NO else _plainly, choices=choices)


def _custom(name: str) -> Callable[[Facts], Any]:
    def read(facts: Facts) -> Any:
        value = (facts.get("custom") or {}).get(name)
        return value if isinstance(value, str | bool | None) else str(value)

    return read


def _number_of(name: str) -> Callable[[Facts], float | None]:
    return lambda facts: values.number((facts.get("custom") or {}).get(name))


# --- What has happened since ------------------------------------------------------------------------------------------------


def _happened(name: str, label: Any, kind: str, group: str, choices: Any = ()) -> Sight:
    def read(facts: Facts) -> Any:
        return facts.get("happened", {}).get(name, (None, None))[0]

    def day(facts: Facts) -> date:
        return facts.get("happened", {}).get(name, (None, None))[1] or came_in(facts)

    known = {str(code): label for code, label in choices}
    return Sight(
        name, label, kind, read, lambda v: str(known.get(v, _plainly(v))), day, tuple(choices), group
    )  # fmt: skip


_SINCE = (
    _happened("touches", _("Touches with us"), NUMBER, "touches"),
    _happened("page_visits", _("Visits to our pages"), NUMBER, "touches"),
    _happened("submissions", _("Forms sent"), NUMBER, "touches"),
    _happened("last_channel", _("Channel of the last touch"), CHOICE, "touches", Touch.Channel.choices),
    _happened("opens", _("Mails opened"), NUMBER, "sends"),
    _happened("clicks", _("Mails clicked in"), NUMBER, "sends"),
    _happened("replies", _("Mails answered"), NUMBER, "sends"),
    _happened("came", _("Campaigns they came to"), NUMBER, "members"),
    _happened("campaign_kind", _("Kind of the campaign"), CHOICE, "campaigns", Campaign.Kind.choices),
    _happened("done", _("Activities done"), NUMBER, "activities"),
)


def sights() -> dict[str, Sight]:
    """Everything a rule may look at, by name, but for what came along under any other key."""
    return {sight.name: sight for sight in (*_own(), *_ALONG, *_SINCE, *_added())}


def sight(name: str, known: Mapping[str, Sight]) -> Sight | None:
    """None: there is no such thing any more."""
    if name.startswith(FURTHER) and len(name) > len(FURTHER):
        return _further(name)
    return known.get(name)
