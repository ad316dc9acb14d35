"""What a person was sent by mailings and sequences, in the timeline of their page."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.history import Entry
from core.privacy.registry import is_person
from leads.models import Send

#: Mails of one person that are told.
_MOST = 50


def entries(record: Any, user: Any) -> Iterable[Entry]:
    """A line for each mail, with what came of it, for those who see mailings."""
    if not is_person(record) or not user.has_perm("leads.view_sequence"):
        return []
    rows = Send.objects.about(record).select_related("edition", "mailing", "enrolment__sequence")[:_MOST]
    return [_entry(send) for send in rows]


def _entry(send: Send) -> Entry:
    words = _("sent the mail “%(title)s”") % {"title": send.edition}
    return Entry(send.at, str(send.sender), "mail", words, body=_outcome(send), icon="mail-forward")


def _outcome(send: Send) -> str:
    found = (
        (send.bounced_at, _("Came back")),
        (send.unsubscribed_at, _("Unsubscribed")),
        (send.replied_at, _("Replied")),
        (send.clicked_at, _("Clicked")),
        (send.opened_at, pgettext("mail", "Opened")),
    )
    return ", ".join(words for at, words in found if at)
