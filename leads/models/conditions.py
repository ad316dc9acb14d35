"""Why a verb of a lead is not possible now."""

from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.lifecycle import Reason

#: For so long a conversion can be taken back.
UNDO_WITHIN = timedelta(hours=24)


def can_be_reached(lead: Any) -> Reason | None:
    if lead.email or lead.phone:
        return None
    return Reason(str(_("Add an e-mail address or a phone number first.")), fix_url=f"{lead.edit_url}#id_email")


def has_a_name(lead: Any) -> Reason | None:
    if lead.company_name or lead.last_name:
        return None
    return Reason(
        str(_("Add the name of the company or of the person first.")), fix_url=f"{lead.edit_url}#id_last_name"
    )


def can_still_be_undone(lead: Any) -> bool:
    """Whether the conversion is young enough to be taken back; whether anything has come of it, others judge."""
    return lead.closed_at is not None and timezone.now() - lead.closed_at <= UNDO_WITHIN
