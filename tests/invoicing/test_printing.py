"""The PDF: what it says, in whose language, printed once and for all."""

import io
from decimal import Decimal

import pytest
from pypdf import PdfReader

from core.access import JOB
from invoicing import printing
from invoicing.services import credit_invoice, draft_free_invoice, draft_invoice
from invoicing.tasks import print_invoice
from tests.factories import CompanyFactory, ContractFactory

pytestmark = pytest.mark.django_db


def text_of(content: bytes) -> str:
    text = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    return " ".join(text.split())


@pytest.fixture
def invoice():
    company = CompanyFactory(name="Officine <b>Rossi</b> & C. S.n.c.", language="it")
    invoice = draft_invoice(contract=ContractFactory(state="active", company=company), by=JOB)
    invoice.issue(by=JOB)
    return invoice


def test_what_an_italian_invoice_says(invoice):
    text = text_of(printing.render(invoice))
    for wanted in ("Fattura", invoice.number, "Officine <b>Rossi</b> & C. S.n.c.", "Via Roma 1", "00743110157",
                   "22", "2.000,00", "440,00", "2.440,00", "Totale da pagare", "Scadenza",
                   "IVA a esigibilità immediata"):  # fmt: skip
        assert wanted in text, wanted
    assert "BOZZA" not in text


def test_a_draft_says_that_it_is_one_in_the_customers_language():
    company = CompanyFactory(language="en")
    draft = draft_invoice(contract=ContractFactory(state="active", company=company), by=JOB)
    text = text_of(printing.render(draft))
    assert "DRAFT" in text and "Invoice" in text and "€2,440.00" in text
    draft.company.language = "it"
    draft.company.save()
    draft.take_customer()
    assert "BOZZA" in text_of(printing.render(draft))


def test_a_credit_note_names_the_invoice_and_the_reason(invoice):
    note = credit_invoice(invoice=invoice, by=JOB, reason="Merce resa dal cliente")
    text = text_of(printing.render(note))
    assert "Nota di credito" in text and note.number in text and invoice.number in text
    assert "Merce resa dal cliente" in text and "Totale accreditato" in text and "Scadenza" not in text


def test_two_rates_and_an_exemption():
    lines = [
        {"description": "Bene", "unit_price": Decimal("10.01"), "vat_rate": Decimal(22)},
        {"description": "Libro", "unit_price": Decimal("20.02"), "vat_rate": Decimal(4)},
        {"description": "Bollo", "unit_price": Decimal(2), "vat_rate": Decimal(0), "vat_nature": "N1"},
    ]
    draft = draft_free_invoice(company=CompanyFactory(), title="Prova", lines=lines, by=JOB)
    text = text_of(printing.render(draft))
    assert "N1" in text and "4" in text and draft.gross.amount == Decimal("35.03")
    assert "35,03" in text


def test_printed_once_then_always_the_same_bytes(invoice):
    print_invoice(invoice_id=invoice.pk)
    invoice.refresh_from_db()
    first = bytes(invoice.pdf.content)
    assert first.startswith(b"%PDF") and printing.printed(invoice).pk == invoice.pdf.pk
    invoice.pdf = None
    assert bytes(printing.printed(invoice).content) == first


def test_a_hundred_lines_go_over_several_pages():
    lines = [{"description": f"Riga {n}\n{'parola ' * 40}", "unit_price": Decimal(n)} for n in range(1, 101)]
    draft = draft_free_invoice(company=CompanyFactory(), title="Lunga", lines=lines, by=JOB)
    reader = PdfReader(io.BytesIO(printing.render(draft)))
    assert len(reader.pages) > 3
    assert "Riga 100" in reader.pages[-1].extract_text() or "Riga 100" in reader.pages[-2].extract_text()
