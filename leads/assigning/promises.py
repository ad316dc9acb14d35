"""The promise of a first contact: what counts as one, and what happens to a lead that got none in time.

Whoever a rule gave a lead has so many working minutes to call, write, meet, note something or take the lead. Otherwise it
moves on to the next member of the rule; where nobody is left it stays, and managers are told.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from activities import notifications
from activities.models import Activity, Email, Note, Notification
from core import access, history
from core.lifecycle import verbs
from core.models import Event
from leads.assigning import giving
from leads.models import Assignment, Lead
from people.models import User

MOVED_ON, NEGLECTED = "lead.moved_on", "lead.neglected"
#: Whoever keeps the rules is told when one of them could not be kept.
KEEPERS = "leads.change_assignmentrule"
BATCH = 500
#: What was due longer ago and then handed over by people is looked at no more.
MEMORY = timedelta(days=60)
_CONTACTS = (Activity.Kind.CALL, Activity.Kind.MEETING, Activity.Kind.EMAIL)


def keep_promises(*, batch: int = BATCH) -> int:
    """Stamp first contacts, then move on what is overdue. Returns how many leads were moved on or escalated."""
    stamp_contacts(batch=batch)
    overdue = _under_way().filter(due_by__lt=timezone.now()).order_by("due_by", "pk").values_list("pk", flat=True)
    return sum(_move_on(pk) for pk in list(overdue[:batch]))


def _under_way() -> QuerySet[Assignment]:
    """Promises that are neither kept nor broken, of leads that are still open and with the same person."""
    rows = Assignment.objects.filter(first_contact_at=None, moved_on_at=None, escalated_at=None).exclude(due_by=None)
    return rows.filter(lead__owner=F("user"), lead__state__in=Lead.OPEN_STATES)


def stamp_contacts(*, batch: int = BATCH) -> int:
    """Write down the first contact of every lead that got one: five queries for all. Returns how many."""
    waiting = _waiting_for_a_stamp().order_by("due_by", "pk")
    done, last = 0, 0
    while rows := list(waiting.filter(pk__gt=last).order_by("pk")[:batch]):
        found = first_contacts(rows)
        for row in rows:
            row.first_contact_at = found.get(row.pk)
        met = [row for row in rows if row.first_contact_at]
        Assignment.objects.bulk_update(met, ["first_contact_at"])
        done, last = done + len(met), rows[-1].pk
    return done


def _waiting_for_a_stamp() -> QuerySet[Assignment]:
    """Also of leads that were closed or handed over since: who contacted them in time has kept the promise."""
    rows = Assignment.objects.filter(first_contact_at=None, moved_on_at=None, escalated_at=None)
    return rows.filter(due_by__gte=timezone.now() - MEMORY)


def first_contacts(rows: Sequence[Assignment]) -> dict[int, datetime]:
    """Assignment -> when its person first did something about the lead, for those who have."""
    leads = ContentType.objects.get_for_model(Lead)
    about = {"subject_type": leads, "subject_id__in": [row.lead_id for row in rows]}
    since = min(row.at for row in rows)
    acts = [f"lead.{verb.event}" for verb in verbs(Lead).values() if verb.name != "assign"]
    sources: tuple[Iterable[tuple[int, int, datetime]], ...] = (
        Activity.objects.filter(**about, kind__in=_CONTACTS, done_at__gte=since).values_list(
            "subject_id", "owner", "done_at"
        ),
        Note.objects.filter(**about, created_at__gte=since).values_list("subject_id", "author", "created_at"),
        Email.objects.filter(**about, direction=Email.Direction.OUT, sent_at__gte=since).values_list(
            "subject_id", "owner", "sent_at"
        ),
        Event.objects.filter(**about, name__in=acts, at__gte=since).values_list("subject_id", "actor", "at"),
    )
    done: dict[tuple[int, int], list[datetime]] = {}
    for source in sources:
        for lead, user, at in source:
            done.setdefault((lead, user), []).append(at)
    return {
        row.pk: min(moments)
        for row in rows
        if (moments := [at for at in done.get((row.lead_id, row.user_id), ()) if at >= row.at])
    }


class _Nobody(Exception):
    """Nobody else can take the lead."""


@transaction.atomic
def _move_on(pk: int) -> bool:
    """Give an overdue lead to the next member; what changed since it was found, or is locked by somebody, is left alone."""
    row = Assignment.objects.select_related("rule", "user").get(pk=pk)
    lead = Lead.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk=row.lead_id, owner=row.user).first()
    still = _under_way().select_for_update(of=("self",)).filter(pk=pk).first()
    if lead is None or still is None or _was_contacted(still):
        return False
    try:
        with transaction.atomic():
            # First told, then moved: afterwards the lead may be out of the first person's sight.
            _tell(MOVED_ON, lead, row)
            _give_to_the_next(lead, row)
        stamp = "moved_on_at"
    except _Nobody:
        _tell(NEGLECTED, lead, row)
        stamp = "escalated_at"
    Assignment.objects.filter(pk=pk).update(**{stamp: timezone.now()})
    return True


def _give_to_the_next(lead: Lead, row: Assignment) -> None:
    rule = row.rule
    if rule is None or not rule.active:
        raise _Nobody
    had = list(Assignment.objects.filter(lead=lead).values_list("user", flat=True))
    facts = {"from": {"name": str(row.user), "minutes": rule.sla_minutes or 0}}
    if giving.give_by(rule, lead, facts, had=had) is None:
        raise _Nobody


def _was_contacted(row: Assignment) -> bool:
    """Whether a contact was made after all, in the moment before; it is written down then."""
    found = first_contacts([row])
    if row.pk in found:
        Assignment.objects.filter(pk=row.pk).update(first_contact_at=found[row.pk])
    return row.pk in found


def _tell(name: str, lead: Lead, row: Assignment) -> None:
    """Write it in the timeline; tell whoever had the lead, and their managers."""
    event = history.record(name, lead, by=access.JOB, data={"note": str(row.user)})
    notifications.tell(
        [row.user, *keepers(row.user)],
        kind=Notification.Kind.OUTCOME,
        name=name,
        subject=lead,
        actor_name=event.actor_name,
        cause=f"event-{event.pk}",
    )


def keepers(user: User) -> list[User]:
    """The managers of somebody's team; those of the whole house where the team has none."""
    found = list(notifications.having(KEEPERS))
    return [one for one in found if user.team_id and one.team_id == user.team_id] or found
