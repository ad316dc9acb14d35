"""Documents on paper: an HTML template rendered to PDF by WeasyPrint, in the customer's language.

A document's template extends `pdf/base.html` and gets the context of `document_context`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils import translation

from core import formats, identity
from core.pango import weasyprint

MIME = "application/pdf"
#: A line longer than this many characters may be broken over two pages; shorter ones stay whole.
_LONG = 900


@dataclass(frozen=True)
class PrintedLine:
    """A document line as it is printed; the first line of its description stands out."""

    name: str
    more: str
    quantity: str
    unit: str
    unit_price: str
    discount: str
    vat: str
    net: str
    short: bool


@dataclass(frozen=True)
class PrintedRate:
    """What one VAT rate, or one nature of exemption with its words, adds up to."""

    rate: Any
    nature: str
    label: str
    net: Any
    vat: Any


def render(template: str, context: dict[str, Any], *, language: str) -> bytes:
    """Render a template to the bytes of a PDF. Only our own static files and data URLs can be loaded from it."""
    with translation.override(language):
        html = render_to_string(template, {**context, "language": language, "company": identity.own()})
    page = weasyprint().HTML(string=html, base_url=str(settings.BASE_DIR), url_fetcher=_fetcher())
    return page.write_pdf(pdf_tags=True)


def document_context(
    document: Any, lines: Iterable[Any], *, kind: str, number: str, natures: Mapping[str, Any], facts: Iterable[Any]
) -> dict[str, Any]:
    """The context of `pdf/base.html`, in the active language.

    `facts` are (label, value) of the strip under the address, `natures` the words for the codes of exemption. Costs are not
    in it.
    """
    lines = list(lines)
    totals = document.totals
    return {
        "document": document,
        "kind": kind,
        "number": number,
        "subject": document.title,
        "facts": list(facts),
        "currency": str(document.currency),
        "total_label": translation.gettext("Total"),
        "lines": {"rows": [_line(line) for line in lines], "discounted": any(line.discount for line in lines)},
        "totals": {
            "net": totals.net,
            "vat": totals.vat,
            "gross": totals.gross,
            "rates": [
                PrintedRate(r.rate, r.nature, str(natures.get(r.nature, r.nature)), r.net, r.vat) for r in totals.rates
            ],
        },
    }


def _line(line: Any) -> PrintedLine:
    name, _newline, more = line.description.strip().partition("\n")
    price = line.unit_price
    places = next(n for n in (2, 3, 4) if n == 4 or price == round(price, n))
    return PrintedLine(
        name=name,
        more=more.strip(),
        quantity=formats.number(line.quantity),
        unit=line.unit,
        unit_price=formats.number(price, places),
        discount=formats.percent(line.discount, None) if line.discount else "",
        vat=line.vat_nature or formats.percent(line.vat_rate, None),
        net=formats.number(line.net, 2),
        short=len(line.description) < _LONG,
    )


@cache
def _fetcher() -> Any:
    """Hostile text in a document must not read files or reach the network from here."""
    weasyprint()
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class OwnFilesOnly(URLFetcher):
        def fetch(self, url: str, headers: Any = None) -> Any:
            if not url.startswith("static:"):
                return super().fetch(url, headers)
            name = url.removeprefix("static:")
            if not (path := finders.find(name)):
                raise LookupError(f"no static file {name}")
            content = Path(path).read_bytes()
            return URLFetcherResponse(url, content, {"Content-Type": _mime(name)})

    return OwnFilesOnly(allowed_protocols=("data",))


def _mime(name: str) -> str:
    kinds = {".css": "text/css", ".svg": "image/svg+xml", ".woff": "font/woff"}
    return kinds.get(Path(name).suffix, "application/octet-stream")
