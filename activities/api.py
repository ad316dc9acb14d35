"""Activities in the REST API."""

from activities.models import Activity
from activities.views import CompleteActivity, ReopenActivity
from core.api import DocumentApi


class ActivityApi(DocumentApi):
    model = Activity
    prefix = "activities"
    fields = ("kind", "summary", "subject", "due_on", "owner", "done_at", "outcome")
    acts = {"complete": CompleteActivity, "reopen": ReopenActivity}
