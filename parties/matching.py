"""Which companies we know already look like this one: certain by number or e-mail, likely by name."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

import rapidfuzz
from django.db.models import Q, Value
from django.utils.translation import gettext_lazy

from core import fulltext
from parties.models import Company, Contact
from parties.normal import clean_code

#: Legal forms say nothing about who somebody is.
_LEGAL_FORMS = frozenset((
    "srl", "srls", "spa", "sas", "snc", "sapa", "scarl", "soc", "coop", "societa", "unipersonale", "ltd", "limited",
    "inc", "corp", "llc", "gmbh", "ag", "sa", "sarl", "bv", "oy", "ab",
))  # fmt: skip
#: Mail providers open to everybody: the domain says nothing about the company.
FREE_MAIL = frozenset((
    "gmail.com", "googlemail.com", "libero.it", "hotmail.com", "hotmail.it", "outlook.com", "outlook.it", "live.com",
    "live.it", "yahoo.com", "yahoo.it", "icloud.com", "alice.it", "tin.it", "virgilio.it", "tiscali.it", "email.it",
    "fastwebnet.it", "aol.com", "gmx.com", "gmx.de", "protonmail.com", "proton.me",
))  # fmt: skip
#: Names at least this alike (0 to 100, rapidfuzz's token sort ratio) are worth a look.
ALIKE = 82
_CANDIDATES = 100
_EXACT = 10
#: How much each kind of sameness weighs; names weigh as much as they are alike, at most 100.
_LIKENESS = {"vat_number": 104, "tax_code": 103, "key": 102, "email": 101, "phone": 95}

REASONS = {
    "vat_number": gettext_lazy("same VAT number"),
    "tax_code": gettext_lazy("same tax code"),
    "key": gettext_lazy("same key in the other system"),
    "email": gettext_lazy("same e-mail address"),
    "phone": gettext_lazy("same phone number"),
    "domain": gettext_lazy("same e-mail domain"),
    "name": gettext_lazy("similar name"),
}


@dataclass(frozen=True)
class Match:
    """A company that may be the one meant. Certain ones can be linked without asking."""

    company: Company
    why: str
    likeness: int

    @property
    def certain(self) -> bool:
        return self.why in ("vat_number", "tax_code", "key", "email")

    @property
    def reason(self) -> str:
        return str(REASONS[self.why])

    def __str__(self) -> str:
        name = f"{self.company}, {self.company.city}" if self.company.city else str(self.company)
        return f"{name} ({self.reason})"


def plain_vat_number(value: str) -> str:
    """A VAT number as it is compared: no spaces, capitals, no IT before the eleven digits."""
    return re.sub(r"\W", "", value).upper().removeprefix("IT")


def country_of(vat_number: str, country: str) -> str:
    """A number with a country's letters says where the company is, where nothing else but the house's own country was said."""
    letters = vat_number[:2]
    if not letters.isalpha() or country not in ("", "IT"):
        return country
    return {"EL": "GR", "XI": "GB"}.get(letters, letters)


def plain_name(name: str) -> str:
    """A name as it is compared: small letters, no dots, no legal form."""
    words = re.sub(r"[^\w\s]", "", name.casefold().replace(".", "").replace("-", " ")).split()
    return " ".join(word for word in words if word not in _LEGAL_FORMS)


def domain_of(email: str) -> str:
    """The domain of a business address; empty for those of free providers."""
    domain = email.rpartition("@")[2].strip().casefold()
    return "" if domain in FREE_MAIL else domain


def companies_like(
    *,
    name: str = "",
    vat_number: str = "",
    email: str = "",
    key: str = "",
    tax_code: str = "",
    phone: str = "",
    most: int = 5,
) -> list[Match]:
    """Known companies that look like this one, the most certain first. `key` is a company's key in another system."""
    found: dict[int, Match] = {}
    exact = _exact(vat_number, email, key, tax_code, phone)
    for match in sorted((*exact, *_alike(name, email)), key=lambda match: -match.likeness):
        found.setdefault(match.company.pk, match)
    return sorted(found.values(), key=lambda match: -match.likeness)[:most]


def company_of(*, vat_number: str = "", email: str = "", key: str = "") -> Company | None:
    """The one company that certainly is this one: by VAT number, else by key, else by exact e-mail."""
    matches = sorted(_exact(vat_number, email, key), key=lambda match: -match.likeness)
    return matches[0].company if matches else None


def contact_of(company: Company, email: str, first_name: str = "", last_name: str = "") -> Contact | None:
    """The person at this company with this e-mail address, else of exactly this name."""
    people = Contact.objects.filter(company=company).order_by("pk")
    if email and (found := people.filter(email__iexact=email).first()):
        return found
    if not last_name:
        return None
    named = people.filter(last_name__iexact=last_name, first_name__iexact=first_name)
    return (named.filter(email="") if email else named).first()


def _exact(vat_number: str, email: str, key: str, tax_code: str = "", phone: str = "") -> Iterable[Match]:
    """Companies with one of these numbers or addresses, or with a contact of this e-mail address; in one query."""
    vat, code = plain_vat_number(vat_number), clean_code(tax_code)
    rows, of_phone = fulltext.same_phone(Company.objects.order_by("pk"), ("phone",), phone)
    conditions = {
        "vat_number": Q(vat_number__in=(vat, f"IT{vat}", f"IT {vat}", vat_number)) if vat else None,
        "tax_code": Q(search=fulltext.exactly(code), tax_code__iexact=code) if code else None,
        "key": Q(external_key=key) if key else None,
        "email": Q(search=fulltext.exactly(email), email__iexact=email) if email else None,
        "phone": of_phone,
    }
    asked = [condition for condition in conditions.values() if condition]
    if not asked:
        return
    found = rows.filter(reduce(or_, asked)).annotate(by_contact=Value(False))[:_EXACT]
    for company in found.union(_by_contact(email), all=True) if email else found:
        facts = {
            "vat_number": vat and plain_vat_number(company.vat_number) == vat,
            "tax_code": code and clean_code(company.tax_code) == code,
            "key": key and company.external_key == key,
            "email": email and (company.by_contact or company.email.casefold() == email.casefold()),
        }
        why = next((name for name, same in facts.items() if same), "phone")
        yield Match(company, why, _LIKENESS[why])


def _by_contact(email: str) -> Any:
    """Where somebody with this address works. Not one more condition beside the others: no index would serve them then."""
    people = Contact.objects.filter(search=fulltext.exactly(email), email__iexact=email, company__isnull=False)
    rows = Company.objects.filter(pk__in=people.order_by("pk").values("company")[:3]).order_by("pk")
    return rows.annotate(by_contact=Value(True))


def _alike(name: str, email: str) -> Iterable[Match]:
    wanted, domain = plain_name(name), domain_of(email)
    if (query := _name_query(wanted)) is None:
        return
    for company in Company.objects.filter(search=query).order_by("pk")[:_CANDIDATES]:
        likeness = round(rapidfuzz.fuzz.token_sort_ratio(wanted, plain_name(company.name)))
        if domain and domain in (domain_of(company.email), _host(company.website)):
            yield Match(company, "domain", 100)
        elif likeness >= ALIKE:
            yield Match(company, "name", likeness)


def _name_query(wanted: str) -> Any:
    """Candidates by the index: the beginnings of the two longest words, so that endings may be mistyped."""
    words = sorted((w for w in wanted.split() if len(w) > 1), key=len, reverse=True)[:2]
    return fulltext.beginnings(words, letters=4, every=True) if words else None


def _host(website: str) -> str:
    host = re.sub(r"^\w+://", "", website).partition("/")[0].casefold()
    return host.removeprefix("www.")
