"""Cases in the REST API."""

from core.api import DocumentApi
from customercare.models import Case


class CaseApi(DocumentApi):
    model = Case
    prefix = "cases"
    fields = (
        "number", "state", "owner", "title", "company", "contact", "contract", "project", "invoice", "priority", "channel",
        "resolved_at", "closed_at", "satisfaction",
    )  # fmt: skip
    more = ("description", "solution")
