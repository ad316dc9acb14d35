"""What notes, activities and e-mails say of people."""

from typing import Any

from django.db.models import CharField, Q, Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext_lazy as _

from activities.models import Activity, Email, Note
from core.privacy.plan import Found, letters
from core.privacy.registry import Holding


def _emails(person: Any, subjects: Any) -> Found:
    known = person.spellings
    theirs = Q(sender__in=known) | Q(to__overlap=known) | Q(cc__overlap=known) if known else Q(pk__in=[])
    return letters(Email.objects.all(), theirs, subjects)


HOLDINGS = (
    Holding(Note, {"body": ""}, about=True, at="created_at", files=("files",)),
    Holding(Activity, {"summary": "—", "outcome": ""}, about=True, at="updated_at"),
    Holding(
        Email,
        {
            **dict.fromkeys(("title", "text", "sender", "sender_name", "in_reply_to"), ""),
            **dict.fromkeys(("to", "cc", "references", "refused"), []),
            # Ids of others' mail programs have their domain in them.
            "message_id": Concat(Value("erased-"), Cast("id", CharField())),
        },
        find=_emails,
        at="sent_at",
        files=("files",),
        hint=_("with their texts and attachments"),
        untold=("private", "automatic", "custom", "tags"),
    ),
)
