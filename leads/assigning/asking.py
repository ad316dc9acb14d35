""" "Why not me": the leads that passed somebody by, and why, from the facts that each assignment keeps."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from leads.assigning import wording
from leads.models import Assignment, AssignmentMember, Lead
from people.models import User

#: Assignments that are read, the latest; and how many are shown.
MOST, SHOWN = 2000, 100


@dataclass(frozen=True)
class Passed:
    """A lead that somebody else got. `lead` is None where the reader may not see it."""

    lead: Lead | None
    at: datetime
    rule: str
    user: str
    why: str
    room: str


@dataclass(frozen=True)
class Answer:
    """What one person got and did not get in a time."""

    got: int
    by_hand: int
    moved_on: int
    passed: list[Passed]
    reasons: list[tuple[str, int]]
    #: Rules of others: (rule, how many leads they gave).
    not_in: list[tuple[str, int]]

    @property
    def missed(self) -> int:
        return sum(count for _why, count in self.reasons)


def ask(person: User, reader: Any, *, days: int = 30) -> Answer:
    """Why this person did not get the leads that rules gave to others in so many days."""
    log = Assignment.objects.filter(at__gte=timezone.now() - timedelta(days=days))
    rows, mine = log.exclude(rule=None), log.filter(user=person)
    others = rows.exclude(user=person).filter(facts__others__contains=[{"user": person.pk}])
    found = list(others.select_related("rule", "user").order_by("-at", "-pk")[:MOST])
    return Answer(
        got=mine.exclude(rule=None).count(),
        by_hand=mine.filter(rule=None).count(),
        moved_on=mine.exclude(moved_on_at=None).count(),
        passed=_passed(found[:SHOWN], person, reader),
        reasons=[
            (_short(why), count) for why, count in Counter(_of(row, person)["why_not"] for row in found).most_common()
        ],
        not_in=_of_others(rows, person),
    )


def _of(row: Assignment, person: User) -> dict[str, Any]:
    return next(one for one in row.facts["others"] if one["user"] == person.pk)


def _passed(rows: list[Assignment], person: User, reader: Any) -> list[Passed]:
    leads = Lead.objects.visible_to(reader).in_bulk([row.lead_id for row in rows])
    return [
        Passed(
            leads.get(row.lead_id),
            row.at,
            str(row.rule),
            str(row.user),
            wording.other(_of(row, person)),
            wording.room(_of(row, person)),
        )
        for row in rows
    ]


def _of_others(rows: QuerySet[Assignment], person: User) -> list[tuple[str, int]]:
    mine = AssignmentMember.objects.filter(user=person).values("rule")
    counted = rows.exclude(rule__in=mine).order_by().values_list("rule__name").annotate(n=Count("pk"))
    return list(counted.order_by("rule__position"))


def _short(why: str) -> str:
    names = {
        "": _("It was somebody else's turn"),
        "full": _("No time left on that day"),
        "leave": _("On leave"),
        "holiday": _("Public holiday"),
        "off": _("No working day"),
        "done": _("Had finished for the day"),
        "cannot": _("No longer works leads"),
        "had": _("Had the lead already, without a contact in time"),
    }
    return names.get(why, why)


def choices() -> list[tuple[int, str]]:
    """Whom one may ask about: members of rules, by name."""
    ids = AssignmentMember.objects.values("user")
    return [(user.pk, str(user)) for user in User.objects.filter(pk__in=ids).order_by("first_name", "last_name", "pk")]
