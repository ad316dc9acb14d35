"""Why somebody goes no further in a sequence: asked of many at once before each step, and at once when it happens."""

from dataclasses import dataclass, field
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Min
from django.utils import timezone

from core import history
from core.access import JOB
from core.models import Event, Purpose
from core.privacy import mailing as gate
from core.privacy.consent import consenting
from leads.models import Enrolment, Lead, Send, Sequence
from leads.nurture import audience

Why = Enrolment.Why


@dataclass
class Facts:
    """What has to be known of the people whose steps are due."""

    sequence: Sequence
    people: dict[int, Any]
    agreeing: set[int]
    measured: set[int]
    returned: set[str]
    replied: set[int]
    #: The first enrolment of each person in this sequence: two people may have turned out to be one.
    first: dict[int, int]

    @classmethod
    def of(cls, sequence: Sequence, enrolments: list[Enrolment]) -> "Facts":
        model = audience.model_of(sequence.kind)
        ids = {enrolment.subject_id for enrolment in enrolments}
        rows = model._base_manager.filter(pk__in=ids)
        people = {person.pk: person for person in rows}
        emails = {person.email.lower() for person in people.values()}
        replied = Send.objects.filter(enrolment__in=enrolments, replied_at__isnull=False)
        same = Enrolment.objects.filter(
            sequence=sequence, subject_type=ContentType.objects.get_for_model(model), subject_id__in=ids
        ).under_way()
        return cls(
            sequence,
            people,
            agreeing=_agreeing(rows, sequence.purpose),
            measured=_agreeing(rows, sequence.measuring) if sequence.measuring else set(),
            returned=set(audience.returned(emails).values_list("email", flat=True)),
            replied=set(replied.values_list("enrolment_id", flat=True)),
            first=dict(same.values("subject_id").annotate(first=Min("pk")).values_list("subject_id", "first")),
        )

    def person(self, enrolment: Enrolment) -> Any:
        return self.people.get(enrolment.subject_id)

    def why_stop(self, enrolment: Enrolment) -> str:
        """Why this person goes no further, "" where they do."""
        person, sequence = self.person(enrolment), self.sequence
        if person is None or not person.email:
            return Why.GONE
        state = getattr(person, "state", "")
        found = (
            (person.pk not in self.agreeing, Why.UNSUBSCRIBED),
            (person.email.lower() in self.returned, Why.BOUNCED),
            (sequence.stop_on_conversion and state == Lead.State.CONVERTED, Why.CONVERTED),
            (sequence.stop_on_loss and state == Lead.State.LOST, Why.LOST),
            (sequence.stop_on_reply and enrolment.pk in self.replied, Why.REPLIED),
            (self.first.get(person.pk, enrolment.pk) != enrolment.pk, Why.TWICE),
        )
        return next((why for holds, why in found if holds), "")


def _agreeing(rows: Any, purpose: Purpose) -> set[int]:
    return set(consenting(rows, purpose).values_list("pk", flat=True))


@dataclass
class Ends:
    """Those whose way ends, written together: one statement for each reason, one for what history says."""

    found: dict[tuple[str, str], list[Enrolment]] = field(default_factory=dict)

    def stopped(self, enrolment: Enrolment, why: str) -> None:
        self.found.setdefault((Enrolment.State.STOPPED, why), []).append(enrolment)

    def done(self, enrolment: Enrolment) -> None:
        self.found.setdefault((Enrolment.State.DONE, ""), []).append(enrolment)

    def write(self) -> None:
        """Inside the transaction that holds their rows."""
        events: list[Event] = []
        for (state, why), enrolments in self.found.items():
            rows = Enrolment.objects.filter(pk__in=[enrolment.pk for enrolment in enrolments])
            rows.update(state=state, why=why, ended_at=timezone.now())
            word = "stopped" if why else "finished"
            data = {"reason": why} if why else {}
            events += [history.build(f"enrolment.{word}", one, by=JOB, data=data) for one in enrolments]
        Event.objects.bulk_create(events)


# --- At once ----------------------------------------------------------------------------------------------------------------


def stop(enrolments: Any, why: str) -> None:
    """Stop these, whatever they wait for."""
    for enrolment in enrolments.under_way():
        enrolment.stop(by=JOB, why=why)


def on_conversion(event: Any) -> None:
    """Reaction to `lead.converted`, unless it was undone before anybody came to it."""
    if event.subject is None or event.subject.state != Lead.State.CONVERTED:
        return
    stop(_of(event).filter(sequence__stop_on_conversion=True), Why.CONVERTED)


def on_loss(event: Any) -> None:
    """Reaction to `lead.lost`."""
    stop(_of(event).filter(sequence__stop_on_loss=True), Why.LOST)


def on_withdrawal(event: Any) -> None:
    """Reaction to a consent that is withdrawn: a no of an address is a no, whoever else has it."""
    person = event.subject
    if person is None or not person.email:
        return
    theirs = Enrolment.objects.under_way().filter(email=person.email.lower()) | _of(event).under_way()
    for enrolment in theirs.select_related("sequence__purpose"):
        subject: Any = enrolment.subject
        if subject is None or gate.why_not(subject, enrolment.sequence.purpose.code, [subject.email]):
            enrolment.stop(by=JOB, why=Why.UNSUBSCRIBED)


def on_close(event: Any) -> None:
    """Reaction to `sequence.closed`."""
    stop(Enrolment.objects.filter(sequence_id=event.subject_id), Why.CLOSED)


def _of(event: Any) -> Any:
    return Enrolment.objects.filter(subject_type_id=event.subject_type_id, subject_id=event.subject_id)
