"""A small site of page classes over real models, so that the classes are tested apart from the stages that use them."""

from importlib import import_module
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.utils.translation import gettext_lazy as _

from core.filters import FilterSet
from core.forms import Form, ModelForm, PickerField, lines_formset
from core.pages import ActPage, BoardPage, Column, DetailPage, FormPage, ListPage, Panel, Related, pages
from leads.models import Campaign, Lead
from opportunities.models import Opportunity
from parties.models import Company
from quotes.models import Quote, QuoteLine
from zencrm import urls


class LeadFilter(FilterSet):
    state = django_filters.MultipleChoiceFilter(choices=Lead.State.choices, label=_("State"))
    score = django_filters.RangeFilter(label=_("Score"), field_name="scored__score")
    created = django_filters.DateFromToRangeFilter("created_at", label=_("Created"))
    campaign = django_filters.ModelChoiceFilter(queryset=Campaign.objects.all(), label=_("Campaign"))

    class Meta:
        model = Lead
        fields = ("state", "score", "created", "campaign")


class LeadForm(ModelForm):
    sections = (
        (_("Person"), ("first_name", "last_name", "job_title", "email", "phone")),
        (_("Company"), ("company_name", "vat_number", "city", "country", "website")),
        (_("Interest"), ("interest", "budget", "decision_by", "campaign", "message")),
    )

    class Meta:
        model = Lead
        fields = (
            "first_name", "last_name", "job_title", "email", "phone", "company_name", "vat_number", "city", "country",
            "website", "interest", "budget", "decision_by", "campaign", "message",
        )  # fmt: skip


class LeadList(ListPage):
    model = Lead
    columns = (
        Column("company_name", link=True),
        Column("last_name"),
        Column("state"),
        Column("score"),
        Column("owner"),
        Column("campaign__name", link="campaign"),
        Column("budget"),
        Column("decision_by"),
        Column("created_at"),
    )
    filterset = LeadFilter
    views = ((_("Mine"), "mine=1"), (_("New"), "state=new"))
    bulk_verbs = ("take",)
    empty_text = _("Type in a lead or import a list.")


class LeadBoard(BoardPage):
    model = Lead
    sum_field = "budget"
    card_title = "company_name"
    card_fields = ("last_name", "budget", "owner")


class LeadDetail(DetailPage):
    model = Lead
    figures = ("score", "budget")
    panels = (
        Panel(_("Person"), ("full_name", "job_title", "email", "phone")),
        Panel(_("Company"), ("company_name", "vat_number", "city", "website")),
        Panel(_("Interest"), ("interest", "campaign", "decision_by", "message", "created_at"), icon="bulb"),
    )
    related = (Related(_("Siblings"), "siblings", ("company_name", "state")),)

    def record(self) -> Any:
        found = super().record()
        found.siblings = lambda: siblings(found)
        return found


def siblings(lead: Lead) -> QuerySet[Lead]:
    return Lead.objects.filter(company_name=lead.company_name).exclude(pk=lead.pk)


class LeadCreate(FormPage):
    model = Lead
    form_class = LeadForm


class LeadEdit(FormPage):
    model = Lead
    form_class = LeadForm


class LeadAct(ActPage):
    model = Lead


class CompanyList(ListPage):
    model = Company
    columns = (Column("name"), Column("city"))
    default_sort = "name"


class QuoteForm(ModelForm):
    class Meta:
        model = Quote
        fields = ("title", "company")


class TryForm(Form):
    opportunity = PickerField(Opportunity.objects.all())


class Try(FormPage):
    model = Lead
    form_class = TryForm


class QuoteDetail(DetailPage):
    model = Quote
    figures = ("net", "gross")
    panels = (Panel(_("Quote"), ("number", "title", "company", "company.city")),)
    lines = "lines"


class QuoteEdit(FormPage):
    model = Quote
    form_class = QuoteForm
    lines = lines_formset(Quote, QuoteLine)


class QuoteAct(ActPage):
    model = Quote


class CampaignDetail(DetailPage):
    model = Campaign
    panels = (Panel(_("Campaign"), ("name", "budget", "cost")),)
    related = (Related(_("Leads"), "leads", ("company_name", "state", "budget")),)


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("broken on purpose")


lead_pages = pages(
    Lead,
    list=LeadList,
    board=LeadBoard,
    detail=LeadDetail,
    create=LeadCreate,
    edit=LeadEdit,
    act=LeadAct,
    prefix="leads",
)
OWN = {
    "leads": lead_pages + pages(Campaign, detail=CampaignDetail, prefix="campaigns"),
    "parties": pages(Company, list=CompanyList, prefix="companies"),
    "quotes": pages(Quote, detail=QuoteDetail, edit=QuoteEdit, act=QuoteAct, prefix="quotes"),
}
# These pages come first at their addresses; everything else is as in the house.
urlpatterns = [
    path("broken/", broken),
    path("try/", Try.as_view()),
    *(path("", include((own + import_module(f"{app}.urls").urlpatterns, app))) for app, own in OWN.items()),
    *urls.urlpatterns,
]
handler400, handler403, handler404, handler500 = urls.handler400, urls.handler403, urls.handler404, urls.handler500
