"""Who may be here already: what the forms and pages of companies and contacts warn of. A warning, never an obstacle."""

from functools import reduce
from operator import or_
from typing import Any

import rapidfuzz
from django.db.models import Q
from django.utils.translation import gettext as _

from core import fulltext
from core.merging import Twin
from parties.matching import companies_like
from parties.models import Company, Contact

#: Names of people at least this alike (0 to 100), and towns that may be the same one.
ALIKE, SAME_TOWN = 88, 80
_CANDIDATES = 100
_SHOWN = 5
#: Fields that tell who a company or a person is.
COMPANY = ("name", "vat_number", "tax_code", "email", "phone", "city")
CONTACT = ("first_name", "last_name", "email", "phone", "mobile")


def similar_companies(user: Any, *, city: str = "", exclude: int | None = None, **known: str) -> list[Twin]:
    """Companies this user may see that may be the same: by number, e-mail or phone, by a very similar name in the same town."""
    matches = companies_like(**known, most=3 * _SHOWN)
    matches = [m for m in matches if m.company.pk != exclude and (m.why != "name" or same_town(city, m.company.city))]
    ids = [match.company.pk for match in matches]
    seen = set(Company.objects.visible_to(user).filter(pk__in=ids).values_list("pk", flat=True)) if ids else set()
    return [Twin(m.company, m.reason) for m in matches if m.company.pk in seen][:_SHOWN]


def similar_contacts(
    user: Any,
    *,
    first_name: str = "",
    last_name: str = "",
    email: str = "",
    phone: str = "",
    mobile: str = "",
    exclude: int | None = None,
) -> list[Twin]:
    """Contacts this user may see that may be the same person."""
    rows = Contact.objects.visible_to(user).select_related("company").exclude(pk=exclude)
    found = _reached_alike(rows, email, (mobile, phone))
    words = [word for word in f"{first_name} {last_name}".split() if word.isalnum()]
    if first_name and last_name and words:
        query = fulltext.beginnings(words, letters=3, every=True)
        name = fulltext.folded(f"{first_name} {last_name}")
        known = rows.filter(search=query).values_list("pk", "first_name", "last_name")[:_CANDIDATES]
        alike = [
            pk
            for pk, *names in known
            if rapidfuzz.fuzz.token_sort_ratio(name, fulltext.folded(" ".join(names))) >= ALIKE
        ]
        for contact in rows.filter(pk__in=alike[:_SHOWN]) if alike else ():
            found.setdefault(contact.pk, Twin(contact, _("similar name")))
    return list(found.values())[:_SHOWN]


def _reached_alike(rows: Any, email: str, phones: tuple[str, ...]) -> dict[int, Twin]:
    """People with this e-mail address or one of these phone numbers. A colleague may have the same switchboard."""
    asked = [Q(search=fulltext.exactly(email), email__iexact=email)] if email else []
    for phone in phones:
        rows, condition = fulltext.same_phone(rows, ("phone", "mobile"), phone)
        asked += [condition] if condition is not None else []
    if not asked:
        return {}
    same_email = Q(email__iexact=email) & ~Q(email="")
    rows = (
        rows.filter(reduce(or_, asked))
        .annotate(same_email=same_email)
        .order_by("-same_email", "last_name", "first_name")
    )
    why = {True: _("same e-mail address"), False: _("same phone number")}
    return {contact.pk: Twin(contact, why[contact.same_email]) for contact in rows[: 2 * _SHOWN]}


def same_town(one: str, other: str) -> bool:
    """Alike, or one of them unknown."""
    one, other = fulltext.folded(one.strip()), fulltext.folded(other.strip())
    return not one or not other or rapidfuzz.fuzz.ratio(one, other) >= SAME_TOWN


def twins_of_company(user: Any, company: Company, _thorough: bool) -> list[Twin]:
    return similar_companies(user, exclude=company.pk, **{name: getattr(company, name) for name in COMPANY})


def twins_of_contact(user: Any, contact: Contact, _thorough: bool) -> list[Twin]:
    return similar_contacts(user, exclude=contact.pk, **{name: getattr(contact, name) for name in CONTACT})
