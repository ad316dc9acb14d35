"""Giving leads to people: by the first active rule that fits and has somebody, one lead per transaction."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from core import access
from leads.assigning import rooms, turns, wording
from leads.assigning.matching import COLUMNS, Conditions, Traits, active_rules
from leads.assigning.rooms import FULL, Room
from leads.models import Assignment, AssignmentMember, AssignmentRule, Lead

#: How long a lead waits for a rule that fits; what nobody wanted for two weeks is left to people.
PATIENCE = timedelta(days=14)
#: Leads looked at in one turn of the job.
BATCH = 2000


def assign_on_event(event: Any) -> None:
    """Reaction: a lead has come in and was scored. Without an active rule nothing happens."""
    if rules := active_rules():
        give(event.subject_id, rules)


def assign_waiting(*, batch: int = BATCH) -> int:
    """Give away what a reaction could not: imported leads, those nobody had time for, those a rule has come to fit.

    Oldest first, each in a transaction of its own. Returns how many were given.
    """
    rules = active_rules()
    if not rules:
        return 0
    since = max(min(rule.rule.active_since for rule in rules), timezone.now() - PATIENCE)
    rows = Lead.objects.unassigned().filter(created_at__gte=since).order_by("created_at", "pk")
    found = rows.values_list("pk", "created_at", *COLUMNS)[:batch]
    wanted = [pk for pk, at, *columns in found if _fitting(rules, Traits.read(*columns), at)]
    return sum(give(pk, rules) is not None for pk in wanted)


def _fitting(rules: Sequence[Conditions], traits: Traits, created_at: datetime) -> list[Conditions]:
    """The rules that were active already when the lead came in, and that it fits."""
    return [one for one in rules if one.rule.active_since <= created_at and not one.unmet(traits)]


@transaction.atomic
def give(pk: int, rules: Sequence[Conditions], now: datetime | None = None) -> Assignment | None:
    """Give this lead, if nobody owns it and it fits. A lead that somebody else is at is left for the next turn.

    The row of the lead is locked, then that of the rule: no lead is given twice, and turns are taken one after the other.
    """
    lead = Lead.objects.unassigned().select_for_update(skip_locked=True, of=("self",)).filter(pk=pk).first()
    if lead is None:
        return None
    traits = Traits.of(lead)
    passed: list[dict[str, Any]] = []
    for one in _fitting(rules, traits, lead.created_at):
        facts = {"matched": one.met(traits), "passed": passed}
        if given := give_by(one.rule, lead, facts, now=now):
            return given
        passed = [*passed, {"position": one.rule.position, "name": one.rule.name}]
    return None


def give_by(
    rule: AssignmentRule, lead: Lead, facts: dict[str, Any], *, had: Sequence[int] = (), now: datetime | None = None
) -> Assignment | None:
    """Give a locked lead to the member of this rule whose turn it is; None where nobody can take it."""
    now = now or timezone.now()
    AssignmentRule.objects.select_for_update().get(pk=rule.pk)
    members = list(rule.members.select_related("user").order_by("pk"))
    day, found, hours = rooms.rooms(rule, members, now, had)
    chosen, _at_table = choose(rule, members, found)
    if chosen is None or day is None:
        return None
    AssignmentMember.objects.bulk_update(members, ["credit"])
    facts = told(rule, chosen, found) | facts | {"day": day.isoformat(), "today": day == timezone.localdate(now)}
    user = next(member.user for member in members if member.user_id == chosen.user)
    due_by = hours[chosen.user].after(now, rule.sla_minutes) if rule.sla_minutes else None
    reason = wording.in_the_language_of_the_house(facts)
    lead.assign(by=access.JOB, to=user, reason=reason)
    return Assignment.objects.create(
        lead=lead, user=user, rule=rule, reason=reason, facts=facts, at=now, counts_on=day, due_by=due_by
    )


def choose(
    rule: AssignmentRule, members: Sequence[AssignmentMember], found: Sequence[Room]
) -> tuple[Room | None, list[turns.Seat]]:
    """Whose turn it is among those with time, or among those who are full where the rule says so; and who had a part in it.

    Credits of members change; the caller keeps them, or plays only.
    """
    able = {room.user for room in found if not room.why_not}
    if not able and rule.give_when_full:
        able = {room.user for room in found if room.why_not == FULL}
    at_table = [member for member in members if member.user_id in able]
    if not at_table:
        return None, []
    seats = [turns.Seat(member.user_id, member.weight, member.credit) for member in at_table]
    chosen = turns.give(seats)
    for member, seat in zip(at_table, seats, strict=True):
        member.credit = seat.credit
    return next(room for room in found if room.user == chosen.key), seats


def told(rule: AssignmentRule, chosen: Room, found: Sequence[Room]) -> dict[str, Any]:
    """The facts an assignment keeps. Of those on leave only that they are: why is nobody's business here."""
    return {
        "rule": {"position": rule.position, "name": rule.name},
        "chosen": chosen.facts | {"got": chosen.got + 1},
        "others": [room.facts for room in found if room.user != chosen.user],
    }
