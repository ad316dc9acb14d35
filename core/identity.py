"""Who we are on paper: the company in the header of quotes, invoices and e-mails, from ZENCRM_COMPANY_* in the environment."""

import base64
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

_MIMES = {".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg"}

#: The invented company of the demo; check digits are right.
_DEMO = {
    "name": "Aquaflux Impianti S.r.l.",
    "street": "Via dell'Industria 24",
    "postcode": "40138",
    "city": "Bologna",
    "province": "BO",
    "vat_number": "08341570151",
    "tax_code": "08341570151",
    "rea": "BO-512345",
    "capital": "100.000,00 €",
    "email": "info@aquaflux.example",
    "pec": "aquaflux@pec.example",
    "phone": "+39 051 555 0100",
    "website": "www.aquaflux.example",
    "bank": "Banca di Prova",
    "iban": "IT98S0503401633000000123456",
    "logo": str(Path(__file__).resolve().parent.parent / "static" / "zencrm" / "company.svg"),
}


@dataclass(frozen=True)
class Company:
    """Our own company's data. `country` is ISO 3166-1 alpha-2; `rea` and `capital` as Italian letterheads carry them
    (art. 2250 Codice civile); `logo` is the path of an SVG, PNG or JPEG file."""

    name: str = ""
    street: str = ""
    postcode: str = ""
    city: str = ""
    province: str = ""
    country: str = "IT"
    vat_number: str = ""
    tax_code: str = ""
    rea: str = ""
    capital: str = ""
    email: str = ""
    pec: str = ""
    phone: str = ""
    website: str = ""
    bank: str = ""
    iban: str = ""
    logo: str = ""

    @property
    def billing_gaps(self) -> list[Any]:
        """What the law wants to read about us on an invoice (DPR 633/1972, art. 21, c. 2, lett. c-d) and is not set."""
        wanted = {"name": _("name"), "street": _("street"), "city": _("city"), "vat_number": _("VAT number")}
        return [label for name, label in wanted.items() if not getattr(self, name)]

    @property
    def town(self) -> str:
        province = f"({self.province})" if self.province else ""
        return " ".join(part for part in (self.postcode, self.city, province) if part)

    @property
    def iban_groups(self) -> str:
        """The IBAN in groups of four, as people read it."""
        return " ".join(self.iban[i : i + 4] for i in range(0, len(self.iban), 4))

    @property
    def logo_url(self) -> str:
        """The logo as a data URL, "" where there is none: no page or PDF has to find a file."""
        return _data_url(self.logo) if self.logo else ""


def from_environment(read: Callable[..., str], *, demo: bool) -> Company:
    """The company of `ZENCRM_COMPANY_NAME`, `..._STREET` and so on; in the demo, an invented one."""
    known = {field.name: field.default for field in fields(Company)} | (_DEMO if demo else {})
    return Company(**{name: read(f"ZENCRM_COMPANY_{name.upper()}", default=value) for name, value in known.items()})


def invented() -> Company:
    """The demo's company, whatever the environment says."""
    return Company(**_DEMO)


def own() -> Company:
    company: Company = settings.COMPANY
    return company


@cache
def _data_url(path: str) -> str:
    file = Path(path)
    mime = _MIMES.get(file.suffix.lower())
    if mime is None or not file.is_file():
        return ""
    return f"data:{mime};base64,{base64.b64encode(file.read_bytes()).decode()}"
