"""The list at the door of an event: tick who came, add who was not on it. Made for a phone in one hand."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.lifecycle import Refused
from core.pages import Page
from core.pages.base import make_form
from leads import services, touches
from leads.capture.typing import PersonForm, take_down
from leads.models import Campaign, CampaignMember, Lead, Touch

#: People on one screen; the others are found by their name.
MOST = 30


class CheckIn(Page):
    """GET shows the list (`?q=` narrows it); POST ticks one (`member`, `do`), or adds somebody."""

    model = Campaign
    permission = "leads.attend_campaignmember"
    title = gettext_lazy("Check-in")
    template_name = "leads/capture/check_in.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.page(make_form(PersonForm, request))

    def page(self, form: Any, status: int = 200) -> HttpResponse:
        campaign = self.record()
        wanted = self.request.GET.get("q", "").strip()[:100]
        invited = self.on_the_list(campaign)
        shown = invited.first_by_name(wanted, MOST + 1)
        rows = invited.with_names().filter(pk__in=shown[:MOST]).select_related("lead", "contact__company")
        context = {
            "campaign": campaign,
            "form": form,
            "wanted": wanted,
            "members": rows.order_by("called", "pk"),
            "most": MOST if len(shown) > MOST else 0,
            **invited.aggregate(came=Count("pk", filter=Q(state=CampaignMember.State.CAME)), invited=Count("pk")),
            "may_add": self.request.user.has_perm("leads.add_lead"),
        }
        return self.show(context, status=status)

    def on_the_list(self, campaign: Campaign) -> Any:
        return CampaignMember.objects.visible_to(self.request.user).filter(campaign=campaign)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        campaign = self.record()
        if member := request.POST.get("member", ""):
            number = int(member) if member.isascii() and member.isdigit() and len(member) < 19 else 0
            self.tick(self.fetch(self.on_the_list(campaign), number))
            return self.back(campaign)
        return self.add(campaign)

    def back(self, campaign: Campaign) -> HttpResponse:
        return self.go(reverse("leads:check_in", args=[campaign.pk]))

    def tick(self, member: CampaignMember) -> None:
        """Came, or a slip of the finger; what was done already is done."""
        try:
            if self.request.POST.get("do") == "undo":
                member.reset(by=self.request.user)
            else:
                came(member, by=self.request.user)
        except Refused as refused:
            messages.warning(self.request, str(refused))

    def add(self, campaign: Campaign) -> HttpResponse:
        if not self.request.user.has_perm("leads.add_lead"):
            raise PermissionDenied
        form = make_form(PersonForm, self.request)
        if not form.is_valid():
            return self.page(form, status=422)
        lead = take_down(form.cleaned_data, channel=Touch.Channel.EVENT, by=self.request.user, campaign=campaign)
        if lead is None:
            form.add_error(None, _("It was written down, and no lead could be made of it: see the submissions."))
            return self.page(form, status=409)
        walk_in(lead, campaign, by=self.request.user)
        messages.success(self.request, _("%(name)s is in.") % {"name": lead})
        return self.back(campaign)


@transaction.atomic
def came(member: CampaignMember, *, by: Any) -> None:
    """Tick somebody; that a lead came is a touch of the campaign's."""
    member.attend(by=by)
    if member.lead is not None:
        touches.record(member.lead, at=timezone.now(), channel=Touch.Channel.EVENT, campaign=member.campaign)


@transaction.atomic
def walk_in(lead: Lead, campaign: Campaign, *, by: Any) -> None:
    """Somebody who was not on the list, or was found on it by their address: the touch is written already."""
    member = lead.campaign_memberships.filter(campaign=campaign).first()
    member = member or services.add_member(by=by, campaign=campaign, lead=lead)
    if member.state != CampaignMember.State.CAME:
        member.attend(by=by)
