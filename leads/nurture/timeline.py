"""What a person was sent by mailings and sequences, in the timeline of their page."""

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.history import Entry
from core.privacy.registry import is_person
from core.written import Statement
from leads.models import Send

#: Mails of one person that are told.
_MOST = 50
#: What may come of a mail, the weightiest first.
_OUTCOMES = {
    "bounced_at": gettext_lazy("Came back"),
    "unsubscribed_at": gettext_lazy("Unsubscribed"),
    "replied_at": gettext_lazy("Replied"),
    "clicked_at": gettext_lazy("Clicked"),
    "opened_at": pgettext_lazy("mail", "Opened"),
}


def entries(record: Any, user: Any) -> Iterable[Entry]:
    """A line for each mail, with what came of it, for those who see mailings."""
    if not is_person(record) or not user.has_perm("leads.view_sequence"):
        return []
    kind = ContentType.objects.get_for_model(record)
    return [_entry(*row) for row in _sends().rows({Statement.BLANK: kind.pk, Statement.SECOND: record.pk})]


@cache
def _sends() -> Statement:
    """The last mails to a person (kind, id): when, under which subject, by which mailing or sequence, what came of it."""
    rows = Send.objects.filter(subject_type=Statement.BLANK, subject_id=Statement.SECOND).order_by("-at", "-pk")
    sender = Coalesce("mailing__name", "enrolment__sequence__name")
    return Statement.of(rows.values_list("at", "edition__title", sender, *_OUTCOMES)[:_MOST])


def _entry(at: datetime, title: str, sender: str, *outcomes: datetime | None) -> Entry:
    words = _("sent the mail “%(title)s”") % {"title": title}
    found = ", ".join(str(name) for name, when in zip(_OUTCOMES.values(), outcomes, strict=True) if when)
    return Entry(at, sender, "mail", words, body=found, icon="mail-forward")
