"""Letters about cases."""

from core.letters import Letters
from customercare.models import Case

LETTERS = (
    Letters(
        Case,
        ("number", "title", "company.name", "contact.first_name", "contact.last_name", "contract.number", "solution"),
        people=("contact", "company"),
    ),
)
