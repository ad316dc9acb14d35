"""Who may be here already: what the forms of companies and contacts warn of. A warning, never an obstacle."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from rapidfuzz import fuzz

from core import fulltext
from parties.matching import companies_like
from parties.models import Company, Contact

#: Names of people at least this alike (0 to 100), and towns that may be the same one.
ALIKE, SAME_TOWN = 88, 80
_CANDIDATES = 100
_SHOWN = 5


@dataclass(frozen=True)
class Duplicate:
    """A record that may be the same, and why."""

    record: Any
    reason: str


def similar_companies(
    user: Any, *, name: str = "", vat_number: str = "", email: str = "", city: str = "", exclude: int | None = None
) -> list[Duplicate]:
    """Companies this user may see that may be the same: by number, by e-mail, by a very similar name in the same town."""
    matches = companies_like(name=name, vat_number=vat_number, email=email, most=3 * _SHOWN)
    matches = [m for m in matches if m.company.pk != exclude and (m.why != "name" or same_town(city, m.company.city))]
    ids = [match.company.pk for match in matches]
    seen = set(Company.objects.visible_to(user).filter(pk__in=ids).values_list("pk", flat=True)) if ids else set()
    return [Duplicate(m.company, m.reason) for m in matches if m.company.pk in seen][:_SHOWN]


def similar_contacts(
    user: Any, *, first_name: str = "", last_name: str = "", email: str = "", exclude: int | None = None
) -> list[Duplicate]:
    """Contacts this user may see that may be the same person."""
    rows = Contact.objects.visible_to(user).select_related("company").exclude(pk=exclude)
    found: dict[int, Duplicate] = {}
    if email:
        for contact in rows.filter(search=fulltext.exactly(email), email__iexact=email)[:_SHOWN]:
            found[contact.pk] = Duplicate(contact, _("same e-mail address"))
    words = [word for word in f"{first_name} {last_name}".split() if word.isalnum()]
    if first_name and last_name and words:
        query = fulltext.beginnings(words, letters=4, every=False)
        name = f"{first_name} {last_name}".casefold()
        for contact in rows.filter(search=query)[:_CANDIDATES]:
            if fuzz.token_sort_ratio(name, str(contact).casefold()) >= ALIKE:
                found.setdefault(contact.pk, Duplicate(contact, _("similar name")))
    return list(found.values())[:_SHOWN]


def same_town(one: str, other: str) -> bool:
    """Alike, or one of them unknown."""
    one, other = one.strip().casefold(), other.strip().casefold()
    return not one or not other or fuzz.ratio(one, other) >= SAME_TOWN
