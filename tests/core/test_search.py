"""Words in the search box: cut short, with and without accents, in their other Italian and English forms, with odd signs."""

import pytest

from core import fulltext, search
from leads.models import Lead
from tests.factories import (
    CompanyFactory,
    ContactFactory,
    LeadFactory,
    OpportunityFactory,
    ProductFactory,
    QuoteFactory,
)

pytestmark = pytest.mark.django_db


def found(user, text):
    return [hit.title for hit in search.find(text, user)]


@pytest.mark.parametrize("typed", ["nicolò", "nicolo", "NICOLÒ", "nicolo\N{COMBINING GRAVE ACCENT}", "Nicolo dell'"])
def test_accents_may_be_left_out_or_put_in(cast, typed):
    ContactFactory(first_name="Nicolò", last_name="Dell'Orto", owner=cast.sales)
    ContactFactory(first_name="Carlo", last_name="Orto", owner=cast.sales)
    assert found(cast.sales, typed) == ["Nicolò Dell'Orto"]


def test_what_was_written_without_accents_is_found_with_them(cast):
    CompanyFactory(name="Caffe Citta Alta", owner=cast.sales)
    assert found(cast.sales, "caffè città") == ["Caffe Citta Alta"]


@pytest.mark.parametrize(
    ("title", "typed"),
    [("Manutenzione delle pompe", "pompa"), ("Manutenzione delle pompe", "manutenzioni"),
     ("Spare parts for pumps", "pump part"),
     ("Servicing of two lines", "services"), ("Attività di collaudo", "attivita collaudi")],
)  # fmt: skip
def test_titles_are_found_by_other_forms_of_their_words(cast, title, typed):
    quote = QuoteFactory(title=title, owner=cast.sales)
    OpportunityFactory(name="Carrello", owner=cast.sales)
    assert f"{quote.number} {title}" in found(cast.sales, typed)


def test_names_of_people_have_no_other_forms(cast):
    LeadFactory(first_name="Anna", last_name="Bianchi", company_name="", owner=cast.sales)
    assert found(cast.sales, "bianche") == []
    assert found(cast.sales, "bian") == ["Anna Bianchi"]


def test_products_by_family(cast):
    ProductFactory(code="P-1", name="Bocchettone", family="Raccordi idraulici")
    assert found(cast.sales, "raccordo") == ["P-1 Bocchettone"]


@pytest.mark.parametrize(
    "typed",
    ["'", "''", "\\", "a' | 'b", "!", ":*", "& |", "<->", "()", "%_", "ß", "日本", "' :* | x", "il", "the", "e" * 200],
)
def test_signs_of_the_query_language_are_only_signs(cast, typed):
    LeadFactory(last_name="Rossi", owner=cast.sales)
    assert found(cast.sales, typed) == []
    assert list(fulltext.search(Lead.objects.all(), typed)) == []


def test_a_stop_word_alone_finds_what_begins_with_it(cast):
    CompanyFactory(name="Ilmatex", owner=cast.sales)
    assert found(cast.sales, "il") == ["Ilmatex"]
