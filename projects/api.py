"""Projects in the REST API."""

from core.api import DocumentApi
from projects.models import Project


class ProjectApi(DocumentApi):
    model = Project
    prefix = "projects"
    fields = (
        "number", "state", "owner", "contract", "company", "starts_on", "ends_on", "progress", "currency", "revenue", "budget",
        "closed_at",
    )  # fmt: skip
    more = ("description",)
    without = ("order_goods",)  # POST to purchases with this project
