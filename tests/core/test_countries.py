"""Countries are called what the Unicode CLDR calls them."""

import pytest
from babel import Locale
from django.utils import translation

from core import countries


@pytest.mark.parametrize("language", countries.LANGUAGES)
def test_names_are_those_of_babel(language):
    known = Locale(language).territories

    assert len(countries.names(language)) > 240
    assert countries.names(language) == {code: known[code] for code in countries.names(language)}


def test_what_is_no_country_has_no_name():
    assert not {"EU", "ZZ", "001", "UN"} & set(countries.names("en"))


@pytest.mark.parametrize(("language", "name"), [("it", "Germania"), ("en", "Germany"), ("pt", "Germany")])
def test_a_country_is_named_in_the_language_of_the_reader(language, name):
    with translation.override(language):
        assert countries.name("DE") == name
        assert ("DE", name) in countries.choices()


def test_an_unknown_code_stands_for_itself():
    assert countries.name("QQ") == "QQ"
