"""Steps around a lead that are no change of its state: it comes in, it is changed, it meets others like it."""

from typing import Any

from django.contrib.auth.models import Permission
from django.db import connection, models, transaction
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from core import access, history
from core.access import Actor
from core.lifecycle import Refused
from leads import scoring, touches
from leads.models import Campaign, CampaignMember, Lead, LeadScore, Touch
from parties.matching import Match, companies_like
from parties.models import Contact
from people.models import User

#: Whoever may work leads becomes the owner of those they type in; other people's leads wait for somebody to take them.
MAY_OWN = "leads.take_lead"


@transaction.atomic
def create_lead(*, by: Actor, owner: Any = None, touched: bool = True, **values: Any) -> Lead:
    """Take in a lead, however it comes: form, import, API. The event has it scored within a second or two.

    Its first touch is written too, where a campaign or a source is known; not `touched` by those who know more of it.
    """
    user = access.user_of(by)
    if owner is None and user is not None and user.has_perm(MAY_OWN):
        owner = user
    with history.acting(by):
        lead = Lead.objects.create(owner=owner, **values)
        if touched:
            channel = Touch.Channel.CAMPAIGN if lead.campaign_id else Touch.Channel.OTHER
            Touch.objects.bulk_create(touches.of_new_leads([lead], channel))
        history.record("lead.created", lead, by=by)
    return lead


def lead_changed(lead: Lead) -> None:
    """Call it after saving an edit: if what the score rests on has changed, a worker scores the lead anew."""
    if LeadScore.objects.filter(lead=lead, scored_at=None).exists():
        scoring.score_soon()


def companies_like_lead(lead: Lead) -> list[Match]:
    """Companies we know that may be this lead's, the most certain first."""
    key = str(lead.attributes.get("company_key") or "") if isinstance(lead.attributes, dict) else ""
    return companies_like(
        name=lead.company_name, vat_number=lead.vat_number, email=lead.email, phone=lead.phone, key=key
    )


@transaction.atomic
def add_member(
    *, by: Actor, campaign: Campaign, lead: Lead | None = None, contact: Contact | None = None
) -> CampaignMember:
    """Put a lead or a contact on the list of a campaign. Raises `Refused` for who stands there already."""
    access.demand(by, "leads.add_campaignmember")
    if lead is not None:
        lead.invite(by=by, campaign=campaign)
        return lead.campaign_memberships.get(campaign=campaign)
    if contact is None:
        raise Refused(_("Say who: a lead or a contact."))
    Contact.objects.select_for_update(of=("self",)).get(pk=contact.pk)
    if contact.campaign_memberships.filter(campaign=campaign).exists():
        raise Refused(_("On the list of “%(campaign)s” already.") % {"campaign": campaign})
    with history.acting(by):
        member = CampaignMember.objects.create(campaign=campaign, contact=contact, invited_at=timezone.now())
        history.record("contact.invited", contact, by=by, data={"campaign": campaign})
    return member


def turn_campaigns() -> None:
    """Campaigns begin on their first day, and are over after their last one, if nobody has said so before."""
    today = timezone.localdate()
    for campaign in Campaign.objects.filter(state=Campaign.State.PLANNED, starts_on__lte=today):
        campaign.start(by=access.JOB)
    for campaign in Campaign.objects.running().filter(ends_on__lt=today):
        campaign.finish(by=access.JOB)


def sellers() -> models.QuerySet[User]:
    """Who may work leads, by name, each with how many open ones they have (`open_leads`)."""
    app, codename = MAY_OWN.split(".")
    may = Permission.objects.filter(content_type__app_label=app, codename=codename)
    busy = Lead.objects.open().filter(owner=OuterRef("pk")).order_by().values("owner").annotate(n=Count("pk"))
    return (
        User.objects.filter(is_active=True, groups__permissions__in=may)
        .distinct()
        .annotate(open_leads=Coalesce(Subquery(busy.values("n")), 0))
        .order_by("first_name", "last_name", "pk")
    )


#: One statement: readers find the rows before it or those after it, and what is written meanwhile is left alone.
_FOLD = """
    WITH gone AS (
        DELETE FROM leads_campaigntally
         WHERE campaign_id IN (SELECT campaign_id FROM leads_campaigntally GROUP BY campaign_id HAVING count(*) > 1)
        RETURNING campaign_id, leads, converted
    )
    INSERT INTO leads_campaigntally (campaign_id, leads, converted)
    SELECT campaign_id, sum(leads), sum(converted) FROM gone GROUP BY campaign_id
"""


def fold_tallies() -> None:
    """Add up the tallies of each campaign into one row."""
    with connection.cursor() as cursor:
        cursor.execute(_FOLD)
