"""Two web forms of the demo, what came in by them, and what was stopped."""

import random
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from core.models import Purpose
from leads.models import Campaign, Capture, Lead, WebForm

#: name, token, title, language, campaign's channel, fields (name, required).
FORMS: tuple[tuple[str, str, str, str, str, tuple[tuple[str, bool], ...]], ...] = (
    (
        "Preventivi dal sito",
        "preventivi",
        "Chiedi un preventivo",
        "it",
        "Motore di ricerca",
        (
            ("first_name", False),
            ("last_name", True),
            ("company_name", True),
            ("email", True),
            ("phone", False),
            ("message", True),
        ),
    ),
    (
        "Iscrizione al webinar",
        "webinar",
        "Webinar: risparmiare acqua in stabilimento",
        "it",
        "Webinar",
        (("first_name", True), ("last_name", True), ("company_name", False), ("email", True)),
    ),
)
INTRODUCTION = "Rispondiamo entro un giorno lavorativo con una prima stima e due referenze del Suo settore."
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
#: Submissions that became leads, and those of programs: (why, what they sent).
TAKEN = 24
STOPPED = (
    ("honeypot", {"last_name": "Growth Team", "email": "seo@rank-faster.example", "message": "First page on Google"}),
    (
        "links",
        {"last_name": "Crypto", "email": "win@coins.example", "message": "www.a.example www.b.example www.c.example"},
    ),
    ("too_fast", {"last_name": "xkqzj", "email": "xkqzj@mail.example", "message": "xkqzj"}),
)


def open_doors(seed: int, day: date) -> None:
    """The forms, and the last submissions by them."""
    dice = random.Random(f"captures {seed}")  # noqa: S311  (a story, not a secret)
    forms = [_form(*facts) for facts in FORMS]
    start = timezone.make_aware(datetime.combine(day, time(9)))
    rows = []
    for place, lead in enumerate(Lead.objects.filter(source="Modulo web").exclude(email="").order_by("-pk")[:TAKEN]):
        sent = {name: getattr(lead, name) for name, _required in FORMS[0][5] if getattr(lead, name)}
        facts = _facts(forms[0], f"taken-{place}", sent, dice, lead.created_at)
        rows.append(Capture(**facts, state=Capture.State.TAKEN, lead=lead))
    for place, (why, sent) in enumerate(STOPPED):
        facts = _facts(forms[0], f"stopped-{place}", sent, dice, start - timedelta(hours=7 * place + 3))
        rows.append(Capture(**facts, state=Capture.State.STOPPED, why=why))
    Capture.objects.bulk_create(rows)


def _form(name: str, token: str, title: str, language: str, channel: str, fields: Any) -> WebForm:
    made = WebForm.objects.create(
        name=name,
        token=token,
        title=title,
        language=language,
        source="Modulo web",
        campaign=Campaign.objects.filter(channel=channel).order_by("-starts_on").first(),
        introduction=INTRODUCTION,
        fields=[{"name": field, "required": required} for field, required in fields],
        notice_url="https://www.aquaflux.example/privacy",
        sites=["https://www.aquaflux.example"],
    )
    made.purposes.set(Purpose.objects.in_use().order_by("name")[:2])
    return made


def _facts(form: WebForm, key: str, sent: dict[str, str], dice: random.Random, at: datetime) -> dict[str, Any]:
    return {
        "form": form,
        "channel": "form",
        "key": key,
        "payload": {"fields": sent, "consents": {}, "touch": {"page": form.public_url}},
        "ip": f"198.51.100.{dice.randint(2, 250)}",
        "agent": BROWSER,
        "received_at": at,
    }
