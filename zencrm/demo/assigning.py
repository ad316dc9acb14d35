"""How the demo company gives out its leads: working hours, rules, and what the rule for trade fairs gave to whom lately.

That rule takes the leads of fairs only, and is active; the others wait to be tried: what nobody owns can be taken by hand.
"""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from core.models import Event
from leads.assigning import rooms, wording
from leads.models import Assignment, AssignmentMember, AssignmentRule, Campaign, Lead
from people.models import Leave, User, WorkingCalendar
from people.workdays import WorkingHours, hours_of

#: Name, regions, weights of sales and sales2, minutes to the first contact.
TERRITORIES = (
    (
        "Nord",
        [
            "lombardia",
            "piemonte",
            "veneto",
            "liguria",
            "trentino-alto adige",
            "friuli-venezia giulia",
            "emilia-romagna",
        ],
        (3, 1),
        240,
    ),
    ("Centro e Sud", ["toscana", "lazio", "umbria", "marche", "abruzzo", "campania", "puglia", "sicilia"], (1, 3), 480),
)
FAIR = "Fiera"
#: The log tells of so many days.
TOLD = 60


def arrange(people: dict[str, User], day: date) -> None:
    """Calendar, leave, rules, and the log of the rule for fairs."""
    WorkingCalendar.objects.create(name="Sede di Bologna", country="IT", province="BO", is_default=True)
    away = {"starts_on": day - timedelta(days=13), "ends_on": day - timedelta(days=9)}
    Leave.objects.create(employee=people["sales2"].employee, kind=Leave.Kind.HOLIDAY, **away)
    fairs = AssignmentRule.objects.create(name="Fiere", position=1, active=True, sla_minutes=480)
    fairs.campaigns.set(Campaign.objects.filter(channel=FAIR))
    _members(fairs, people, (1, 1))
    for position, (name, regions, weights, minutes) in enumerate(TERRITORIES, start=2):
        rule = AssignmentRule.objects.create(name=name, position=position, regions=regions, sla_minutes=minutes)
        _members(rule, people, weights)
    _write_log(fairs, [people["sales"], people["sales2"]], day)


def _members(rule: AssignmentRule, people: dict[str, User], weights: tuple[int, int]) -> None:
    for name, weight in zip(("sales", "sales2"), weights, strict=True):
        AssignmentMember.objects.create(rule=rule, user=people[name], weight=weight)


def _write_log(rule: AssignmentRule, team: list[User], day: date) -> None:
    """Each lead of a fair that somebody works on was given to them; the third had been with the other one before."""
    since = timezone.make_aware(datetime.combine(day - timedelta(days=TOLD), time()))
    fairs = Lead.objects.filter(campaign__channel=FAIR, created_at__gte=since, owner__in=team).exclude(state="new")
    leads = list(fairs.select_related("owner", "campaign").order_by("created_at", "pk"))
    taken = _taken(leads)
    hours = hours_of([user.pk for user in team], since=day - timedelta(days=TOLD))
    rows: list[Assignment] = []
    for place, lead in enumerate(leads):
        at = lead.created_at + timedelta(minutes=1)
        if place == 2:
            first = _given(rule, lead, [user for user in team if user != lead.owner] + [lead.owner], at, hours)
            first.moved_on_at = at = (first.due_by or at) + timedelta(minutes=1)
            rows.append(first)
        row = _given(rule, lead, [lead.owner] + [user for user in team if user != lead.owner], at, hours)
        if place == 2:
            row.facts["from"] = {"name": str(rows[-1].user), "minutes": rule.sla_minutes}
            row.facts["others"] = [one | {"why_not": rooms.HAD} for one in row.facts["others"]]
            row.reason = wording.in_the_language_of_the_house(row.facts)
        row.first_contact_at = max(at, taken.get(lead.pk, at))
        rows.append(row)
    Assignment.objects.bulk_create(rows)


def _taken(leads: list[Lead]) -> dict[int, datetime]:
    kind = ContentType.objects.get_for_model(Lead)
    ids = [lead.pk for lead in leads]
    return dict(
        Event.objects.filter(subject_type=kind, subject_id__in=ids, name="lead.taken").values_list("subject_id", "at")
    )


def _given(
    rule: AssignmentRule, lead: Lead, order: list[User], at: datetime, hours: dict[int, WorkingHours]
) -> Assignment:
    """To the first of these users, with what is known of the others."""
    chosen = order[0]
    day = hours[chosen.pk].next_day(at) or timezone.localdate(at)
    found = [_room(rule, user, hours[user.pk], at, day) for user in order]
    facts: dict[str, Any] = {
        "rule": {"position": rule.position, "name": rule.name},
        "chosen": found[0].facts | {"got": 1, "why_not": ""},
        "others": [room.facts for room in found[1:]],
        "matched": {"campaign": str(lead.campaign)},
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
