"""Activities in the REST API."""

from typing import Any

from activities.models import Activity, Email
from activities.views import CompleteActivity, ReopenActivity
from core.api import DocumentApi


class ActivityApi(DocumentApi):
    model = Activity
    prefix = "activities"
    fields = ("kind", "summary", "subject", "due_on", "owner", "done_at", "outcome")
    acts = {"complete": CompleteActivity, "reopen": ReopenActivity}


class EmailApi(DocumentApi):
    model = Email
    prefix = "emails"
    fields = (
        "direction", "title", "sender", "sender_name", "to", "cc", "subject", "owner", "private", "automatic", "sent_at",
    )  # fmt: skip
    more = ("text",)

    @classmethod
    def seen_by(cls, user: Any, pk: int) -> Any:
        """A private one is nothing for a webhook, whose deliveries others can look at."""
        found = super().seen_by(user, pk)
        return None if found is not None and found.private else found
