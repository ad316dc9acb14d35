"""Versions of the rules: a draft is written, put in use by one click, and an earlier version comes back by one."""

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from core import access, history, outbox
from core.access import Actor
from core.lifecycle import Refused
from leads.models import RuleSet, ScoreRule
from leads.scoring import rules, versions

_STATE = RuleSet.State
#: What a new version takes over of a rule.
_COPIED = ("position", "part", "key", "label", "ask", "field", "condition", "points", "grades", "half_life")


def in_use() -> RuleSet | None:
    return RuleSet.objects.filter(state=_STATE.IN_USE).select_related("by").first()


def draft() -> RuleSet | None:
    return RuleSet.objects.filter(state=_STATE.DRAFT).first()


@transaction.atomic
def begin(*, by: Actor) -> RuleSet:
    """The draft: the one there is, else a copy of the version in use."""
    known = list(RuleSet.objects.select_for_update().exclude(state=_STATE.RETIRED))
    found = {ruleset.state: ruleset for ruleset in known}
    if _STATE.DRAFT in found:
        return found[_STATE.DRAFT]
    number = (RuleSet.objects.aggregate(last=Max("number"))["last"] or 0) + 1
    old = found.get(_STATE.IN_USE)
    limits = {"fit_most": old.fit_most, "engagement_most": old.engagement_most} if old else {}
    with history.acting(by):
        made = RuleSet.objects.create(number=number, **limits)
        for rule in old.rules.all() if old else ():
            ScoreRule.objects.create(ruleset=made, **{name: getattr(rule, name) for name in _COPIED})
    return made


@transaction.atomic
def discard(ruleset: RuleSet, *, by: Actor) -> None:
    """Throw a draft away."""
    if locked(ruleset).state != _STATE.DRAFT:
        raise Refused(_("Only a draft can be thrown away."))
    with history.acting(by):
        ruleset.delete()


@transaction.atomic
def put_in_use(ruleset: RuleSet, *, by: Actor) -> None:
    """Score by these rules from now on; every lead is scored anew by a worker.

    What was learnt counts points of the rules: where it has a say, it is learnt anew with these.
    """
    present = RuleSet.objects.select_for_update().filter(state=_STATE.IN_USE).first()
    chosen = locked(ruleset)
    if chosen.state == _STATE.IN_USE:
        raise Refused(_("These rules are in use already."))
    if not chosen.rules.exists():
        raise Refused(_("Without a rule every score would be 0: add one first."))
    with history.acting(by):
        if present:
            present.state = _STATE.RETIRED
            present.save()
        chosen.state, chosen.by, chosen.used_at = _STATE.IN_USE, access.user_of(by), timezone.now()
        chosen.save()
    transaction.on_commit(lambda: outbox.kick("leads.score_all"), robust=True)
    if versions.blend():
        transaction.on_commit(lambda: outbox.kick("leads.learn_score"), robust=True)


def locked(ruleset: RuleSet) -> RuleSet:
    """The row as it is now; nobody changes it, or its rules, before this transaction is through."""
    found = RuleSet.objects.select_for_update().filter(pk=ruleset.pk).first()
    if found is None:
        raise Refused(_("Somebody has thrown this draft away."))
    return found


def new_key(rule: ScoreRule, name: str) -> str:
    """A key that no version has: what scores say of old rules keeps its meaning."""
    stem = slugify(name).replace("-", "_")[:30].strip("_") or "rule"
    taken = set(ScoreRule.objects.values_list("key", flat=True)) | {"start", rules.LIMIT}
    return next(key for n in range(1, len(taken) + 2) if (key := stem if n == 1 else f"{stem}_{n}") not in taken)


@transaction.atomic
def remove(rule: ScoreRule, *, by: Actor) -> None:
    """Take a rule out of the draft."""
    _of_draft(rule)
    with history.acting(by):
        rule.delete()


@transaction.atomic
def move(rule: ScoreRule, by_places: int, *, by: Actor) -> None:
    """Up (-1) or down (1) among the rules of its part."""
    _of_draft(rule)
    row = list(rule.ruleset.rules.filter(part=rule.part))
    place = row.index(rule)
    row.insert(max(0, place + by_places), row.pop(place))
    with history.acting(by):
        for number, other in enumerate(row, start=1):
            if other.position != number:
                other.position = number
                other.save(update_fields=["position"])


def _of_draft(rule: ScoreRule) -> None:
    if locked(rule.ruleset).state != _STATE.DRAFT:
        raise Refused(_("Only a draft is changed: what was in use once stays as it was."))
