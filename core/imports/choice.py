"""The choices made on the mapping page, as JSON, and what they mean to the engine.

{"columns": {"Ragione sociale": {"field": "name", "format": "", "values": {...}}, ...}, "key": "vat_number",
 "blanks": ["n.d."], "rest": true}; for `values`, which may be left out, see `core.imports.words`.
"""

import hashlib
from typing import Any

from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import override

from core.fields import imports as own_fields
from core.fields.definitions import PREFIX
from core.imports import words
from core.imports.catalogue import Importable
from core.imports.detect import Format, format_of
from core.imports.lookups import plain
from core.imports.mapping import Map, Spec
from core.imports.reader import Table
from core.imports.resource import RecordResource
from core.imports.run import names_of

LANGUAGES = ("en", "it")
#: What offices head their columns with, beside our own labels in every language.
_SYNONYMS: dict[str, tuple[str, ...]] = {
    "external_key": ("id", "external id", "key", "codice esterno", "mql id", "prospect id", "opportunity id", "istat"),
    "code": ("sku", "codice", "codice articolo", "articolo", "item", "part number", "product code"),
    "name": ("ragione sociale", "denominazione", "azienda", "company name", "account", "account name", "product",
             "prodotto", "descrizione breve", "denominazione ente", "deal name", "opportunity"),
    "company_name": ("company", "ragione sociale", "azienda", "organisation", "organization", "società", "ditta"),
    "company": ("account", "azienda", "cliente", "customer", "ragione sociale", "società"),
    "first_name": ("first name", "nome", "given name"),
    "last_name": ("last name", "surname", "cognome", "family name"),
    "email": ("e-mail", "mail", "e-mail address", "email address", "posta elettronica", "indirizzo e-mail"),
    "phone": ("telefono", "tel", "tel.", "phone number", "telefono fisso"),
    "mobile": ("cellulare", "cell", "cell.", "mobile phone"),
    "website": ("sito", "sito web", "url", "web"),
    "vat_number": ("partita iva", "p. iva", "p.iva", "piva", "vat", "vat number", "vat id", "vat no."),
    "tax_code": ("codice fiscale", "c.f.", "cf", "codice fiscale ente"),
    "sdi_code": ("codice sdi", "sdi", "codice destinatario", "codice univoco", "codice destinatario sdi", "cod. destinatario"),
    "pec": ("pec", "posta certificata", "posta elettronica certificata", "indirizzo pec", "mail pec", "e-mail pec"),
    "street": ("indirizzo", "via", "address", "sede legale"),
    "postcode": ("cap", "zip", "zip code", "postal code", "codice postale", "codice di avviamento postale"),
    "city": ("comune", "città", "citta", "town", "località"),
    "province": ("prov", "prov.", "provincia", "sigla"),
    "country": ("paese", "nazione", "stato estero", "office location"),
    "sector": ("settore", "industry", "nome categoria"),
    "employees": ("dipendenti", "addetti"),
    "annual_revenue": ("fatturato", "revenue"),
    "founded": ("year established", "anno di fondazione"),
    "parent": ("subsidiary of", "capogruppo"),
    "source": ("lead source", "fonte", "provenienza", "origin"),
    "created_at": ("data", "date", "created", "creato il", "first contact date", "engage date", "data creazione"),
    "list_price": ("prezzo", "prezzo di listino", "listino", "price", "sales price"),
    "family": ("famiglia", "series", "categoria", "category"),
    "vat_rate": ("iva", "aliquota", "aliquota iva", "vat rate"),
    "value": ("importo", "amount", "close value", "valore"),
    "expected_close": ("close date", "chiusura prevista"),
    "owner": ("sales agent", "venditore", "agente", "responsabile", "assegnato a", "proprietario", "commerciale",
              "account manager"),
    "job_title": ("ruolo", "qualifica", "mansione"),
    "language": ("lingua",),
    "campaign": ("campagna",),
    "interest": ("interesse", "prodotto di interesse", "product interest"),
    "budget": ("budget previsto", "spesa prevista", "disponibilità di spesa"),
    "need": ("esigenza", "bisogno", "fabbisogno"),
    "authority": ("decisore", "decision maker"),
    "decision_by": ("decisione entro", "data decisione", "decision date"),
    "notes": ("note", "comments"),
    "message": ("messaggio", "note", "richiesta"),
}  # fmt: skip


def fingerprint(headers: list[str]) -> str:
    """The same for the same set of headers, whatever their order."""
    return hashlib.sha256("\n".join(sorted(plain(h) for h in headers if h)).encode()).hexdigest()


def fields_of(resource: RecordResource) -> dict[str, str]:
    """Field name -> label in the reader's language, in the order of the resource."""
    model: Any = resource._meta.model
    labels = {f.name: str(f.verbose_name) for f in model._meta.concrete_fields}
    own = own_fields.labels(model)
    return {name: own.get(name) or capfirst(labels.get(name, name.replace("_", " "))) for name in resource.fields}


def required_of(resource: RecordResource) -> list[str]:
    """Fields a new record cannot be without."""
    columns = {f.name: f for f in resource._meta.model._meta.concrete_fields}
    found = [n for n in resource.fields if n in columns and _is_required(columns[n])]
    return found + own_fields.required(resource._meta.model)


def _is_required(column: Any) -> bool:
    return not (column.null or column.blank or column.has_default() or not column.editable) and not isinstance(
        column, models.BooleanField
    )


def guess(kind: Importable, resource: RecordResource, table: Table) -> dict[str, Any]:
    """A first mapping, by the headers; each field is taken once."""
    called: dict[str, str] = {}
    for name, synonyms in _SYNONYMS.items():
        if name in resource.fields:
            called |= {_bare(word): name for word in synonyms}
    for language in LANGUAGES:
        with override(language):
            called |= {_bare(word): name for word, name in names_of(resource).items()}
    columns: dict[str, Any] = {}
    for at, header in enumerate(table.headers):
        if not header:
            continue
        name = called.get(_bare(header), "")
        if name in {c["field"] for c in columns.values()}:
            name = ""
        form = "" if _is_text(resource, name) else detected(table, at).code
        columns[header] = {"field": name, "format": form}
    taken = {c["field"] for c in columns.values()}
    return {
        "columns": columns,
        "key": next((key for key in kind.keys if key in taken), ""),
        "blanks": [],
        "rest": False,
    }


def _is_text(resource: RecordResource, name: str) -> bool:
    """A phone number and a VAT number look like numbers, and are none."""
    columns: dict[str, Any] = {f.name: f for f in resource._meta.model._meta.concrete_fields}
    return isinstance(columns.get(name), models.CharField | models.TextField)


def _bare(text: str) -> str:
    """A header without what only divides its words."""
    return plain(text.replace("_", " ").replace("-", " ").replace(".", " "))


def detected(table: Table, at: int) -> Format:
    return format_of([line.cells[at] for line in table.lines])


def complaints(mapping: dict[str, Any], kind: Importable, resource: RecordResource) -> list[str]:
    """Why nothing can be imported with this mapping; empty when it can."""
    labels = fields_of(resource)
    chosen = [c["field"] for c in mapping["columns"].values() if c["field"]]
    known = [name for name in chosen if name in labels]
    found = []
    if not chosen:
        found.append(_("No column goes anywhere: choose a field for at least one."))
    for name in sorted({n for n in known if known.count(n) > 1}):
        found.append(_("Two columns go to “%(field)s”: choose one.") % {"field": labels[name]})
    key = mapping["key"]
    if key and key not in chosen:
        found.append(_("No column goes to “%(field)s”, by which rows are to be known.") % {"field": labels[key]})
    missing = [labels[name] for name in required_of(resource) if name not in chosen]
    if missing and not key:
        found.append(_("New records need a column for: %(fields)s.") % {"fields": ", ".join(missing)})
    return found


def _is_there(name: str, kind: Importable) -> bool:
    """A custom field may have been put out of use since it was mapped."""
    return not name.startswith(PREFIX) or name in own_fields.fields_of(kind.model)


def blanks_of(mapping: dict[str, Any]) -> frozenset[str]:
    """Words that mean "not answered", as they are compared."""
    return frozenset(plain(word) for word in mapping.get("blanks", ()))


def to_map(mapping: dict[str, Any], kind: Importable) -> Map:
    """The engine's map."""
    specs = []
    for header, column in mapping["columns"].items():
        sort, _sep, form = column["format"].partition(":")
        if column["field"] and _is_there(column["field"], kind):
            dates = (form,) if sort == "d" else ()
            decimal, values = form if sort == "n" else "", words.values_for(kind, column)
            specs.append(Spec(column["field"], column=header, dates=dates, decimal=decimal, values=values))
    rest = "attributes" if mapping.get("rest") and "attributes" in kind.resource.fields else ""
    return Map(specs=specs, blanks=blanks_of(mapping), rest=rest, resource=kind.name)
