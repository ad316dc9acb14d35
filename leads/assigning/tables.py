"""Leads that are given in one transaction: what they share is read once, and all of it is written at once."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone

from core import access, history
from core.lifecycle import verbs, why_not
from core.models import Event
from leads.assigning import wording
from leads.assigning.choosing import choose, told
from leads.assigning.rooms import Team
from leads.models import Assignment, AssignmentMember, AssignmentRule, Lead


class Table:
    """The turns of some rules, under lock until the transaction ends, and the people who sit there.

    Rules are locked in one order by everybody; who wants them holds the rows of the leads already.
    """

    def __init__(self, rules: Iterable[AssignmentRule], now: datetime | None = None) -> None:
        self.now = now or timezone.now()
        ids = [rule.pk for rule in rules]
        list(AssignmentRule.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk"))
        self.members: dict[int, list[AssignmentMember]] = {pk: [] for pk in ids}
        for member in AssignmentMember.objects.filter(rule__in=ids).select_related("user").order_by("pk"):
            self.members[member.rule_id].append(member)
        self.team = Team((m.user_id for members in self.members.values() for m in members), self.now)
        self.given: list[Assignment] = []

    def deal(self, rule: AssignmentRule, lead: Lead, facts: dict[str, Any], had: Sequence[int] = ()) -> bool:
        """Give a locked lead to the member of this rule whose turn it is; False where nobody can take it.

        It is on paper only: `write` does it.
        """
        if why_not(lead, verbs(Lead)["assign"], access.JOB):
            return False
        members = self.members[rule.pk]
        day, found = self.team.rooms(rule, members, had)
        chosen, _at_table = choose(rule, members, found)
        if chosen is None or day is None:
            return False
        self.team.take(chosen.user, day)
        facts = told(rule, chosen, found) | facts
        facts |= {"day": day.isoformat(), "today": day == timezone.localdate(self.now)}
        due_by = self.team.hours[chosen.user].after(self.now, rule.sla_minutes) if rule.sla_minutes else None
        user = next(member.user for member in members if member.user_id == chosen.user)
        row = Assignment(lead=lead, user=user, rule=rule, facts=facts, at=self.now, counts_on=day, due_by=due_by)
        row.reason = wording.in_the_language_of_the_house(facts)
        self.given.append(row)
        return True

    def write(self) -> list[Assignment]:
        """What was dealt: owners, timelines, log and turns, as the verb "assign" does it for one lead."""
        if not self.given:
            return []
        events = []
        for row in self.given:
            row.lead.owner, row.lead.updated_at = row.user, timezone.now()
            said = {"to": row.user, "reason": row.reason}
            state = row.lead.state
            events.append(
                history.build("lead.assigned", row.lead, by=access.JOB, source=state, target=state, data=said)
            )
        with history.acting(access.JOB):
            Lead.objects.bulk_update([row.lead for row in self.given], ["owner", "updated_at"])
            Assignment.objects.bulk_create(self.given)
            dealt = {row.rule_id for row in self.given}
            members = [member for pk, found in self.members.items() if pk in dealt for member in found]
            AssignmentMember.objects.bulk_update(members, ["credit"])
        Event.objects.bulk_create(events)
        return self.given
