"""The yardstick: the same queries and as many plain rows, in Django with nothing around them but login and session."""

from django.contrib.auth.decorators import login_required
from django.db.models import Count, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from core import search as house_search
from core.models import Event
from leads.models import Lead
from opportunities.models import Opportunity

#: What the list shows, with the owner's name by a join, as the page does.
COLUMNS = (
    "pk", "company_name", "first_name", "last_name", "state", "score", "source", "city", "owner__first_name",
    "owner__last_name", "created_at",
)  # fmt: skip
CARD = ("pk", "name", "company__name", "value", "expected_close", "owner__first_name", "owner__last_name")


@login_required
def lead_list(request: HttpRequest) -> HttpResponse:
    rows = Lead.objects.visible_to(request.user).filter(state=request.GET["state"]).order_by("-score", "-id")
    return render(request, "bare/rows.html", {"rows": list(rows.values_list(*COLUMNS)[:50])})


@login_required
def lead_record(request: HttpRequest, pk: int) -> HttpResponse:
    lead = get_object_or_404(Lead.objects.visible_to(request.user), pk=pk)
    facts = [(field.verbose_name, field.value_from_object(lead)) for field in Lead._meta.concrete_fields]
    events = Event.objects.about(lead).values_list("at", "actor_name", "name", "source", "target")[:100]
    return render(request, "bare/rows.html", {"rows": [*facts, *events]})


@login_required
def opportunity_board(request: HttpRequest) -> HttpResponse:
    visible = Opportunity.objects.visible_to(request.user)
    rows = list(visible.order_by().values_list("state").annotate(Count("pk"), Sum("value")))
    for state in Opportunity.State.values:
        rows += visible.filter(state=state).order_by("-created_at", "-id").values_list(*CARD)[:30]
    return render(request, "bare/rows.html", {"rows": rows})


@login_required
def search(request: HttpRequest) -> HttpResponse:
    hits = house_search.find(request.GET["q"], request.user, per_kind=20)
    return render(request, "bare/rows.html", {"rows": [(str(hit),) for hit in hits]})
