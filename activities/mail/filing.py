"""Putting an e-mail on the record it belongs to, by hand."""

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from activities.models import Email
from core import access, history, letters
from core.lifecycle import Refused


def may_attach(email: Email, user: Any) -> bool:
    """Its own people; and, unless it is private, those who look after e-mails without a record."""
    if not user.has_perm("activities.view_email"):
        return False
    return email.concerns(user) or (not email.private and user.has_perm("activities.attach_email"))


def attach(*, email: Email, subject: Any, by: access.Actor) -> Email:
    """Put the e-mail on a record, or on another one. Answers to it, and the answers to those, follow to the new record.

    An e-mail nobody owned becomes the record's owner's. Raises `PermissionDenied`, `Refused`.
    """
    user = access.user_of(by)
    if user is not None and not may_attach(email, user):
        raise PermissionDenied(_("You have no right to do this."))
    if letters.letters_of(type(subject)) is None:
        raise Refused(_("No e-mails are written about records of this kind."))
    with transaction.atomic(), history.acting(by):
        locked = Email._base_manager.select_for_update(of=("self",)).get(pk=email.pk)
        locked.subject_type = ContentType.objects.get_for_model(subject)
        locked.subject_id = subject.pk
        locked.owner_id = locked.owner_id or getattr(subject, "owner_id", None)
        locked.save(update_fields=["subject_type", "subject_id", "owner", "updated_at"])
        history.record("email.attached", locked, by=by, data={"to": str(subject)})
    return locked
