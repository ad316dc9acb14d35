"""Pages of leads."""

from collections.abc import Callable
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core import ui
from core.pages import ActPage, BoardPage, Column, DetailPage, FormPage, ListPage, Page, Panel
from core.pages.columns import Row
from core.pages.details import Attribute
from leads import further, likeness, qualify_pages, scoring, services, touches
from leads.assigning.showing import with_assignments
from leads.filters import LeadFilter
from leads.forms import LeadForm
from leads.models import Lead, hot_from


class LeadList(ListPage):
    model = Lead
    columns = (
        Column("name", link=True),
        Column("city", hide_on_phone=True),
        Column("source", hide_on_phone=True),
        Column("state"),
        Column("score"),
        Column("budget", hide_on_phone=True),
        Column("owner", hide_on_phone=True),
        Column("created_at", hide_on_phone=True),
    )
    filterset = LeadFilter
    views = (
        (_("My leads"), "mine=1&open=true"),
        (_("Unassigned leads"), "unassigned=true"),
        (_("Hot leads"), "hot=true&sort=-score"),
    )
    bulk_verbs = ("take", "assign", "convert", "reopen", "invite")
    empty_text = _("Type in a lead, or import a list of them.")

    def queryset(self) -> Any:
        """With the score, for those who fetch records and not rows: the API."""
        return super().queryset().select_related("scoring")


class LeadBoard(BoardPage):
    model = Lead
    filterset = LeadFilter
    card_title = "name"
    card_fields = (Column("score"), Column("interest"), Column("budget"), Column("owner"))
    states = Lead.OPEN_STATES
    order = ("-created_at", "-pk")

    def writers(self) -> list[Callable[[Row], str]]:
        """The score as a badge that says what it is, warm where the lead is hot."""
        name, _score, *others = super().writers()
        at, hot = 1 + len(self.bound[0].paths), hot_from()

        @cache
        def badge(score: int) -> str:
            label = gettext("Score %(score)d") % {"score": score}
            return ui.badge(label, "orange" if score >= hot else "secondary")

        return [name, lambda row: "" if row[at] is None else badge(row[at]), *others]


class LeadDetail(DetailPage):
    model = Lead
    template_name = "leads/lead_detail.html"
    figures = ("budget", "decision_by")
    panels = (
        Panel(_("Person"), (("full_name", _("Name")), "job_title", "email", "phone", "language"), icon="user"),
        Panel(_("Company"), ("company_name", "website", "city", "province", "country"), icon="building"),
        Panel(_("Interest"), ("interest", "message"), icon="bulb"),
        Panel(_("Where it comes from"), ("source", "campaign", "created_at"), icon="route"),
    )
    select_related = ("company", "contact", "scoring")

    def queryset(self) -> Any:
        return touches.with_touches(with_assignments(super().queryset()))

    outcomes = {
        Lead.State.LOST: Panel(_("Outcome"), ("lost_reason", "closed_at"), icon="flag"),
        Lead.State.CONVERTED: Panel(_("Outcome"), ("company", "contact", "closed_at"), icon="flag"),
    }

    def context(self, record: Lead) -> dict[str, Any]:
        found = super().context(record) | {
            "contributions": scoring.contributions(record),
            "questions": scoring.questions(record) if record.is_open else [],
            "learnt": scoring.blend(),
            **qualify_pages.card(record, self.request.user),
            "touches": touches.shown(record),
            "has_side": True,
        }
        found["figures"].insert(0, Attribute(_("Score"), f"{record.score} / 100" if record.score is not None else "…"))
        if outcome := self.outcomes.get(record.state):
            found["panels"].insert(0, self.panel(record, outcome))
        if rows := further_data(record):
            found["panels"].append({"title": _("Further data"), "icon": "list-details", "rows": rows})
        return found


def further_data(lead: Lead, most: int = 60) -> list[Attribute]:
    """What a form or an import brought along beyond our own fields, as it came."""
    data = lead.attributes if isinstance(lead.attributes, dict) else {}
    return [
        Attribute(further.label(str(key)), str(value)[:300])
        for key, value in list(data.items())[:most]
        if value not in ("", None)
    ]


class LeadCreate(FormPage):
    model = Lead
    form_class = LeadForm
    service = staticmethod(services.create_lead)
    template_name = "leads/lead_form.html"


class LeadEdit(FormPage):
    model = Lead
    form_class = LeadForm
    template_name = "leads/lead_form.html"

    def save_form(self, form: Any, *, new: bool) -> Lead:
        lead: Lead = super().save_form(form, new=new)
        services.lead_changed(lead)
        return lead


class LeadAct(ActPage):
    model = Lead


class LeadDuplicates(Page):
    """While somebody types a lead: companies and leads we know that look like it. A fragment, fetched by the form."""

    model = Lead
    template_name = "leads/duplicates.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        given = {name: request.GET.get(name, "").strip()[:200] for name in likeness.WHO}
        own = request.GET.get("pk", "")
        exclude = int(own) if own.isascii() and own.isdigit() and len(own) < 19 else None
        twins = likeness.similar_leads(request.user, exclude=exclude, by_name=True, **given)
        matches = services.companies_like_lead(Lead(**given)) if request.user.has_perm("parties.view_company") else []
        return self.show({"matches": matches, "twins": [{"twin": twin} for twin in twins], "twins_apart": True})
