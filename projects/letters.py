"""Letters about projects."""

from core.letters import Letters
from projects.models import Project

LETTERS = (
    Letters(
        Project,
        ("number", "name", "company.name", "contract.number", "starts_on", "ends_on"),
        people=("contract.contact", "company"),
    ),
)
