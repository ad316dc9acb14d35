"""Letters about opportunities."""

from core.letters import Letters
from opportunities.models import Opportunity

LETTERS = (
    Letters(
        Opportunity,
        ("number", "name", "company.name", "company.city", "contact.first_name", "contact.last_name", "product.name"),
        people=("contact", "company"),
    ),
)
