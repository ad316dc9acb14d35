"""Leads that may be the same person or company as another one."""

from collections.abc import Iterator
from typing import Any

import rapidfuzz
from django.urls import reverse
from django.utils.translation import gettext as _

from core import fulltext
from core.lifecycle import Reason
from core.merging import Twin, pairs
from core.merging.pairs import Pair
from leads.models import Lead
from parties.duplicates import ALIKE as PEOPLE_ALIKE
from parties.duplicates import same_town
from parties.matching import ALIKE, plain_name, plain_vat_number

_CANDIDATES = 100
_SHOWN = 5
#: Fields that tell who a lead is.
WHO = ("company_name", "first_name", "last_name", "vat_number", "email", "phone", "city")


def similar_leads(user: Any, *, exclude: int | None = None, by_name: bool = True, **known: str) -> list[Twin]:
    """Leads this user may see that may be the same: by number, e-mail, phone or, `by_name`, a very similar name in the town."""
    typed = Lead(pk=exclude, **known)
    visible = Lead.objects.visible_to(user).exclude(pk=exclude)
    found = {lead.pk: Twin(lead, _why(typed, lead)) for lead in typed.others_like_it().visible_to(user)[:_SHOWN]}
    for lead in _alike(visible, typed) if by_name and len(found) < _SHOWN else ():
        found.setdefault(lead.pk, Twin(lead, _("similar name")))
    return list(found.values())[:_SHOWN]


def _why(typed: Lead, lead: Lead) -> str:
    if typed.vat_number and plain_vat_number(typed.vat_number) == plain_vat_number(lead.vat_number):
        return _("same VAT number")
    if typed.email and typed.email.casefold() == lead.email.casefold():
        return _("same e-mail address")
    if typed.company_name and typed.company_name.casefold() == lead.company_name.casefold():
        return _("same company")
    return _("same phone number")


def _alike(rows: Any, typed: Lead) -> list[Lead]:
    """Companies of similar names; people of similar names where no company is known."""
    name, least = (plain_name(typed.company_name), ALIKE) if typed.company_name else (typed.full_name, PEOPLE_ALIKE)
    words = sorted((w for w in name.split() if len(w) > 1 and w.isalnum()), key=len, reverse=True)[:2]
    if not words or (not typed.company_name and not (typed.first_name and typed.last_name)):
        return []
    query = fulltext.beginnings(words, letters=4, every=True)
    candidates = rows.filter(search=query).order_by("-pk")[:_CANDIDATES]
    wanted = fulltext.folded(name)
    return [
        lead
        for lead in candidates
        if bool(lead.company_name) == bool(typed.company_name)
        and same_town(typed.city, lead.city)
        and rapidfuzz.fuzz.token_sort_ratio(wanted, fulltext.folded(_name(lead))) >= least
    ]


def _name(lead: Lead) -> str:
    return plain_name(lead.company_name) if lead.company_name else lead.full_name


def twins_of_lead(user: Any, lead: Lead, thorough: bool) -> list[Twin]:
    return similar_leads(user, exclude=lead.pk, by_name=thorough, **{name: getattr(lead, name) for name in WHO})


def converted_stays(keep: Any, absorb: Any) -> list[Reason]:
    """A lead that has become a deal is the one to keep: its deal hangs on it. Where both have, either can be."""
    if absorb.state != Lead.State.CONVERTED or keep.state == Lead.State.CONVERTED:
        return []
    url = reverse("core:merge", args=["leads", "lead", absorb.pk, keep.pk])
    return [Reason(_("“%(name)s” was converted into a deal: keep that one.") % {"name": absorb}, fix_url=url)]


def pairs_of_leads() -> Iterator[Pair]:
    """Likely duplicates among all open leads: what was converted or lost has found its end."""
    rows = Lead.objects.open()
    yield from pairs.same_key(rows, "vat_number", pairs.letters_and_digits("vat_number"), 104, least=8)
    yield from pairs.same_key(rows, "email", pairs.lower("email"), 101, least=6)
    yield from pairs.same_key(rows, "phone", pairs.last_digits("phone"), 95, least=7)
    newest = rows.exclude(company_name="").order_by("-pk").values_list("pk", "company_name", "city")[: pairs.NEWEST]
    yield from pairs.same_name(((pk, plain_name(name), city) for pk, name, city in newest), alike=ALIKE + 6)
