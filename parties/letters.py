"""Letters to companies and people."""

from core.letters import Letters
from parties.models import Company, Contact

LETTERS = (
    Letters(Contact, ("first_name", "last_name", "job_title", "company.name", "company.city"), known_by="email"),
    Letters(
        Company,
        ("name", "city", "sector", "website", "vat_number", "payment_days"),
        people=("", "contacts"),
        known_by="email",
    ),
)
