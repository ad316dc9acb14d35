"""Pages of campaigns: what they cost, who is on their list, what they bring."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from djmoney.money import Money

from core import history
from core.pages import ActPage, Column, DetailPage, FormPage, ListPage, Page, Panel, Related
from leads import services
from leads.campaign_forms import CampaignForm, CostForm, MemberForm
from leads.filters import CampaignFilter, CampaignMemberFilter
from leads.models import Campaign, CampaignCost, CampaignMember


class CampaignList(ListPage):
    model = Campaign
    columns = (
        Column("name", link=True),
        Column("state"),
        Column("kind", hide_on_phone=True),
        Column("starts_on", hide_on_phone=True),
        Column("ends_on", hide_on_phone=True),
        Column("budget", hide_on_phone=True),
        Column("cost"),
        Column("lead_count", kind="number", label=gettext_lazy("Leads")),
        Column("converted_count", kind="number", label=gettext_lazy("Converted leads"), hide_on_phone=True),
        Column("cost_per_lead", kind="money", label=gettext_lazy("Cost per lead")),
    )
    filterset = CampaignFilter
    search_fields = ("name", "channel")
    default_sort = "-starts_on"
    views = ((gettext_lazy("Running campaigns"), "state=running"), (gettext_lazy("My campaigns"), "mine=1"))
    bulk_verbs = ("start", "finish")
    empty_text = gettext_lazy("Plan a fair, a mailing or an event, and see what each lead of it costs.")

    def queryset(self) -> Any:
        return super().queryset().with_figures()


class CampaignDetail(DetailPage):
    model = Campaign
    template_name = "leads/campaign_detail.html"
    figures = (
        ("lead_count", gettext_lazy("Leads")),
        ("converted_count", gettext_lazy("Converted leads")),
        ("shown_cost_per_lead", gettext_lazy("Cost per lead")),
        ("shown_budget_left", gettext_lazy("Budget left")),
    )
    panels = (
        Panel(
            gettext_lazy("Campaign"),
            ("kind", "channel", "starts_on", "ends_on", "budget", "cost", "owner"),
            icon="speakerphone",
        ),
    )
    related = (
        Related(gettext_lazy("Leads"), "leads", ("name", "state", "score")),
        Related(
            gettext_lazy("On the list"),
            "listed",
            (Column("called", label=gettext_lazy("Name"), link=True), "state"),
            create_url="/campaigns/members/new/?campaign={pk}",
            permission="leads.view_campaignmember",
        ),
    )

    def queryset(self) -> Any:
        return super().queryset().with_figures()

    def record(self) -> Campaign:
        found: Any = super().record()
        found.shown_cost_per_lead = Money(found.cost_per_lead, found.currency) if found.lead_count else None
        found.shown_budget_left = found.budget - found.cost
        return found

    def context(self, record: Campaign) -> dict[str, Any]:
        return super().context(record) | {"costs": list(record.costs.all()[:100]), "may_change": self.may("change")}


class CampaignCreate(FormPage):
    model = Campaign
    form_class = CampaignForm


class CampaignEdit(FormPage):
    model = Campaign
    form_class = CampaignForm


class CampaignAct(ActPage):
    model = Campaign


class CostPage(FormPage):
    """Something spent on a campaign: written down, corrected."""

    model = CampaignCost
    form_class = CostForm

    def required_permission(self) -> str:
        return "leads.change_campaign"

    def queryset(self) -> Any:
        return CampaignCost.objects.filter(campaign=self.campaign())

    def campaign(self) -> Campaign:
        found: Campaign = self.fetch(Campaign.objects.visible_to(self.request.user), self.kwargs["campaign"])
        return found

    def form(self, record: Any) -> Any:
        return super().form(record or CampaignCost(campaign=self.campaign()))

    def save_form(self, form: Any, *, new: bool) -> Any:
        form.instance.campaign = self.campaign()
        return form.save()

    def success_url(self, saved: Any) -> str:
        return str(saved.campaign.get_absolute_url())

    def cancel_url(self, record: Any) -> str:
        return self.campaign().get_absolute_url()


class CostDelete(CostPage):
    """POST only: a cost that was no cost. History keeps that it was written down."""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        cost = self.record()
        with history.acting(request.user):
            cost.delete()
        return self.go(cost.campaign.get_absolute_url(), _("Removed: %(cost)s.") % {"cost": cost})


class MemberList(ListPage):
    """Everybody on the lists of campaigns; `?campaign=` narrows it to one."""

    model = CampaignMember
    columns = (
        Column("called", label=gettext_lazy("Name"), link=True),
        Column("campaign__name", label=gettext_lazy("Campaign"), link="campaign", hide_on_phone=True),
        Column("state"),
        Column("invited_at", hide_on_phone=True),
        Column("responded_at", hide_on_phone=True),
        Column("came_at", hide_on_phone=True),
    )
    filterset = CampaignMemberFilter
    search_fields = ("lead__name", "contact__first_name", "contact__last_name")
    bulk_verbs = ("respond", "decline", "attend", "reset")
    empty_text = gettext_lazy("Tick leads in their list and invite them to a campaign.")

    def queryset(self) -> Any:
        return super().queryset().with_names().select_related("lead", "contact")


class MemberDetail(DetailPage):
    model = CampaignMember
    panels = (
        Panel(
            gettext_lazy("Campaign member"),
            ("campaign", "lead", "contact", "invited_at", "responded_at", "came_at"),
            icon="user-star",
        ),
    )


class MemberCreate(FormPage):
    model = CampaignMember
    form_class = MemberForm
    service = staticmethod(services.add_member)

    def success_url(self, saved: Any) -> str:
        return f"{reverse('leads:campaignmember_list')}?campaign={saved.campaign_id}"


class MemberAct(ActPage):
    model = CampaignMember


class CampaignMembers(Page):
    """The address on a campaign's page: its list."""

    model = Campaign

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.go(f"{reverse('leads:campaignmember_list')}?campaign={self.record().pk}")
