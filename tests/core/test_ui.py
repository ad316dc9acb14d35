"""How values are written, in both languages, and the small pieces of the frame."""

import datetime as dt
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.template import Context, Template
from django.utils import timezone, translation
from moneyed import Money

from core import charts, context_processors, formats, fulltext, icons, search, ui
from core.forms import AmountField, Form
from core.pages.exports import harmless
from tests.factories import CompanyFactory, ContactFactory, LeadFactory, QuoteFactory


@pytest.mark.parametrize(
    ("value", "italian", "english"),
    [
        (Money("1234567.5", "EUR"), "1.234.567,50\u00a0€", "€1,234,567.50"),
        (Money("-3", "USD"), "-3,00\u00a0$", "-$3.00"),
        (Money("1000", "CHF"), "1.000,00\u00a0CHF", "CHF\u00a01,000.00"),
        (None, "", ""),
    ],
)
def test_money(value: Any, italian: str, english: str) -> None:
    with translation.override("it"):
        assert formats.money(value) == italian
    with translation.override("en"):
        assert formats.money(value) == english


def test_numbers_and_dates() -> None:
    day = dt.date(2026, 3, 9)
    with translation.override("it"):
        assert formats.number(Decimal("1234.500")) == "1.234,5"
        assert formats.number(1234567, 1) == "1.234.567,0"
        assert formats.percent(Decimal("12.5"), 1) == "12,5\u00a0%"
        assert formats.date(day) == "09/03/2026"
    with translation.override("en"):
        assert formats.number(Decimal("1000")) == "1,000"
        assert formats.date(day) == "9\u00a0Mar\u00a02026"
        assert formats.datetime(dt.datetime(2026, 7, 1, 22, 30, tzinfo=dt.UTC)) == "2\u00a0Jul\u00a02026 00:30"


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (0, "today"),
        (1, "tomorrow"),
        (-1, "yesterday"),
        (9, "in 9 days"),
        (-20, "2 weeks ago"),
        (100, "in 3 months"),
        (-800, "2 years ago"),
    ],
)
def test_relative_days(days: int, words: str) -> None:
    with translation.override("en"):
        assert formats.relative(timezone.localdate() + dt.timedelta(days=days)) == words


def test_pieces_escape_what_people_type() -> None:
    assert "<b>" not in ui.person("<b>Mario</b> Rossi")
    assert "<i>x" not in ui.badge("<i>x")
    assert ui.initials("Mario de Rossi") == "MR"
    assert ui.initials("") == "?"


def test_every_icon_that_is_named_exists() -> None:
    import re

    named = re.compile(
        r"""\{% icon "([a-z0-9-]+)"|\bicon=["']([a-z0-9-]+)["']|ICON(?:: ClassVar\[str\])? = "([a-z0-9-]+)\""""
    )
    roots = [
        Path(settings.BASE_DIR) / "templates",
        *(Path(settings.BASE_DIR) / app for app in ("core", "leads", "zencrm", "parties")),
    ]
    texts = [path.read_text() for root in roots for path in root.rglob("*") if path.suffix in (".html", ".py")]
    names = {next(filter(None, found)) for text in texts for found in named.findall(text)}
    names |= {item.icon for table in ("MENU", "QUICK_CREATE") for item in context_processors.items(table)}
    assert len(names) > 40
    assert [name for name in sorted(names) if not icons.drawing(name)] == []


def test_an_icon_alone_has_a_name_and_one_beside_words_is_hidden() -> None:
    assert 'aria-hidden="true"' in icons.icon("user")
    assert 'role="img" aria-label="A &quot;name&quot;"' in icons.icon("user", 'A "name"')
    assert icons.drawing("../../LICENSE") == ""


def test_own_styles_stay_under_300_lines() -> None:
    css = (Path(settings.BASE_DIR) / "static" / "zencrm" / "zencrm.css").read_text()
    assert len(css.splitlines()) < 300


def test_no_template_has_code_or_style_inside() -> None:
    import re

    inline = re.compile(
        r"""<style|\sstyle=|\son[a-z]+=["']|<script(?![^>]*\bsrc=)(?![^>]*application/json)|javascript:"""
    )
    free = ("pdf", "mail", "admin")
    folder = Path(settings.BASE_DIR) / "templates"
    pages = [path for path in folder.rglob("*.html") if not set(path.relative_to(folder).parts) & set(free)]
    assert [str(path) for path in pages if inline.search(path.read_text())] == []


@pytest.mark.parametrize("text", ["=1+1", "+39 02", "-1", "@x", "\tx", "\rx"])
def test_no_spreadsheet_takes_words_for_a_formula(text: str) -> None:
    assert harmless(text) == f"'{text}"
    assert harmless("Rossi = Bianchi") == "Rossi = Bianchi"


def test_tags_write_values() -> None:
    text = "{% money m %} {% number n 2 %} {% badge 'Open' 'blue' %} {% percent 22 %} {{ none|human }}"
    with translation.override("en"):
        shown = Template(text).render(Context({"m": Money(5, "EUR"), "n": 1000, "none": None}))
    assert shown.startswith("€5.00 1,000.00 ")
    assert "Open</span>" in shown


def test_a_panel_holds_its_content() -> None:
    shown = Template("{% panel title icon='user' %}<p>{{ x }}</p>{% endpanel %}").render(
        Context({"title": "T<", "x": "<"})
    )
    assert "T&lt;" in shown
    assert "<p>&lt;</p>" in shown


@pytest.mark.parametrize(("values", "widest"), [((0, 0), 1), ((3, 1), 3)])
def test_an_empty_funnel_is_narrow(values: tuple[int, int], widest: int) -> None:
    (series,) = charts.funnel("Mails", list(zip(("sent", "opened"), values, strict=True))).option["series"]
    assert (series["min"], series["max"]) == (0, widest)


def test_a_chart_brings_its_table() -> None:
    chart = charts.bars("Sales", ["</script>", "Feb"], {"Won": [1, 2]}, written=formats.number, links=["/a/"])
    shown = Template("{% chart c %}").render(Context({"c": chart}))
    assert "</script>\\" not in shown
    assert "\\u003C/script\\u003E" in shown
    assert '<th scope="row">Feb</th>' in shown


def test_numbers_are_typed_in_the_readers_language() -> None:
    class Sample(Form):
        amount = AmountField()

    with translation.override("it"):
        form = Sample({"amount": "1.234,56"})
        assert form.is_valid()
        assert form.cleaned_data["amount"] == Decimal("1234.56")
        assert 'value="1.234,50"' in str(Sample(initial={"amount": Decimal("1234.5000")}))
    with translation.override("en"):
        assert Sample({"amount": "1,234.56"}).is_valid()
        assert not Sample({"amount": "1;2"}).is_valid()


# --- Search -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def things(cast: SimpleNamespace) -> SimpleNamespace:
    company = CompanyFactory(name="Officine Brambilla S.p.A.", phone="+39 02 555 0101")
    return SimpleNamespace(
        company=company,
        contact=ContactFactory(
            first_name="Anna", last_name="D'Amico", email="anna@brambilla.it", mobile="333/1234567", company=company
        ),
        lead=LeadFactory(company_name="Vetreria", owner=cast.sales2),
        quote=QuoteFactory(number="OF 2026/0042", company=company, owner=cast.sales),
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("bramb", "company"), ("offic spa", "company"), ("OFFICINE S.p.A.", "company"), ("brambilla srl", None),
        ("d'amico", "contact"),
        ("anna@brambilla.it", "contact"), ("anna@bra", "contact"), ("02 5550101", "company"), ("+39025550101", "company"),
        ("3331234567", "contact"), ("OF 2026/0042", "quote"), ("2026/0042", "quote"), ("vetreria", None),
        ("& | ! ( ) : *", None), ("\\' ; --", None), ("x" * 5000, None),
    ],
)  # fmt: skip
def test_search_finds_names_numbers_and_phones(
    cast: SimpleNamespace, things: SimpleNamespace, text: str, found: str | None
) -> None:
    hits = search.find(text, cast.sales)
    if found is None:
        assert hits == []
    else:
        assert getattr(things, found).pk in [hit.pk for hit in hits]


@pytest.mark.django_db
def test_search_is_one_query_and_keeps_rights(
    cast: SimpleNamespace, things: SimpleNamespace, django_assert_num_queries: Any
) -> None:
    assert cast.sales.has_perm("leads.view_lead")
    search.find("brambilla", cast.sales)  # what a process asks once: how the word is cut, how common words are
    with django_assert_num_queries(1):
        search.find("brambilla", cast.sales)
    assert search.find("brambilla", cast.nobody) == []
    assert [hit.pk for hit in search.find("vetreria", cast.sales2)] == [things.lead.pk]


@pytest.mark.django_db
@pytest.mark.urls("tests.core.site")
def test_pickers_offer_what_the_reader_may_see(cast: SimpleNamespace, things: SimpleNamespace, client_of: Any) -> None:
    client = client_of(cast.sales)
    hits = client.get("/pick/parties/contact/?q=amico").json()["results"]
    assert hits == [{"id": things.contact.pk, "text": "Anna D'Amico", "hint": "Officine Brambilla S.p.A."}]
    assert client.get(f"/pick/parties/contact/?company={things.company.pk}").json()["results"] == hits
    assert client.get("/pick/parties/contact/?company=x").json()["results"] == []
    assert client.get("/pick/parties/contact/?company=99999999999999999999999").json()["results"] == []
    assert client.get("/pick/leads/lead/?q=vetreria").json()["results"] == []
    assert client.get("/pick/auth/permission/").status_code == 404
    assert client.get("/pick/no/such/").status_code == 404
    assert client_of(cast.nobody).get("/pick/parties/contact/").status_code == 403


@pytest.mark.django_db
@pytest.mark.urls("tests.core.site")
def test_the_search_page_and_its_box(cast: SimpleNamespace, things: SimpleNamespace, client_of: Any) -> None:
    client = client_of(cast.sales)
    assert "Brambilla" in client.get("/search/?q=bram").content.decode()
    box = client.get("/search/?q=lea", headers={"HX-Request": "true", "HX-Target": "search-results"})
    assert b"<html" not in box.content
    assert b'href="/leads/"' in box.content


def test_a_search_without_a_word_asks_nothing() -> None:
    assert fulltext.words_query(" &|! ") == ""


@pytest.mark.django_db
@pytest.mark.urls("tests.core.site")
def test_the_menu_shows_what_a_role_may_open(cast: SimpleNamespace, client_of: Any) -> None:
    sales = client_of(cast.sales).get("/leads/").content.decode()
    assert '<a href="/leads/" aria-current="page"' in sales
    care = client_of(cast.care).get("/companies/").content.decode()
    assert 'href="/leads/"' not in care


@pytest.mark.django_db
@pytest.mark.urls("tests.core.site")
def test_the_style_guide_is_for_the_house(cast: SimpleNamespace, client_of: Any) -> None:
    assert client_of(cast.sales).get("/styleguide/").status_code == 404
    page = client_of(cast.admin).get("/styleguide/")
    assert page.status_code == 200
    assert "components/steps.html" in page.content.decode()
