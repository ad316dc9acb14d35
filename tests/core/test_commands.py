"""The search box as a palette of commands: pages, new records, steps of the record on the screen; by rights."""

import pytest
from lxml import html

from tests.factories import LeadFactory, QuoteFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def typed(client_of):
    """What stands under the search box when a text is typed on a page."""

    def type_in(user, text, where=""):
        headers = {"HX-Target": "search-results", "HX-Current-URL": f"http://testserver{where}"}
        response = client_of(user).get("/search/", {"q": text}, headers=headers)
        assert response.status_code == 200
        hits = html.fromstring(f"<div>{response.content.decode()}</div>").iterfind(".//a")
        return {hit.findtext("span"): hit.get("href") for hit in hits}

    return type_in


def test_a_page_of_the_menu_by_any_of_its_words(cast, typed):
    assert typed(cast.sales, "ord") == {"Sales orders": "/orders/"}


def test_a_new_record(cast, typed):
    assert typed(cast.sales, "new lead") == {"New: Lead": "/leads/new/"}


def test_a_page_of_the_account(cast, typed):
    assert typed(cast.sales, "keyb") == {"Keyboard": "/keyboard/"}


def test_pages_one_may_not_open_are_no_commands(cast, typed):
    assert typed(cast.care, "leads") == {}
    assert typed(cast.care, "new lead") == {}


def test_steps_of_the_record_whose_page_is_shown(cast, typed):
    lead = LeadFactory(owner=cast.sales, state="new")
    assert typed(cast.sales, "take", lead.get_absolute_url()) == {"Take": lead.act_url("take")}
    assert typed(cast.sales, "take", "/leads/") == {}


@pytest.mark.parametrize("where", ["/leads/999999999999999999999/", "/nowhere/", "/leads/%00/", "//[", ""])
def test_an_address_of_nothing_gives_no_steps(cast, typed, where):
    assert typed(cast.sales, "take", where) == {}


def test_steps_of_a_stranger_s_record_are_not_given_away(cast, typed):
    lead = LeadFactory(owner=cast.sales2, state="new")
    assert typed(cast.sales, "take", lead.get_absolute_url()) == {}
    quote = QuoteFactory(owner=cast.sales)
    assert typed(cast.hr, "sub", quote.get_absolute_url()) == {}


def test_accents_do_not_matter(cast, typed):
    cast.sales.language = "it"
    cast.sales.save()
    assert "Attività" in typed(cast.sales, "attivita")


def test_the_sheet_of_keys_shows_the_pages_of_the_menu_one_has(cast, client_of):
    page = client_of(cast.care).get("/keyboard/")
    assert [key.press for group in page.context["groups"] for key in group.keys if key.does == "Cases"] == [("g", "h")]
    assert not [key for group in page.context["groups"] for key in group.keys if key.does == "Leads"]


def test_keys_of_the_menu_are_told_apart():
    from zencrm.menu import MENU

    keys = [item.key for section in MENU for item in section.items if item.key]
    assert len(keys) == len(set(keys)) > 15


def test_single_letters_can_be_turned_off(cast, client_of):
    client = client_of(cast.sales)
    assert b'data-letters="on"' in client.get("/keyboard/").content
    client.post("/preferences/", {"letters": "off", "next": "/keyboard/"})
    assert b'data-letters="off"' in client.get("/keyboard/").content
