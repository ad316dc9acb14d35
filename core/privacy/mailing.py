"""The gate of what is sent for a purpose people have to agree to: asked when it is posted, and again when it goes."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from core.models import Purpose
from core.privacy.consent import consenting
from core.privacy.registry import is_person


def why_not(subject: Any, code: str, to: Iterable[str]) -> str:
    """Why this person cannot be written to for this purpose at these addresses; "" where they have agreed."""
    purpose = Purpose.objects.filter(code=code).first()
    if purpose is None or not is_person(subject):
        return _("Only people who have agreed to a purpose are written to for it.")
    if {address.lower() for address in to} != {subject.email.lower()}:
        return _("Their consent is for their own address only.")
    if not consenting(type(subject)._base_manager.filter(pk=subject.pk), purpose).exists():
        return _("There is no valid consent to “%(purpose)s”.") % {"purpose": purpose}
    return ""
