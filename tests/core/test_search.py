"""Words in the search box: cut short, with and without accents, in their other Italian and English forms, with odd signs."""

import pytest
from django.db import connection

from core import frequency, fulltext, search
from leads.models import Lead
from parties.models import Company
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


@pytest.fixture
def many(cast):
    """Companies of one common and one rare name, with the statistics that the database makes by itself elsewhere."""
    names = [*(f"Alfa n{n:03}" for n in range(300)), "Zeta Alfa"]
    Company.objects.bulk_create([CompanyFactory.build(name=name, owner=cast.sales) for name in names])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE parties_company")
    frequency.forget()
    yield
    frequency.forget()


def test_how_common_words_are(many):
    assert frequency.share("parties_company", [["alf"]]) > 0.9
    assert frequency.share("parties_company", [["alfa"], ["zz"]]) == 0
    assert frequency.share("parties_company", [["zz", "alfa"]]) > 0.9
    assert frequency.share("leads_lead", [["alfa"]]) == 0


def test_the_newest_of_many_and_the_one_of_few(cast, many):
    assert found(cast.sales, "alfa") == ["Zeta Alfa", *(f"Alfa n{n:03}" for n in range(299, 295, -1))]
    assert found(cast.sales, "alf n007") == ["Alfa n007"]
    assert found(cast.sales, "zet alf") == ["Zeta Alfa"]


def test_a_word_that_is_nowhere_is_looked_up_in_the_index(cast, many):
    rows = fulltext.search(Company.objects.visible_to(cast.sales), "nowhere").order_by("-pk")
    assert "ARRAY(SELECT" in str(rows[:4].query)
    assert "ARRAY(" not in str(fulltext.search(Company.objects.all(), "alfa").query)


@pytest.mark.parametrize("typed", ["ponti srl", "ponti S.r.l.", "ponti s.r.l", "SRL"])
@pytest.mark.parametrize("name", ["Ponti S.r.l.", "Ponti Srl"])
def test_legal_forms_with_dots_or_without(cast, name, typed):
    CompanyFactory(name=name, owner=cast.sales)
    CompanyFactory(name="Ponti S.p.A.", owner=cast.sales)
    assert found(cast.sales, typed) == [name]


def test_a_legal_form_is_as_common_as_both_its_spellings(cast):
    Company.objects.bulk_create(
        [CompanyFactory.build(name=f"Beta n{n:03} S.p.A.", owner=cast.sales) for n in range(300)]
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE parties_company")
    frequency.forget()
    assert fulltext.are_common(Company, "spa")
    frequency.forget()


def test_of_a_quote_its_newest_revision(cast):
    first = QuoteFactory(title="Depuratore", state="superseded", owner=cast.sales)
    second = QuoteFactory(title="Depuratore", number=first.number, revision=2, owner=cast.sales)
    assert [hit.pk for hit in search.find(first.number, cast.sales)] == [second.pk]


def test_phones_by_their_last_digits(cast):
    ContactFactory(first_name="Ida", last_name="Neri", phone="+39 02 5550 1234", mobile="", owner=cast.sales)
    ContactFactory(first_name="Ada", last_name="Neri", phone="", mobile="(333) 55.50.123", owner=cast.sales)
    assert found(cast.sales, "02 55501234") == ["Ida Neri"]
    assert found(cast.sales, "+39 0255501234") == ["Ida Neri"]
    assert found(cast.sales, "3335550123") == ["Ada Neri"]
    assert found(cast.nobody, "3335550123") == []


def test_no_index_of_words_keeps_much_aside():
    """Each question reads what an index has not put in its place yet."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, c.reloptions FROM pg_class c JOIN pg_am a ON a.oid = c.relam"
            " WHERE a.amname = 'gin' AND c.relkind = 'i'"
        )
        kept = dict(cursor.fetchall())
    assert {"lead_search", "lead_tags", "lead_custom"} <= set(kept)
    assert {name: options for name, options in kept.items() if options != ["gin_pending_list_limit=64"]} == {}
