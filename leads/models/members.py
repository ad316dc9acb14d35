"""Who is asked to take part in a campaign, what they answered, and whether they came."""

from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce, Concat, NullIf, Trim
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.access import RecordQuerySet
from core.history import tracked
from core.lifecycle import StateField, transition
from core.models import Record, Stateful
from leads.models.campaigns import Campaign
from leads.models.leads import Lead
from parties.models import Contact


class CampaignMemberQuerySet(RecordQuerySet):
    owner_paths = ("lead__owner", "contact__owner")

    def with_names(self) -> Self:
        """With `called`: the lead's name, else the contact's."""
        person = NullIf(Trim(Concat("contact__first_name", Value(" "), "contact__last_name")), Value(""))
        return self.annotate(called=Coalesce(F("lead__name"), person, output_field=models.TextField()))

    def first_by_name(self, wanted: str, most: int) -> list[int]:
        """Ids of the first whose name holds `wanted`, by name.

        Leads and contacts are looked for apart: leads then come in the order of the index of their names, and the search ends
        where there are enough of them.
        """
        leads = self.filter(lead__isnull=False).annotate(called=F("lead__name")).order_by("lead__name", "pk")
        contacts = self.filter(lead__isnull=True).with_names().order_by("called", "pk")
        first, second = (
            (rows.filter(called__icontains=wanted) if wanted else rows).values_list("called", "pk")[:most]
            for rows in (leads, contacts)
        )
        return [pk for _name, pk in first.union(second, all=True).order_by("called", "pk")[:most]]


@tracked()
class CampaignMember(Stateful, Record):
    """A lead or a contact in a campaign. Somebody may come without having been invited, or without an answer.

    There is no unique constraint on campaign and person: two records of one person that are found to be one are merged,
    and both may have been invited. `leads.campaigns.invite` adds nobody twice.
    """

    ICON = "user-star"
    OWN_FIELDS = False

    class State(models.TextChoices):
        INVITED = "invited", pgettext_lazy("campaign", "Invited")
        RESPONDED = "responded", pgettext_lazy("campaign", "Said yes")
        DECLINED = "declined", pgettext_lazy("campaign", "Said no")
        CAME = "came", pgettext_lazy("campaign", "Came")

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="members", verbose_name=_("campaign"))
    state = StateField(choices=State.choices, default=State.INVITED)
    lead = models.ForeignKey(
        Lead,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="campaign_memberships",
        verbose_name=_("lead"),
    )
    contact = models.ForeignKey(
        Contact,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="campaign_memberships",
        verbose_name=_("contact"),
    )
    invited_at = models.DateTimeField(_("invited"), null=True, blank=True, editable=False)
    responded_at = models.DateTimeField(_("answered"), null=True, blank=True, editable=False)
    came_at = models.DateTimeField(_("came"), null=True, blank=True, editable=False)

    objects = CampaignMemberQuerySet.as_manager()

    class Meta:
        verbose_name = _("campaign member")
        verbose_name_plural = _("campaign members")
        ordering = ("-created_at", "-pk")
        default_permissions = ("view", "add")
        indexes = [
            models.Index(fields=["campaign", "state", "-created_at", "-id"], name="member_of_campaign"),
            models.Index(fields=["campaign", "-created_at", "-id"], name="member_newest_of_campaign"),
            models.Index(fields=["-created_at", "-id"], name="member_newest"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(lead__isnull=False) ^ Q(contact__isnull=False), name="member_is_a_lead_or_a_contact"
            )
        ]

    def __str__(self) -> str:
        return str(self.person)

    @property
    def person(self) -> Any:
        return self.lead or self.contact

    @transition(
        source=(State.INVITED, State.DECLINED),
        target=State.RESPONDED,
        label=_("Said yes"),
        event="responded",
        past=_("noted that they said yes"),
        tone="primary",
    )
    def respond(self, *, by: Any, at: datetime | None = None) -> None:
        self.responded_at = at or timezone.now()

    @transition(
        source=(State.INVITED, State.RESPONDED),
        target=State.DECLINED,
        label=_("Said no"),
        event="declined",
        past=_("noted that they said no"),
    )
    def decline(self, *, by: Any, at: datetime | None = None) -> None:
        self.responded_at = at or timezone.now()

    @transition(
        source=(State.INVITED, State.RESPONDED, State.DECLINED),
        target=State.CAME,
        label=_("Came"),
        event="came",
        past=_("noted that they came"),
        tone="primary",
    )
    def attend(self, *, by: Any, at: datetime | None = None) -> None:
        self.came_at = at or timezone.now()

    @transition(
        source=(State.RESPONDED, State.DECLINED, State.CAME),
        target=State.INVITED,
        label=_("Take back"),
        event="reset",
        past=_("took the answer back"),
        tone="danger",
    )
    def reset(self, *, by: Any) -> None:
        """A slip of the finger at the door is mended."""
        self.responded_at = self.came_at = None
