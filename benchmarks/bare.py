"""The yardstick: the same queries and as many plain rows, in Django with nothing around them but login and session."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Count, F, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string

from core import search as house_search
from core.models import Event
from leads.models import Lead

#: What the list shows, with the owner's name by a join, as the page does.
COLUMNS = (
    "pk", "name", "city", "source", "state", "scored__score", "budget", "currency", "owner__first_name", "owner__last_name",
    "owner__username", "created_at",
)  # fmt: skip
PLAIN = ("pk", "name", "city", "source", "state", "scored__score", "owner__first_name", "owner__last_name")
CARD = (
    "pk", "name", "scored__score", "interest", "budget", "currency", "owner__first_name", "owner__last_name", "state",
    "updated_at",
)  # fmt: skip
ROWS, CARDS, EVENTS = 50, 6, 100


def answer(rows: list[Any]) -> HttpResponse:
    return HttpResponse(render_to_string("bare/rows.html", {"rows": rows}))


@login_required
def plain(request: HttpRequest) -> HttpResponse:
    """The page by which machines are compared (benchmarks/yardstick.py): 80 rows of 8 values, one join, tuples."""
    return answer(list(Lead.objects.order_by("-pk").values_list(*PLAIN)[:80]))


@login_required
def lead_list(request: HttpRequest) -> HttpResponse:
    rows = Lead.objects.visible_to(request.user).filter(state=request.GET["state"])
    rows = rows.order_by(F("scored__score").desc(nulls_last=True), "-pk")
    return answer(list(rows.values_list(*COLUMNS)[:ROWS]))


@login_required
def lead_record(request: HttpRequest, pk: int) -> HttpResponse:
    lead = get_object_or_404(Lead.objects.visible_to(request.user).select_related("owner", "campaign"), pk=pk)
    facts = [(field.verbose_name, field.value_from_object(lead)) for field in Lead._meta.concrete_fields]
    events = Event.objects.about(lead).values_list("at", "actor_name", "name", "source", "target")[:EVENTS]
    others = lead.others_like_it().visible_to(request.user).values_list("pk", "name", "state", "created_at")[:8]
    deal = Event.objects.filter(thread=lead.thread_id).values_list("subject_type", "subject_id").distinct()
    return answer([*facts, *events, *others, *deal])


@login_required
def lead_board(request: HttpRequest) -> HttpResponse:
    visible = Lead.objects.visible_to(request.user)
    states = ("new", "working", "qualified")
    rows: list[Any] = list(
        visible.filter(state__in=states).order_by().values_list("state").annotate(Count("pk"), Sum("budget"))
    )
    for state in states:
        rows += visible.filter(state=state).order_by("-created_at", "-pk").values_list(*CARD)[:CARDS]
    return answer(rows)


@login_required
def search(request: HttpRequest) -> HttpResponse:
    hits = house_search.find(request.GET["q"], request.user, per_kind=20)
    return answer([(hit.kind, hit.title, hit.hint, hit.url) for hit in hits])
