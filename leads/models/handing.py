"""An owner whom people change stands in the log of assignments like one whom a rule finds."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from core import access


def logged(lead: Any, to: Any, by: access.Actor, note: str = "") -> Any:
    """Returns `to`; that somebody gives them this lead is in the log then, unless it is theirs already or `by` is a job."""
    user = access.user_of(by)
    if user is None or to is None or to.pk == lead.owner_id:
        return to
    facts = {"by": str(user), "taken": user.pk == to.pk, "note": note}
    with override(settings.LANGUAGE_CODE):
        reason = by_hand_in_words(facts)
    lead.assignments.create(user=to, reason=reason, facts=facts, counts_on=timezone.localdate())
    return to


def by_hand_in_words(facts: Mapping[str, Any]) -> str:
    text = _("Taken by hand, by %(by)s.") if facts["taken"] else _("Given by hand, by %(by)s.")
    return " ".join(filter(None, (text % facts, facts["note"])))
