"""Pages of opportunities, and the one that opens one from a lead."""

from collections.abc import Sequence
from typing import Any

from django.db.models import ExpressionWrapper, F, Q, Sum
from django.db.models.fields import DecimalField
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core import formats
from core.pages import ActPage, BoardPage, Column, DetailPage, FormPage, HandoverPage, ListPage, Panel, Related
from core.pages.base import make_form
from core.pages.boards import Total
from leads.models import Lead
from leads.services import companies_like_lead
from opportunities import preview, services, undoing
from opportunities.converting import new_company
from opportunities.filters import OpportunityFilter
from opportunities.forms import OpenOpportunityForm, OpportunityForm
from opportunities.models import Opportunity
from parties.models import Company

#: Value times probability in percent, of what is still open.
#: Divided once per sum, not once per row, and nothing multiplied for the many that are won: that takes half the time.
WEIGHTED = ExpressionWrapper(
    Sum(F("value") * F("probability"), filter=Q(state__in=Opportunity.OPEN_STATES)) / 100,
    output_field=DecimalField(max_digits=16, decimal_places=2),
)


class OpportunityList(ListPage):
    model = Opportunity
    columns = (
        Column("number", link=True, hide_on_phone=True),
        Column("name", link=True),
        Column("company__name", link="company", hide_on_phone=True),
        Column("state"),
        Column("value"),
        Column("probability", kind="percent", label=_("Probability"), hide_on_phone=True),
        Column("expected_close", hide_on_phone=True),
        Column("owner", hide_on_phone=True),
        Column("created_at", hide_on_phone=True),
    )
    filterset = OpportunityFilter
    views = (
        (_("My deals"), "mine=1&open=true&sort=expected_close"),
        (_("Open deals"), "open=true&sort=expected_close"),
        (_("Overdue deals"), "overdue=true&sort=expected_close"),
        (_("Won deals"), "state=won"),
    )
    bulk_verbs = ("assign",)
    empty_text = _("Convert a qualified lead, or type in a deal.")


class OpportunityBoard(BoardPage):
    """The pipeline: each column says what it adds up to, and what of it may be counted on."""

    model = Opportunity
    filterset = OpportunityFilter
    sum_field = "value"
    card_title = "name"
    card_fields = (Column("company__name", link="company"), Column("value"), Column("expected_close"), Column("owner"))
    states = ("identified", "qualified", "proposal", "negotiation", "won")
    order = ("-value", "-pk")

    def measures(self) -> dict[str, Any]:
        return super().measures() | {"weighted": WEIGHTED}

    def note(self, state: str, total: Total) -> str:
        weighted = total.written("weighted")
        return gettext("weighted %(amount)s") % {"amount": weighted} if weighted else ""


class OpportunityDetail(DetailPage):
    model = Opportunity
    template_name = "opportunities/opportunity_detail.html"
    figures = ("value", ("shown_probability", _("Probability")), ("weighted", _("Weighted value")), "expected_close")
    panels = (
        Panel(_("Deal"), ("kind", "product", "source", "next_step", "competitors", "description"), icon="target-arrow"),
        Panel(
            _("Customer"),
            ("company", "contact", "contact.job_title", "contact.email", "contact.phone"),
            icon="building",
        ),
    )
    related = (
        Related(_("Quotes"), "quotes", ("number", "state", "gross")),
        Related(_("Sales orders"), "orders", ("number", "state", "gross"), permission="orders.view_salesorder"),
    )
    outcome = Panel(_("Outcome"), ("lost_reason", "closed_on"), icon="flag")

    def record(self) -> Opportunity:
        found: Any = super().record()
        found.shown_probability = formats.percent(found.probability)
        return found

    def context(self, record: Opportunity) -> dict[str, Any]:
        found = super().context(record) | {"title": record.name}
        if record.closed_on:
            found["panels"].insert(1, self.panel(record, self.outcome))
        return found


class OpportunityCreate(FormPage):
    model = Opportunity
    form_class = OpportunityForm
    service = staticmethod(services.create_opportunity)


class OpportunityEdit(FormPage):
    model = Opportunity
    form_class = OpportunityForm


class OpportunityAct(ActPage):
    model = Opportunity


class OpenOpportunity(HandoverPage):
    """Shows what converting the lead will link and make, and lets one say better."""

    model = Opportunity
    source = Lead
    makes = Opportunity
    form_class = OpenOpportunityForm
    service = staticmethod(services.open_opportunity)
    source_argument = "lead"
    permission = "opportunities.add_opportunity"
    title = _("Convert to an opportunity")
    label = _("Convert")
    template_name = "opportunities/open.html"
    intro_template = "opportunities/open_intro.html"
    lines: Sequence[preview.Line] = ()

    def initial(self, source: Lead) -> dict[str, Any]:
        budget: Any = source.budget
        return {
            "name": services.default_name(source),
            "value": budget.amount if budget else None,
            "expected_close": source.decision_by,
        }

    def form(self, source: Lead) -> Any:
        matches = companies_like_lead(source)
        return make_form(self.form_class, self.request, record=source, initial=self.initial(source), matches=matches)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The page; as a fragment, what the choices of the moment would do. Twice leads to what was made the first time."""
        lead = self.record()
        if found := Opportunity.objects.visible_to(request.user).filter(lead=lead).first():
            return self.go(found.get_absolute_url())
        if "preview" in request.GET:
            return self.show({"lines": self.preview(lead, request.GET)}, part="preview")
        return super().get(request, *args, **kwargs)

    def ask_for(self, source: Lead, form: Any, reasons: list[Any], *, status: int = 200) -> HttpResponse:
        chosen = {name: form[name].value() for name in ("link", "company", "fill")}
        self.lines = self.preview(source, chosen)
        return super().ask_for(source, form, reasons, status=status)

    def preview(self, lead: Lead, chosen: Any) -> list[preview.Line]:
        """What the present choices would do. A company that this user does not see is none."""
        link, other = str(chosen.get("link") or ""), str(chosen.get("company") or "")
        wanted = other if link == OpenOpportunityForm.OTHER else link
        company: Any = None
        if wanted.isascii() and wanted.isdigit() and len(wanted) < 19:
            company = Company.objects.visible_to(self.request.user).filter(pk=wanted).first()
        if company is None and link == OpenOpportunityForm.NEW:
            company = new_company(lead)
        return preview.of(lead, company, fill=bool(chosen.get("fill")))


class UndoConversion(HandoverPage):
    """Takes a conversion back, and leads to the lead."""

    model = Lead
    source = Lead
    service = staticmethod(undoing.undo_conversion)
    source_argument = "lead"
    permission = "leads.unconvert_lead"
    title = _("Undo the conversion")
    intro_template = "opportunities/undo_intro.html"
    goes: Sequence[Any] = ()

    def reasons(self, source: Lead) -> list[Any]:
        return undoing.why_not(source)

    def ask_for(self, source: Lead, form: Any, reasons: list[Any], *, status: int = 200) -> HttpResponse:
        self.goes = undoing.what_goes(source)
        return super().ask_for(source, form, reasons, status=status)

    def success_message(self, made: Lead) -> str:
        return gettext("The conversion of “%(lead)s” is undone.") % {"lead": made}
