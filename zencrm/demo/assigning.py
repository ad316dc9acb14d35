"""How the demo company gives out its leads: working hours, leave, rules for all of Italy and abroad, and what they gave lately.

The rules are for leads that come in from now on: what nobody owned before is left to be taken by hand.
"""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from core.models import Event
from leads.assigning import rooms, wording
from leads.assigning.matching import COLUMNS, Conditions, Traits
from leads.models import Assignment, AssignmentMember, AssignmentRule, Campaign, Lead
from people.models import Leave, User, WorkingCalendar
from people.workdays import WorkingHours, hours_of

NORTH = [
    "piemonte", "valle d'aosta", "lombardia", "liguria", "trentino-alto adige", "veneto", "friuli-venezia giulia",
    "emilia-romagna",
]  # fmt: skip
SOUTH = [
    "toscana", "umbria", "marche", "lazio", "abruzzo", "molise", "campania", "puglia", "basilicata", "calabria", "sicilia",
    "sardegna",
]  # fmt: skip
ABROAD = ["DE", "AT", "CH", "FR", "ES", "SI", "HR", "GB", "US"]
#: Name, what it asks for, weights, minutes to the first contact; asked in this order, the last one takes what is left.
RULES: tuple[tuple[str, dict[str, Any], dict[str, int], int], ...] = (
    ("Fiere", {}, {"sales": 1, "sales2": 1}, 480),
    ("Nord", {"regions": NORTH}, {"sales": 3, "sales2": 1}, 240),
    ("Centro, Sud e isole", {"regions": SOUTH}, {"sales": 1, "sales2": 3}, 480),
    ("Estero", {"countries": ABROAD}, {"sales": 1, "manager": 1}, 480),
    ("Tutti gli altri", {}, {"sales": 1, "sales2": 1}, 480),
)
FAIR = "Fiera"
#: The log tells of so many days, and of so many leads; each ninth of them had been with somebody else before.
TOLD, MOST, MOVED = 60, 300, 9


def arrange(people: dict[str, User], day: date) -> None:
    """Calendar, leave, rules, and their log. The second salesperson was away two weeks ago, and is again."""
    WorkingCalendar.objects.create(name="Sede di Bologna", country="IT", province="BO", is_default=True)
    for first, last in ((-13, -9), (0, 3)):
        away = {"starts_on": day + timedelta(days=first), "ends_on": day + timedelta(days=last)}
        Leave.objects.create(employee=people["sales2"].employee, kind=Leave.Kind.HOLIDAY, **away)
    rules = []
    for position, (name, asked, weights, minutes) in enumerate(RULES, start=1):
        rule = AssignmentRule.objects.create(name=name, position=position, active=True, sla_minutes=minutes, **asked)
        for who, weight in weights.items():
            AssignmentMember.objects.create(rule=rule, user=people[who], weight=weight)
        rules.append(rule)
    rules[0].campaigns.set(Campaign.objects.filter(channel=FAIR))
    _write_log(rules, [people["sales"], people["sales2"]], day)


def _write_log(rules: list[AssignmentRule], team: list[User], day: date) -> None:
    """Each lead that somebody works on was given to them by the first rule it fits."""
    since = timezone.make_aware(datetime.combine(day - timedelta(days=TOLD), time()))
    worked = (
        Lead.objects.filter(created_at__gte=since, owner__in=team).exclude(state="new").order_by("-created_at", "pk")
    )
    leads = list(worked[:MOST])[::-1]
    read = Lead.objects.filter(pk__in=[lead.pk for lead in leads]).values_list("pk", *COLUMNS)
    traits = {pk: Traits.read(*columns) for pk, *columns in read}
    taken, asks = _taken(leads), [Conditions(rule) for rule in rules]
    hours = hours_of([user.pk for user in team], since=day - timedelta(days=TOLD))
    rows: list[Assignment] = []
    for place, lead in enumerate(leads):
        rule = next(one for one in asks if not one.unmet(traits[lead.pk]))
        rows += _of_lead(rule, lead, traits[lead.pk], team, hours, moved=place % MOVED == 2)
        rows[-1].first_contact_at = max(rows[-1].at, taken.get(lead.pk, rows[-1].at))
    Assignment.objects.bulk_create(rows)


def _of_lead(
    asks: Conditions, lead: Lead, traits: Traits, team: list[User], hours: dict[int, WorkingHours], *, moved: bool
) -> list[Assignment]:
    """How it came to its owner; where it `moved` on, it had been with somebody who did not get in touch."""
    rule, matched, at = asks.rule, asks.met(traits), lead.created_at + timedelta(minutes=1)
    owner = next(user for user in team if user.pk == lead.owner_id)
    others = [user for user in team if user != owner]
    rows = []
    if moved:
        first = _given(rule, lead, [*others, owner], at, hours, matched)
        first.moved_on_at = at = (first.due_by or at) + timedelta(minutes=1)
        rows.append(first)
    row = _given(rule, lead, [owner, *others], at, hours, matched)
    if moved:
        row.facts["from"] = {"name": str(rows[0].user), "minutes": rule.sla_minutes}
        row.facts["others"] = [one | {"why_not": rooms.HAD} for one in row.facts["others"]]
        row.reason = wording.in_the_language_of_the_house(row.facts)
    return [*rows, row]


def _taken(leads: list[Lead]) -> dict[int, datetime]:
    kind = ContentType.objects.get_for_model(Lead)
    ids = [lead.pk for lead in leads]
    return dict(
        Event.objects.filter(subject_type=kind, subject_id__in=ids, name="lead.taken").values_list("subject_id", "at")
    )


def _given(
    rule: AssignmentRule,
    lead: Lead,
    order: list[User],
    at: datetime,
    hours: dict[int, WorkingHours],
    matched: dict[str, str],
) -> Assignment:
    """To the first of these users, with what is known of the others."""
    chosen = order[0]
    day = hours[chosen.pk].next_day(at) or timezone.localdate(at)
    found = [_room(rule, user, hours[user.pk], at, day) for user in order]
    facts: dict[str, Any] = {
        "rule": {"position": rule.position, "name": rule.name},
        "chosen": found[0].facts | {"got": 1, "why_not": ""},
        "others": [room.facts for room in found[1:]],
        "matched": matched,
        "day": day.isoformat(),
        "today": day == timezone.localdate(at),
    }
    return Assignment(
        lead=lead,
        user=chosen,
        rule=rule,
        facts=facts,
        reason=wording.in_the_language_of_the_house(facts),
        at=at,
        counts_on=day,
        due_by=hours[chosen.pk].after(at, rule.sla_minutes or 0),
    )


def _room(rule: AssignmentRule, user: User, hours: WorkingHours, at: datetime, day: date) -> rooms.Room:
    minutes = hours.minutes_on(day)
    places = rooms.places(rule, minutes=minutes, activities=2, open_leads=12)
    return rooms.Room(user.pk, str(user), minutes, 2, 12, 0, places, rooms.presence(hours, at, day))
