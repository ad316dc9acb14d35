"""The whole story, told once: `tell(leads=1500, seed=1)`."""

import random
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils import timezone, translation

from activities import notifications
from activities.models import Notification, Plan, PlanStep
from activities.services import add_note
from core.models import Event
from leads.models import Lead
from opportunities.models import Opportunity
from parties.models import Company
from quotes.models import Quote
from zencrm.demo import (
    assigning,
    capturing,
    cashing,
    cast,
    converting,
    delivering,
    fields,
    mailing,
    market,
    nurturing,
    privacy,
    programs,
    scoring,
    selling,
)
from zencrm.demo.loading import IntoEmpty, IntoUsed
from zencrm.demo.tables import Tables
from zencrm.demo.world import World
from zencrm.notices import NOTICES

#: Activity plans: name, kind of record, steps (working days, kind, what to do).
PLANS: tuple[tuple[str, Any, tuple[tuple[int, str, str], ...]], ...] = (
    (
        "Primo contatto",
        Lead,
        (
            (0, "call", "Telefonare per presentarsi"),
            (1, "email", "Mandare la presentazione e due referenze"),
            (4, "call", "Richiamare e fissare un sopralluogo"),
        ),
    ),
    (
        "Dopo l'invio dell'offerta",
        Quote,
        (
            (2, "call", "Sentire se l'offerta è arrivata ed è chiara"),
            (7, "call", "Chiedere che cosa manca per decidere"),
        ),
    ),
    (
        "Visita al cliente",
        None,
        ((0, "email", "Concordare data e partecipanti"), (5, "meeting", "Visita in stabilimento")),
    ),
)
#: The bell tells of these many days, and of no more events than people might still look at.
RINGING, RUNG = 7, 500
#: Suppliers the buyer orders from.
SUPPLIERS = 12


def tell(
    *, leads: int, seed: int = 1, today: date | None = None, say: Callable[[str], None] = lambda _text: None
) -> dict[str, int]:
    """Invent `leads` leads over the last two years and everything that came of them.

    All or nothing, in one transaction. Returns the number of rows written per model.
    """
    rng = random.Random(seed)  # noqa: S311  (a story, not a secret)
    day = today or timezone.localdate()
    with transaction.atomic(), translation.override("it"):
        empty = is_empty()
        people = cast.make_users()
        products = market.make_products()
        employees = cast.make_employees(people, rng, day)
        fields.define()
        with Tables(IntoEmpty() if empty else IntoUsed()) as tables:
            world = World(rng=rng, today=day, people=people, products=products, employees=employees, tables=tables)
            _tell(world, leads, say)
            written = tables.finish()
        world.write_series()
        if empty:
            _make_plans()
            assigning.arrange(people, day)
            _ring(people, day)
            programs.introduce(people, seed)
            mailing.write(people, day)
            privacy.ask_people(people, seed, day)
            privacy.look_after(people, seed)
            capturing.open_doors(seed, day)
            nurturing.nurture(people, seed, day)
            converting.convert_one(people, seed)
            scoring.try_rules(people)
    return written


def _make_plans() -> None:
    for name, model, steps in PLANS:
        kind = ContentType.objects.get_for_model(model) if model else None
        plan = Plan.objects.create(name=name, subject_type=kind)
        PlanStep.objects.bulk_create(PlanStep(plan=plan, days=d, kind=k, summary=text) for d, k, text in steps)


def _ring(people: dict[str, Any], day: date) -> None:
    """What the last days brought stands behind the bell; what is older than yesterday has been read."""
    start = timezone.make_aware(datetime.combine(day, time())) - timedelta(days=RINGING)
    last = Event.objects.filter(name__in=NOTICES, at__gte=start).order_by("-pk")[:RUNG]
    for event in reversed(last):
        notifications.notify(event)
    Notification.objects.filter(at__lt=start + timedelta(days=RINGING - 1)).update(read_at=timezone.now())
    deal = Opportunity.objects.filter(owner=people["sales"], state="negotiation").order_by("pk").last()
    if deal is not None:
        text = "@sales il cliente chiede tempi di consegna certi: sentiamoci con @pm prima dell'offerta."
        add_note(subject=deal, body=text, by=people["manager"])


def _tell(world: World, leads: int, say: Callable[[str], None]) -> None:
    suppliers = _suppliers(world)
    campaigns = market.make_campaigns(world)
    say(f"{leads} leads, their opportunities and quotes")
    deals = list(selling.sell(world, leads, campaigns))
    say(f"{len(deals)} won deals: orders, contracts, projects")
    jobs = list(delivering.deliver(world, deals, suppliers))
    say(f"{len(jobs)} contracts: invoices, payments, cases")
    cashing.invoice(world, jobs)
    cashing.complain(world, jobs)


def _suppliers(world: World) -> list[market.Firm]:
    firms = [market.invent_firm(world) for _turn in range(SUPPLIERS)]
    for firm in firms:
        market.enter(world, firm, on=world.today, owner=world.people["buyer"].pk, customer=False)
    return firms


def is_empty() -> bool:
    """Whether nobody has entered anything yet."""
    return not Company.objects.exists()
