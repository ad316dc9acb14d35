"""Likely duplicates among all companies, and among all contacts."""

from collections.abc import Iterator

from django.db.models import Value
from django.db.models.functions import Concat, Lower
from django.utils.translation import gettext as _

from core.merging import pairs
from core.merging.pairs import Pair
from parties.duplicates import ALIKE as PEOPLE_ALIKE
from parties.matching import ALIKE, REASONS, plain_name
from parties.models import Company, Contact

#: Shorter keys say nothing.
_CODE, _MAIL, _PHONE = 8, 6, 7


def of_companies() -> Iterator[Pair]:
    rows = Company.objects.all()
    yield from pairs.same_key(rows, "vat_number", pairs.letters_and_digits("vat_number"), 104, least=_CODE)
    yield from pairs.same_key(rows, "tax_code", pairs.letters_and_digits("tax_code"), 103, least=_CODE)
    yield from pairs.same_key(rows, "email", pairs.lower("email"), 101, least=_MAIL)
    yield from pairs.same_key(rows, "phone", pairs.last_digits("phone"), 95, least=_PHONE)
    newest = rows.order_by("-pk").values_list("pk", "name", "city")[: pairs.NEWEST]
    yield from pairs.same_name(((pk, plain_name(name), city) for pk, name, city in newest), alike=ALIKE + 6)


def of_contacts() -> Iterator[Pair]:
    """A phone may be the company's: it counts together with the last name. Names count within one company."""
    rows = Contact.objects.all()
    yield from pairs.same_key(rows, "email", pairs.lower("email"), 101, least=_MAIL)
    for column in ("mobile", "phone"):
        called = rows.exclude(**{column: ""})
        key = Concat(pairs.last_digits(column), Value(" "), Lower("last_name"))
        yield from pairs.same_key(called, "phone", key, 95, least=_PHONE + 3)
    newest = rows.exclude(company=None).order_by("-pk").values_list("pk", "first_name", "last_name", "company")
    people = ((pk, f"{first} {last}", f"#{company}") for pk, first, last, company in newest[: pairs.NEWEST])
    yield from pairs.same_name(people, alike=PEOPLE_ALIKE, town_alike=100)


def words(why: str) -> str:
    """Why two look the same, in the reader's language."""
    return str(REASONS.get(why, _("similar name")))
