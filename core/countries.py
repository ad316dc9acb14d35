"""Countries by their two letters (ISO 3166-1), and what they are called (Unicode CLDR, which comes with Babel)."""

import pickle
from functools import cache
from pathlib import Path

from babel.localedata import resolve_locale_filename
from django.utils.translation import get_language

#: Languages in which an office here meets the name of a country; where two use one name, the last of them is right.
LANGUAGES = ("fr", "es", "de", "it", "en")
_NO_COUNTRIES = {"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"}


@cache
def names(language: str) -> dict[str, str]:
    """Code -> name in one of `LANGUAGES`.

    Read from Babel's file: its `Locale` keeps all that it knows of a language, 5 MB in every web worker.
    """
    known = pickle.loads(Path(resolve_locale_filename(language)).read_bytes())["territories"]  # noqa: S301 - Babel's own
    return {
        code: name for code, name in known.items() if len(code) == 2 and code.isalpha() and code not in _NO_COUNTRIES
    }


def shown() -> dict[str, str]:
    """Code -> name in the reader's language."""
    language = (get_language() or "en")[:2]
    return names(language if language in LANGUAGES else "en")


def name(code: str) -> str:
    """A country in the reader's language; the code itself where it is none."""
    return shown().get(code, code)


def choices() -> list[tuple[str, str]]:
    """Code and name in the reader's language, by name."""
    return sorted(shown().items(), key=lambda item: item[1])
