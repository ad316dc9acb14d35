"""The PDF: what it says, in which language, how it breaks over pages, and what is not in it."""

import io
from decimal import Decimal
from typing import Any

import pytest
from pypdf import PdfReader

from quotes import printing
from quotes.models import QuoteLine
from tests.factories import QuoteFactory

pytestmark = pytest.mark.django_db


def quote_of(count: int, *, state: str = "approved", **kwargs: Any) -> Any:
    from tests.factories import _force

    quote = QuoteFactory(line_count=0, **kwargs)
    for n in range(count):
        QuoteLine(
            quote=quote,
            position=n,
            description=f"Articolo {n}\nseconda riga",
            quantity=Decimal("1.5"),
            unit_price=Decimal("1234.5"),
            unit_cost=Decimal("777.77"),
            vat_rate=Decimal(22),
        ).save()
    quote.set_totals()
    quote.save()
    _force(quote, state, {})
    return quote


def pages(content: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]


def test_italian():
    [text] = pages(printing.render(quote_of(1, language="it", notes="Resa franco fabbrica")))
    for words in (
        "Preventivo",
        "Imponibile",
        "1.851,75",
        "407,39",
        "2.259,14",
        "Pagina 1 di 1",
        "Resa franco fabbrica",
    ):
        assert words in text
    assert "Nostra S.r.l." in text and "IT08341570151" in text


def test_english():
    [text] = pages(printing.render(quote_of(1, language="en")))
    for words in ("Quote", "1,851.75", "2,259.14", "Page 1 of 1", "Valid until"):
        assert words in text


def test_sixty_lines_repeat_the_head_and_number_the_pages():
    found = pages(printing.render(quote_of(60, language="it")))
    assert len(found) >= 3
    assert all(f"Pagina {n} di {len(found)}" in text for n, text in enumerate(found, 1))
    with_lines = [text for text in found if "Articolo" in text]
    assert all("Prezzo unitario" in text for text in with_lines)
    assert sum(text.count("Articolo ") for text in found) == 60
    assert [("135.548,10" in text and "Imponibile" in text) for text in found].count(True) == 1


def test_costs_are_not_in_it():
    content = printing.render(quote_of(2))
    assert not any("777" in text or "466" in text for text in pages(content))
    assert b"777" not in content


def test_what_is_not_approved_says_so():
    for state, stamped in (("draft", True), ("pending_approval", True), ("approved", False), ("sent", False)):
        quote = quote_of(1, state=state, language="it")
        text = "".join(pages(printing.render(quote)))
        assert ("BOZZA" in text) is stamped
        assert (quote.token in text.replace("\n", "")) is not stamped


def test_hostile_text_is_text():
    evil = "<img src='file:///etc/passwd'><script>x</script>{{ quote }} & “€”"
    quote = quote_of(1, title=evil[:200], introduction=evil, notes="a" * 4000)
    text = "".join(pages(printing.render(quote)))
    assert "file:///etc/passwd" in text.replace("\n", "")
    assert "{{ quote }}" in text


def test_an_exempt_line_says_why():
    from tests.factories import _force

    quote = QuoteFactory(line_count=0, language="en")
    QuoteLine(quote=quote, description="x", unit_price=100, vat_rate=0, vat_nature="N3.2").save()
    _force(quote, "approved", {})
    text = "".join(pages(printing.render(quote)))
    assert "N3.2 supplies within the EU" in text


def test_letters_of_all_of_europe_are_bold_where_the_text_is():
    quote = quote_of(1, customer_name="Łódź Škoda Σωκράτης Москва")
    [page] = PdfReader(io.BytesIO(printing.render(quote))).pages
    fonts = {str(font.get_object()["/BaseFont"]).partition("+")[2] for font in page["/Resources"]["/Font"].values()}
    assert {f"Text{part}-Semi-Bold" for part in ("", "-Ext", "-Greek", "-Cyrillic")} <= fonts
