"""The demo company's marketing: whom it writes to, a mailing that has gone, one that waits, and a sequence under way.

Nothing of this leaves the house; what is due next goes to the demo's own mailbox.
"""

import random
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from activities.models import MailTemplate
from core import history
from core.access import JOB
from core.models import Delivery, Event, Purpose
from core.privacy.consent import consenting
from leads.models import Campaign, Edition, Enrolment, Lead, Mailing, Segment, Send, Sequence, SequenceStep
from leads.nurture import letters, links, scheduling

#: Name, subject and text in Italian and in English.
TEMPLATES = (
    (
        "Newsletter: recupero delle acque",
        "Recuperare l'acqua di processo: tre casi",
        "{{ recipient.greeting }}\n\nin tre stabilimenti simili al Suo abbiamo ridotto di un terzo l'acqua prelevata. I casi"
        " sono qui: https://www.aquaflux.example/casi\n\nIl calcolo del risparmio si fa in due minuti:"
        " https://www.aquaflux.example/calcolo\n\nCordiali saluti",
        "Recovering process water: three cases",
        "{{ recipient.greeting }}\n\nin three plants like yours we have cut the water drawn by a third. Read the cases here:"
        " https://www.aquaflux.example/casi\n\nKind regards",
    ),
    (
        "Invito alla fiera",
        "La aspettiamo alla Fiera dell'acqua",
        "{{ recipient.greeting }}\n\nci trova al padiglione 26. Per un biglietto omaggio:"
        " https://www.aquaflux.example/fiera\n\nA presto",
        "Meet us at the water fair",
        "{{ recipient.greeting }}\n\nyou find us in hall 26. For a free ticket: https://www.aquaflux.example/fiera",
    ),
    (
        "Sequenza: secondo contatto",
        "Le serve un sopralluogo?",
        "{{ recipient.greeting }}\n\nse vuole, un nostro tecnico passa da Lei senza impegno: basta rispondere a questa e-mail."
        "\n\nCordiali saluti",
        "Shall we come and look?",
        "{{ recipient.greeting }}\n\nif you like, one of our engineers visits you: just answer this mail.\n\nKind regards",
    ),
)
#: Days since each person of the sequence came in, in turn.
AGES = (1, 2, 3, 4, 5, 6, 8, 10, 12, 15)
MAILED, ENROLLED = 60, 24
_CODES = ("it", "en")
#: How it stands with every eighth: state, and why it was stopped.
_FATES = {5: ("stopped", "replied"), 6: ("done", ""), 7: ("paused", "")}


def nurture(people: dict[str, Any], seed: int, day: date) -> None:
    """Segments, a mailing that was sent and one that was not, a sequence with people in it."""
    dice = random.Random(f"nurture {seed}")  # noqa: S311  (a story, not a secret)
    marketing = people["marketing"]
    newsletter, profiling = (Purpose.objects.get(code=code) for code in ("newsletter", "profiling"))
    templates = [_template(*facts) for facts in TEMPLATES]
    segments = [
        Segment.objects.create(name=name, kind=kind, query=query, owner=marketing)
        for name, kind, query in (
            ("Lead aperti", "lead", "open=true"),
            ("Lead caldi", "lead", "hot=true"),
            ("Clienti che ricevono la newsletter", "contact", "consent=newsletter"),
        )
    ]
    shared = {"owner": marketing, "purpose": newsletter, "measuring": profiling}
    campaign = Campaign.objects.order_by("-starts_on", "pk").first()
    facts = {"segment": segments[0], "template": templates[0], "campaign": campaign, **shared}
    sent = Mailing.objects.create(name="Newsletter di ottobre", state="sent", **facts)
    _send(sent, templates[0], dice, _at(day, 21), profiling)
    facts |= {"template": templates[1]}
    Mailing.objects.create(name="Invito alla Fiera dell'acqua", **facts)
    Mailing.objects.create(name="Invito al convegno (rinviato)", state="cancelled", ended_at=_at(day, 40), **facts)
    _schedule(Mailing.objects.create(name="Auguri di buone feste", **facts))
    # A worker finishes this one, into the demo's own mailbox.
    hot = facts | {
        "segment": segments[1],
        "editions": {code: letters.edition_of(templates[1], code).pk for code in _CODES},
    }
    Mailing.objects.create(name="Promemoria ai lead caldi", state="sending", started_at=timezone.now(), **hot)
    for name, state in (("Dopo la fiera", "draft"), ("Estate", "paused"), ("Benvenuto 2025", "closed")):
        _steps(Sequence.objects.create(name=name, state=state, **shared), templates)
    sequence = Sequence.objects.create(name="Benvenuto ai nuovi lead", state="active", segment=None, **shared)
    _enrol(sequence, _steps(sequence, templates), dice, day)


def _schedule(mailing: Mailing) -> None:
    """It waits for the next Tuesday morning but one, when offices read their mail."""
    today = timezone.localdate()
    on = today + timedelta(days=(1 - today.weekday()) % 7 + 7)
    scheduling.schedule(mailing=mailing, by=mailing.owner, on=on, hour=10)


def _template(name: str, title_it: str, text_it: str, title_en: str, text_en: str) -> MailTemplate:
    texts = {"title_it": title_it, "text_it": text_it, "title_en": title_en, "text_en": text_en}
    template = MailTemplate(name=name, subject_type=None, **texts)
    template.full_clean()
    template.save()
    return template


def _steps(sequence: Sequence, templates: list[MailTemplate]) -> list[SequenceStep]:
    made = [
        SequenceStep(position=1, days=0, template=templates[0]),
        SequenceStep(position=2, days=3, action="ask", question="clicked", yes=4),
        SequenceStep(position=3, days=0, template=templates[2]),
        SequenceStep(position=4, days=7, template=templates[1]),
    ]
    for step in made:
        step.sequence = sequence
        step.full_clean()
    return SequenceStep.objects.bulk_create(made)


def _at(day: date, back: int) -> datetime:
    return timezone.make_aware(datetime.combine(day - timedelta(days=back), time(9, 30)))


def _readers(sender: Mailing | Sequence, most: int) -> list[Lead]:
    """Leads who agree to it, the latest first."""
    rows = Lead.objects.open().exclude(email="")
    return list(consenting(rows, sender.purpose).order_by("-created_at", "-pk")[:most])


def _send(mailing: Mailing, template: MailTemplate, dice: random.Random, at: datetime, profiling: Purpose) -> None:
    edition = letters.edition_of(template, "it")
    readers = _readers(mailing, MAILED)
    measured = set(
        consenting(Lead.objects.filter(pk__in=[r.pk for r in readers]), profiling).values_list("pk", flat=True)
    )
    seen: set[str] = set()
    for lead in readers:
        if lead.email.lower() not in seen:
            seen.add(lead.email.lower())
            _mail(lead, edition, dice, at, {"mailing": mailing}, profiling if lead.pk in measured else None)
    left_out = {"no_consent": Lead.objects.open().exclude(email="").count() - len(readers)}
    Mailing.objects.filter(pk=mailing.pk).update(started_at=at, ended_at=at + timedelta(minutes=4), left_out=left_out)


def _mail(
    lead: Lead, edition: Edition, dice: random.Random, at: datetime, origin: dict[str, Any], measuring: Purpose | None
) -> None:
    """One mail that was delivered, and what came of it."""
    purpose = origin["mailing"].purpose if "mailing" in origin else origin["enrolment"].sequence.purpose
    opened = at + timedelta(hours=dice.randint(1, 30)) if measuring and dice.random() < 0.55 else None
    clicked = opened + timedelta(minutes=2) if opened and dice.random() < 0.4 else None
    send = Send.objects.create(
        subject=lead, edition=edition, purpose=purpose, measuring=measuring, email=lead.email.lower(), at=at,
        opened_at=opened, clicked_at=clicked, links=[0] if clicked else [], **origin,
    )  # fmt: skip
    kind = ContentType.objects.get_for_model(Lead)
    facts = {"subject_type": kind, "subject_id": lead.pk, "thread_id": lead.thread_id, "channel": "email"}
    payload = {"to": [lead.email], "subject": edition.title, "text": edition.text, "purpose": purpose.code}
    send.delivery = Delivery.objects.create(
        key=links.key(send.pk), payload=payload, state="delivered", attempts=1, delivered_at=at, created_at=at, **facts
    )
    send.save(update_fields=["delivery"])


def _enrol(sequence: Sequence, steps: list[SequenceStep], dice: random.Random, day: date) -> None:
    """People at every place of the sequence; whose time has come gets the next mail in the demo's own mailbox."""
    edition = letters.edition_of(steps[0].template, "it")  # type: ignore[arg-type]
    seen: set[str] = set()
    for place, lead in enumerate(_readers(sequence, ENROLLED)):
        if lead.email.lower() in seen:
            continue
        seen.add(lead.email.lower())
        came = _at(day, AGES[place % len(AGES)])
        state, why = _FATES.get(place % 8, ("active", ""))
        step = steps[1] if came > timezone.now() - timedelta(days=3) else steps[3]
        enrolment = Enrolment.objects.create(
            sequence=sequence, subject=lead, email=lead.email.lower(), owner=lead.owner or sequence.owner, step=step,
            position=step.position, due_at=came + timedelta(days=3 if step is steps[1] else 16), created_at=came,
            state=state, why=why, ended_at=came + timedelta(days=1) if state in ("stopped", "done") else None,
        )  # fmt: skip
        Event.objects.bulk_create([history.build("enrolment.created", enrolment, by=JOB)])
        _mail(lead, edition, dice, came, {"enrolment": enrolment, "step": steps[0]}, None)
        if why == "replied":
            enrolment.sends.update(replied_at=enrolment.ended_at)
