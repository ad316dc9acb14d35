"""Who may be here already: the same VAT number or e-mail, or a very similar name in the same town.

The database's indexes find candidates, rapidfuzz compares them; a warning, never an obstacle.
"""

import re
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.search import SearchQuery
from django.db.models import Q
from django.utils.translation import gettext as _
from rapidfuzz import fuzz

from parties.models import Company, Contact
from parties.normal import clean_vat_number

#: Similarity (0 to 100) from which names are taken for the same.
ALIKE = 88
_CANDIDATES = 200
_SHOWN = 5
_WORD = re.compile(r"\w{3,}", re.UNICODE)
_LEGAL_FORMS = re.compile(
    r"\b(s\.?\s?r\.?\s?l\.?s?|s\.?\s?p\.?\s?a\.?|s\.?\s?n\.?\s?c\.?|s\.?\s?a\.?\s?s\.?|gmbh|ltd|inc|corporation|corp|"
    r"company|co|sa|ag|soc\.? coop\.?)(?=\W|$)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Duplicate:
    """A record that may be the same, and why."""

    record: Any
    reason: str


def bare_name(name: str) -> str:
    """A company's name without its legal form, for comparison."""
    return " ".join(_LEGAL_FORMS.sub(" ", name).casefold().split())


def similar_companies(
    user: Any, *, name: str = "", vat_number: str = "", email: str = "", city: str = "", exclude: int | None = None
) -> list[Duplicate]:
    """Companies this user may see that may be the same as the one described."""
    rows = Company.objects.visible_to(user).exclude(pk=exclude)
    found: dict[int, Duplicate] = {}
    if number := clean_vat_number(vat_number):
        _add(found, rows.filter(vat_number=number), _("the same VAT number"))
    if email:
        _add(found, rows.filter(search=_phrase(email), email__iexact=email), _("the same e-mail address"))
    for candidate in _candidates(rows, name):
        if _alike(bare_name(name), bare_name(candidate.name)) and _same_town(city, candidate.city):
            found.setdefault(candidate.pk, Duplicate(candidate, _("a very similar name")))
    return list(found.values())[:_SHOWN]


def similar_contacts(
    user: Any, *, first_name: str = "", last_name: str = "", email: str = "", exclude: int | None = None
) -> list[Duplicate]:
    """Contacts this user may see that may be the same person."""
    rows = Contact.objects.visible_to(user).select_related("company").exclude(pk=exclude)
    found: dict[int, Duplicate] = {}
    if email:
        _add(found, rows.filter(search=_phrase(email), email__iexact=email), _("the same e-mail address"))
    name = f"{first_name} {last_name}".strip()
    for candidate in _candidates(rows, last_name) if first_name else ():
        if _alike(name.casefold(), str(candidate).casefold()):
            found.setdefault(candidate.pk, Duplicate(candidate, _("a very similar name")))
    return list(found.values())[:_SHOWN]


def _add(found: dict[int, Duplicate], rows: Any, reason: str) -> None:
    for record in rows[:_SHOWN]:
        found.setdefault(record.pk, Duplicate(record, reason))


def _phrase(text: str) -> SearchQuery:
    return SearchQuery(text[:200], config="simple")


def _candidates(rows: Any, name: str) -> Any:
    """Rows that share the beginning of a word with the name, found by the index."""
    words = _WORD.findall(bare_name(name))[:6]
    if not words:
        return ()
    wanted = " | ".join(f"{word[:5]}:*" for word in words)
    return rows.filter(Q(search=SearchQuery(wanted, search_type="raw", config="simple")))[:_CANDIDATES]


def _alike(one: str, other: str) -> bool:
    return bool(one and other) and fuzz.token_sort_ratio(one, other) >= ALIKE


def _same_town(one: str, other: str) -> bool:
    """Alike, or one of them unknown."""
    return not one.strip() or not other.strip() or fuzz.ratio(one.casefold().strip(), other.casefold().strip()) >= 80
