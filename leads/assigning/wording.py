"""Why somebody got a lead, in plain language: built from the facts an assignment keeps, in any language."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.conf import settings
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext, override

from core import countries, formats
from leads.assigning import answers, territory
from leads.models import AssignmentRule, handing
from parties.models import Language

#: What is said of those who did not get it, by why; "turn" is somebody who could have.
_OTHERS = {
    "turn": gettext_noop("it was not the turn of %(name)s (%(got)d/%(places)d)"),
    "full": gettext_noop("%(name)s full (%(got)d/%(places)d)"),
    "leave": gettext_noop("%(name)s on leave"),
    "holiday": gettext_noop("public holiday for %(name)s"),
    "off": gettext_noop("%(name)s does not work that day"),
    "done": gettext_noop("%(name)s has finished for the day"),
    "cannot": gettext_noop("%(name)s no longer works leads"),
    "had": gettext_noop("%(name)s had it already"),
}
_MATCHED = {
    "source": gettext_noop("source “%(value)s”"),
    "interest": gettext_noop("interest “%(value)s”"),
    "campaign": gettext_noop("campaign “%(value)s”"),
    "score": gettext_noop("score %(value)s"),
}


def reason(facts: Mapping[str, Any]) -> str:
    """For instance: Rule 3 “North” (Lombardy): Sara Rossi 4/6 today; Marco Bianchi on leave."""
    if "by" in facts:
        return handing.by_hand_in_words(facts)
    chosen = facts["chosen"]
    of_rule = _rule(facts["rule"], facts.get("matched", {}))
    said = [_chosen(chosen, facts), *(other(one) for one in facts.get("others", ()))]
    text = f"{of_rule}: {'; '.join(said)}."
    if passed := facts.get("passed"):
        text += " " + " ".join(_("Rule %(position)d had nobody.") % one for one in passed)
    if origin := facts.get("from"):
        said_before = _("%(name)s made no contact within %(time)s of working time.")
        text = said_before % {"name": origin["name"], "time": duration(origin["minutes"])} + " " + text
    return text


def in_the_language_of_the_house(facts: Mapping[str, Any]) -> str:
    """What is stored and stands in the timeline."""
    with override(settings.LANGUAGE_CODE):
        return reason(facts)


def conditions(rule: AssignmentRule) -> list[tuple[Any, str]]:
    """What a rule asks for, as (label, text); the text is empty where it asks for nothing."""
    score = ""
    if rule.score_from is not None or rule.score_to is not None:
        low, high = rule.score_from or 0, 100 if rule.score_to is None else rule.score_to
        score = f"{low} – {high}"
    names = {
        "countries": map(countries.name, rule.countries),
        "regions": map(territory.region_label, rule.regions),
        "provinces": (territory.PROVINCES.get(code, code) for code in rule.provinces),
        "sources": rule.sources,
        "interests": rule.interests,
        "campaigns": (str(campaign) for campaign in rule.campaigns.all()),
        "languages": (str(dict(Language.choices).get(code, code)) for code in rule.languages),
    }
    labels = {name: capfirst(rule._meta.get_field(name).verbose_name) for name in names}  # type: ignore[union-attr]
    return [
        *((labels[name], ", ".join(texts)) for name, texts in names.items()),
        (_("Score"), score),
        *answers.conditions(rule),
    ]


def other(one: Mapping[str, Any]) -> str:
    return _(_OTHERS.get(one["why_not"] or "turn", _OTHERS["turn"])) % one


def _rule(rule: Mapping[str, Any], matched: Mapping[str, str]) -> str:
    text = _("Rule %(position)d “%(name)s”") % rule
    because = [_because(name, value) for name, value in matched.items()]
    return f"{text} ({', '.join(because)})" if because else text


def _because(name: str, value: str) -> str:
    if name == "region":
        return territory.region_label(value)
    if name == "province":
        return territory.PROVINCES.get(value, value)
    if name == "country":
        return countries.name(value)
    if name == "language":
        return str(dict(Language.choices).get(value, value))
    if name == "custom":
        return value
    return _(_MATCHED[name]) % {"value": value}


def _chosen(chosen: Mapping[str, Any], facts: Mapping[str, Any]) -> str:
    day = _("today") if facts["today"] else _("on %(day)s") % {"day": formats.date(date.fromisoformat(facts["day"]))}
    text = _("%(name)s %(got)d/%(places)d %(day)s") % {**chosen, "day": day}
    return _("%(what)s, although nobody has time left") % {"what": text} if chosen["got"] > chosen["places"] else text


def duration(minutes: int) -> str:
    """Working time in hours and minutes: "4 hours", "1 hour 30 minutes"."""
    hours, rest = divmod(minutes, 60)
    parts = [ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}] if hours else []
    if rest or not hours:
        parts.append(ngettext("%(n)d minute", "%(n)d minutes", rest) % {"n": rest})
    return " ".join(parts)


def room(one: Mapping[str, Any]) -> str:
    """How somebody's room comes about: "8 hours less 2 activities and 5 open leads: room for 12 leads, 4 taken"."""
    due, leads = one["activities"], one["open_leads"]
    words = {
        "hours": duration(one["minutes"]),
        "activities": ngettext("%(n)d activity due", "%(n)d activities due", due) % {"n": due},
        "leads": ngettext("%(n)d open lead", "%(n)d open leads", leads) % {"n": leads},
    }
    text = _("%(hours)s less %(activities)s and %(leads)s: room for %(places)d new leads, %(got)d given")
    return text % {**one, **words}
