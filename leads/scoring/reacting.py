"""What happens to a lead and is not written on it asks for a new score, where a rule in use looks at it."""

from typing import Any

from django.contrib.contenttypes.models import ContentType

from activities.models import Activity
from leads.models import CampaignMember, Lead
from leads.scoring import many, rules


def happened(group: str, lead: int | None) -> None:
    """One of the `happenings` of a lead is another now; a worker is woken once this transaction is through."""
    if lead is not None and group in rules.current().happens and many.ask_again([lead]):
        many.score_soon()


def on_activity(event: Any) -> None:
    """Reaction: an activity was done, or is to be done again."""
    kind = ContentType.objects.get_for_model(Lead)
    leads = Activity.objects.filter(pk=event.subject_id, subject_type=kind)
    happened("activities", leads.values_list("subject_id", flat=True).first())


def on_member(event: Any) -> None:
    """Reaction: somebody came to a campaign, or did not after all."""
    members = CampaignMember.objects.filter(pk=event.subject_id)
    happened("members", members.values_list("lead_id", flat=True).first())
