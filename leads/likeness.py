"""Leads that may be the same person or company as another one."""

from typing import Any

from django.utils.translation import gettext as _

from core.lifecycle import Reason
from leads.models import Lead


def converted_stays(keep: Any, absorb: Any) -> list[Reason]:
    """A lead that has become a deal is the one to keep: its deal hangs on it."""
    if absorb.state != Lead.State.CONVERTED:
        return []
    return [Reason(_("“%(name)s” was converted into a deal: keep that one.") % {"name": absorb})]
