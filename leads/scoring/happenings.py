"""What has happened with leads since they came in: touches, mails opened, campaigns they came to, activities done.

Read for many leads at once, and only where a rule in use looks at it. Each comes with the day it last happened, from which its
points fade.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Count, F, Max, Q
from django.utils import timezone

from activities.models import Activity
from leads.models import CampaignMember, Lead, Send, Touch

#: Of each lead: what it is -> (how much of it or which, the day it last happened).
Happened = dict[int, dict[str, tuple[Any, Any]]]
_FORMS = (Touch.Channel.FORM, Touch.Channel.ENDPOINT)


def of(leads: Sequence[int], asked: Iterable[str]) -> Happened:
    found: Happened = {}
    for group in asked:
        for lead, facts in _GROUPS[group](leads):
            found.setdefault(lead, {}).update(facts)
    return found


Rows = Iterable[tuple[int, dict[str, tuple[Any, Any]]]]


def _day(at: Any) -> Any:
    return timezone.localtime(at).date() if at else None


def _by_lead(rows: Any, lead: str, **counted: Any) -> Iterable[Any]:
    found: Iterable[Any] = rows.order_by().values_list(lead).annotate(**counted)
    return found


def _touches(leads: Sequence[int]) -> Rows:
    rows = Touch.objects.filter(lead__in=leads)
    last = dict(rows.order_by("lead_id", "-at", "-pk").distinct("lead_id").values_list("lead_id", "channel"))
    pages, forms = Q(channel=Touch.Channel.PAGE), Q(channel__in=_FORMS)
    counted = _by_lead(
        rows, "lead_id", n=Count("pk"), last_at=Max("at"), pages=Count("pk", filter=pages), page_at=Max("at", filter=pages),
        forms=Count("pk", filter=forms), form_at=Max("at", filter=forms),
    )  # fmt: skip
    for lead, every, at, page, page_at, form, form_at in counted:
        yield (
            lead,
            {
                "touches": (every, _day(at)),
                "page_visits": (page or None, _day(page_at)),
                "submissions": (form or None, _day(form_at)),
                "last_channel": (last.get(lead), _day(at)),
            },
        )


def _sends(leads: Sequence[int]) -> Rows:
    kind = ContentType.objects.get_for_model(Lead)
    rows = Send.objects.filter(subject_type=kind, subject_id__in=leads)
    names = {"opens": "opened_at", "clicks": "clicked_at", "replies": "replied_at"}
    asked = {f"{how.__name__}_{name}": how(column) for name, column in names.items() for how in (Count, Max)}
    for lead, *found in _by_lead(rows, "subject_id", **asked):
        pairs = zip(names, found[::2], found[1::2], strict=True)
        yield lead, {name: (count or None, _day(at)) for name, count, at in pairs}


def _members(leads: Sequence[int]) -> Rows:
    rows = CampaignMember.objects.filter(lead__in=leads, came_at__isnull=False)
    for lead, count, at in _by_lead(rows, "lead_id", n=Count("pk"), last_at=Max("came_at")):
        yield lead, {"came": (count, _day(at))}


def _campaigns(leads: Sequence[int]) -> Rows:
    for lead, kind in Lead.objects.filter(pk__in=leads, campaign__isnull=False).values_list("pk", F("campaign__kind")):
        yield lead, {"campaign_kind": (kind, None)}


def _activities(leads: Sequence[int]) -> Rows:
    kind = ContentType.objects.get_for_model(Lead)
    rows = Activity.objects.filter(subject_type=kind, subject_id__in=leads, done_at__isnull=False)
    for lead, count, at in _by_lead(rows, "subject_id", n=Count("pk"), last_at=Max("done_at")):
        yield lead, {"done": (count, _day(at))}


_GROUPS: dict[str, Callable[[Sequence[int]], Rows]] = {
    "touches": _touches, "sends": _sends, "members": _members, "campaigns": _campaigns, "activities": _activities,
}  # fmt: skip
