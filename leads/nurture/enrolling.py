"""Into a sequence: by hand, by the segment it takes in, or through the API. Nobody without a valid consent gets in."""

import logging
from datetime import timedelta
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext as _

from core import access, history
from core.lifecycle import Refused
from core.models import Event
from leads.models import Enrolment, Sequence
from leads.nurture import audience, hours

log = logging.getLogger(__name__)

ADD = "leads.add_enrolment"
#: People that are put into a sequence in one transaction.
BATCH = 500


def enrol(*, by: access.Actor, sequence: Sequence, person: Any) -> Enrolment:
    """Put one person into a sequence. Raises `PermissionDenied`, or `Refused` with the reason."""
    access.demand(by, ADD)
    if sequence.state not in (Sequence.State.ACTIVE, Sequence.State.PAUSED):
        raise Refused(_("Only a sequence that was started takes people in."))
    if type(person) is not audience.model_of(sequence.kind):
        raise Refused(_("This sequence is for people of another kind."))
    _ready, why = audience.sort_out([person], sequence.purpose, set())
    if why:
        raise Refused(str(audience.WHY[why[person.pk]]))
    if Enrolment.objects.filter(sequence=sequence, email=person.email.lower()).exists():
        raise Refused(_("Whoever has this address has been in this sequence already."))
    rows = type(person)._base_manager.filter(pk=person.pk)
    made = _write(sequence, rows, by)
    if not made:
        raise Refused(_("They cannot be put into this sequence now."))
    return made[0]


def enrol_segment(*, sequence: Sequence, segment: Any, by: access.Actor) -> int:
    """Put everybody of a segment in whom `by` may see and who agrees to the purpose. Returns how many came in."""
    access.demand(by, ADD)
    if segment.kind != sequence.kind:
        raise Refused(_("This segment is one of other people."))
    return _take_in(sequence, audience.rows_of(segment, access.user_of(by)), by)


def take_in_segments() -> int:
    """Let every sequence that is under way take in whoever has come to belong to its segment since, as its owner sees it."""
    found = 0
    active = Sequence.objects.filter(state=Sequence.State.ACTIVE, segment__isnull=False, owner__isnull=False)
    for sequence in active.select_related("segment", "owner", "purpose"):
        try:
            found += _take_in(sequence, audience.rows_of(sequence.segment, sequence.owner), access.JOB)
        except Refused as refusal:  # the page of the sequence says so as well
            log.warning("segment not read", extra={"sequence": sequence.pk, "why": str(refusal)})
    return found


def _take_in(sequence: Sequence, rows: Any, by: access.Actor) -> int:
    found = 0
    while made := _write(sequence, _new_among(rows, sequence), by):
        found += len(made)
    return found


def _new_among(rows: Any, sequence: Sequence) -> Any:
    """Those who may be written to and whose address has not been in the sequence."""
    been = Enrolment.objects.filter(sequence=sequence, email=OuterRef("its_email"))
    named = audience.reachable(rows, sequence.purpose).alias(its_email=Lower("email"))
    return named.exclude(Exists(been)).order_by("pk")


def _write(sequence: Sequence, rows: Any, by: access.Actor) -> list[Enrolment]:
    """The next people as rows, with their events; each address once, whoever else is at it."""
    with transaction.atomic(), history.acting(by):
        # One at a time per sequence: two that take in the same segment would take the same people.
        Sequence._base_manager.select_for_update(of=("self",)).get(pk=sequence.pk)
        people = {person.email.lower(): person for person in list(rows.all()[:BATCH])[::-1]}
        kind = ContentType.objects.get_for_model(audience.model_of(sequence.kind))
        first = sequence.steps.first()
        due = hours.opening(sequence, timezone.now() + wait_of(first))
        known = set(sequence.enrolments.filter(email__in=people).values_list("email", flat=True))
        made = Enrolment.objects.bulk_create(
            Enrolment(
                sequence=sequence,
                subject_type=kind,
                subject_id=person.pk,
                owner_id=person.owner_id or sequence.owner_id,
                email=email,
                step=first,
                position=first.position if first else 1,
                due_at=due,
            )
            for email, person in people.items()
            if email not in known
        )
        Event.objects.bulk_create([history.build("enrolment.created", row, by=by) for row in made])
        return made


def wait_of(step: Any) -> timedelta:
    """How long is waited before a step."""
    return timedelta(days=step.days, hours=step.hours) if step else timedelta()
