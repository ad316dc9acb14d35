"""Activities in the REST API."""

from typing import Any

from activities.models import Activity, Email
from activities.posting import LARGEST, PostActivity, PostEmail
from activities.views import CompleteActivity, ReopenActivity
from core.api import DocumentApi


class ActivityApi(DocumentApi):
    model = Activity
    prefix = "activities"
    fields = ("kind", "summary", "subject", "due_on", "owner", "done_at", "outcome")
    acts = {"complete": CompleteActivity, "reopen": ReopenActivity}

    @classmethod
    def page(cls, kind: str) -> Any:
        """A program names the record in the body, the page has it in its address."""
        return PostActivity if kind == "create" else super().page(kind)


class EmailApi(DocumentApi):
    model = Email
    prefix = "emails"
    fields = (
        "direction", "title", "sender", "sender_name", "to", "cc", "subject", "owner", "private", "automatic", "sent_at",
    )  # fmt: skip
    more = ("text", "language", "template")
    largest = LARGEST

    @classmethod
    def page(cls, kind: str) -> Any:
        return PostEmail if kind == "create" else super().page(kind)

    @classmethod
    def told_to(cls, user: Any, pk: int) -> Any:
        """A private one is nothing for a webhook, whose deliveries others can look at."""
        found = super().told_to(user, pk)
        return None if found is not None and found.private else found
