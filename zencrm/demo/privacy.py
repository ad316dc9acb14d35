"""What people of the demo company have agreed to, each with its proof, and what some of them have taken back."""

import random
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from core.models import Consent, DataAccess, Erasure, Purpose, PurposeText, RetentionRule
from core.privacy import erasing
from leads import scoring
from leads.models import Lead
from parties.models import Contact
from zencrm.demo.loading import IntoEmpty
from zencrm.demo.tables import Tables

#: Code, name, months, words.
PURPOSES: tuple[tuple[str, str, int | None, str, str], ...] = (
    (
        "newsletter",
        "Newsletter e inviti",
        24,
        "Acconsento a ricevere per e-mail novità, inviti a fiere e offerte di Aquaflux Impianti. "
        "Posso ritirare il consenso in ogni momento.",
        "I agree to receive news, invitations to fairs and offers from Aquaflux Impianti by e-mail. "
        "I can withdraw my consent at any time.",
    ),
    (
        "profiling",
        "Profilazione",
        12,
        "Acconsento a che i miei interessi siano analizzati per ricevere proposte su misura.",
        "I agree to my interests being analysed so that I receive offers made for me.",
    ),
    (
        "references",
        "Referenze e fotografie",
        None,
        "Acconsento a che il mio nome e le fotografie dell'impianto siano mostrati tra le referenze.",
        "I agree to my name and photographs of the plant being shown among the references.",
    ),
)
SOURCES = {"form": "Modulo del sito, pagina Contatti", "event": "Modulo raccolto in fiera", "paper": "Modulo firmato"}


def ask_people(people: dict[str, Any], seed: int, today: date) -> None:
    """Purposes, and for about half of the leads and contacts a yes; some of them said no later."""
    dice = random.Random(f"consents {seed}")  # noqa: S311  (a story, not a secret)
    since = timezone.make_aware(datetime.combine(today - timedelta(days=700), time(9)))
    words = [_purpose(*facts, since) for facts in PURPOSES]
    with Tables(IntoEmpty()) as tables:
        consents = tables[Consent]
        for model in (Lead, Contact):
            tables.settle()
            for said in _said(model, words, people["marketing"], dice):
                consents.add(**said)
        tables.finish()


def _purpose(code: str, name: str, months: int | None, italian: str, english: str, since: datetime) -> PurposeText:
    purpose = Purpose.objects.create(code=code, name=name, months=months, created_at=since)
    return PurposeText.objects.create(purpose=purpose, version=1, text_it=italian, text_en=english, created_at=since)


def _said(model: Any, words: list[PurposeText], by: Any, dice: random.Random) -> Iterator[dict[str, Any]]:
    kind, now = ContentType.objects.get_for_model(model), timezone.now()
    rows = model.objects.exclude(email="").order_by("pk").values_list("pk", "email", "created_at")
    for pk, email, created in list(rows):  # all of them: what is said is written while they are gone through
        if dice.random() < 0.5:
            continue
        about = {
            "subject_type_id": kind.pk,
            "subject_id": pk,
            "email": email.lower(),
            "recorded_by_id": by.pk,
            "recorded_name": str(by),
        }
        for text in words[: dice.choice((1, 1, 1, 2, 3))]:
            source = dice.choice(list(SOURCES))
            ip = f"192.0.2.{dice.randint(1, 254)}" if source == "form" else None
            facts = {**about, "purpose_id": text.purpose_id, "at": created, "recorded_at": created}
            yield facts | {"given": True, "text_id": text.pk, "source": source, "evidence": SOURCES[source], "ip": ip}
            if dice.random() < 0.08:
                later = min(now, created + timedelta(days=dice.randint(10, 200)))
                yield facts | {"at": later, "recorded_at": later, "given": False, "source": "email"}


def look_after(people: dict[str, Any], seed: int) -> None:
    """Rules for keeping data, one of them in force; who has looked at whom; and one person who asked to be forgotten."""
    for key, months, in_force in (("lost_leads", 24, False), ("idle_contacts", 36, False), ("imports", 6, True)):
        RetentionRule.objects.create(kind=key, months=months, is_active=in_force)
    dice = random.Random(f"access {seed}")  # noqa: S311
    kind, now = ContentType.objects.get_for_model(Lead), timezone.now()
    leads = list(Lead.objects.order_by("-pk").values_list("pk", flat=True)[:80])
    users = [people[name] for name in ("sales", "sales2", "manager", "marketing", "care")]
    looks = []
    for pk in leads:
        user, at = dice.choice(users), now - timedelta(minutes=dice.randint(5, 60 * 24 * 20))
        facts = {"user": user, "user_name": str(user), "subject_type": kind, "ip": f"192.0.2.{dice.randint(1, 254)}"}
        looks.append(DataAccess(at=at, act=DataAccess.Act.OPENED, subject_id=pk, **facts))
        if dice.random() < 0.05:
            looks.append(DataAccess(at=at, act=DataAccess.Act.LISTED, detail="?state=new", **facts))
    DataAccess.objects.bulk_create(sorted(looks, key=lambda look: look.at))
    lost = Lead.objects.filter(state=Lead.State.LOST).order_by("pk").first()
    if lost is not None:
        erasing.erase(lost, by=people["admin"], reason=Erasure.Reason.REQUEST)
        scoring.score_waiting()
