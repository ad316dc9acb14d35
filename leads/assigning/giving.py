"""Giving leads to people: by the first active rule that fits and has somebody."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from leads.assigning.matching import COLUMNS, Conditions, Traits, active_rules
from leads.assigning.tables import Table
from leads.models import Assignment, AssignmentRule, Lead

#: How long a lead waits for a rule that fits; what nobody wanted for two weeks is left to people.
PATIENCE = timedelta(days=14)
#: Leads looked at in one turn of the job, and given in one transaction: whoever takes one by hand waits for its end.
BATCH, AT_ONCE = 2000, 100


def assign_on_event(event: Any) -> None:
    """Reaction: a lead has come in and was scored. Without an active rule nothing happens."""
    if rules := active_rules():
        give(event.subject_id, rules)


def assign_waiting(*, batch: int = BATCH) -> int:
    """Give away what a reaction could not: imported leads, those nobody had time for, those a rule has come to fit.

    Oldest first. Returns how many were given.
    """
    rules = active_rules()
    if not rules:
        return 0
    since = max(min(rule.rule.active_since for rule in rules), timezone.now() - PATIENCE)
    rows = Lead.objects.unassigned().filter(created_at__gte=since).order_by("created_at", "pk")
    found = rows.values_list("pk", "created_at", *COLUMNS)[:batch]
    wanted = [pk for pk, at, *columns in found if _fitting(rules, Traits.read(*columns), at)]
    chunks = (wanted[at : at + AT_ONCE] for at in range(0, len(wanted), AT_ONCE))
    return sum(len(give_many(pks, rules)) for pks in chunks)


def _fitting(rules: Sequence[Conditions], traits: Traits, created_at: datetime) -> list[Conditions]:
    """The rules that were active already when the lead came in, and that it fits."""
    return [one for one in rules if one.rule.active_since <= created_at and not one.unmet(traits)]


def give(pk: int, rules: Sequence[Conditions], now: datetime | None = None) -> Assignment | None:
    """Give this lead, if nobody owns it and it fits. A lead that somebody else is at is left for the next turn."""
    return next(iter(give_many([pk], rules, now)), None)


@transaction.atomic
def give_many(pks: Sequence[int], rules: Sequence[Conditions], now: datetime | None = None) -> list[Assignment]:
    """Give these leads, oldest first, each as `give` does; calendars, work and turns are read once for all of them.

    The rows of the leads are locked, then those of the rules: no lead is given twice, and turns are taken one after the other.
    """
    rows = Lead.objects.unassigned().select_for_update(skip_locked=True, of=("self",)).filter(pk__in=pks)
    leads = list(rows.order_by("created_at", "pk"))
    if not leads:
        return []
    read = Lead.objects.filter(pk__in=[lead.pk for lead in leads]).values_list("pk", *COLUMNS)
    traits = {pk: Traits.read(*columns) for pk, *columns in read}
    fitting = {lead.pk: _fitting(rules, traits[lead.pk], lead.created_at) for lead in leads}
    table = Table({one.rule.pk: one.rule for found in fitting.values() for one in found}.values(), now)
    for lead in leads:
        _give_by_the_first(table, lead, traits[lead.pk], fitting[lead.pk])
    return table.write()


def _give_by_the_first(table: Table, lead: Lead, traits: Traits, rules: Sequence[Conditions]) -> None:
    """By the first of these rules that has somebody."""
    passed: list[dict[str, Any]] = []
    for one in rules:
        facts = {"matched": one.met(traits), "passed": passed}
        if table.deal(one.rule, lead, facts):
            return
        passed = [*passed, {"position": one.rule.position, "name": one.rule.name}]


def give_by(rule: AssignmentRule, lead: Lead, facts: dict[str, Any], *, had: Sequence[int] = ()) -> Assignment | None:
    """Give a locked lead to the member of this rule whose turn it is; None where nobody can take it."""
    table = Table([rule])
    return table.write()[0] if table.deal(rule, lead, facts, had) else None
