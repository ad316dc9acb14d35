"""Cells that name something: a company, a user, a product, a country. Found by name in one query; near misses are suggested."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext as _
from import_export import widgets

from core import countries, merging
from core.imports.widgets import unknown


def plain(text: str) -> str:
    """A name as it is compared: no case, single spaces."""
    return " ".join(str(text).split()).casefold()


class Chosen(int):
    """The id of a record that a person has chosen for a word."""


class LookupWidget(widgets.Widget):
    """The id of a record named in a cell. `paths` are tried in order: ("external_key", "name"); a tuple joins columns.

    The names of all rows are read once. Rows made by the same import are told by `learn`.
    """

    def __init__(self, model: type[Model], paths: Sequence[str | tuple[str, ...]]) -> None:
        super().__init__()
        self.model, self.paths = model, paths
        self.forget()

    def forget(self) -> None:
        """Before each run: nothing is known."""
        self._known: list[dict[str, int | None]] | None = None
        self._names: dict[int, str] = {}
        self._words: set[str] = set()

    @property
    def known(self) -> list[dict[str, int | None]]:
        """Per path: compared name -> id, None where several rows share the name."""
        if self._known is None:
            self._known = [{} for _path in self.paths]
            columns = [c for path in self.paths for c in ((path,) if isinstance(path, str) else path)]
            for pk, *values in self.model._base_manager.values_list("pk", *columns):
                self.learn(pk, dict(zip(columns, values, strict=True)))
            if getattr(self.model, "MERGEABLE", False):
                self._learn_merged(columns)
        return self._known

    def learn(self, pk: int, values: dict[str, Any]) -> None:
        for table, path in zip(self._known or (), self.paths, strict=True):
            parts = (path,) if isinstance(path, str) else path
            shown = " ".join(str(values[p]) for p in parts if values[p])
            if shown:
                key = plain(shown)
                table[key] = None if table.get(key, pk) != pk else pk
                self._words.add(shown)
                if path not in ("external_key", "username"):
                    self._names.setdefault(pk, shown)

    def _learn_merged(self, columns: list[str]) -> None:
        """What a merged record was called leads to the one that stayed, unless another one is called so."""
        for values, heir in merging.absorbed(self.model, columns):
            known = dict(zip(columns, values, strict=True))
            for table, path in zip(self._known or (), self.paths, strict=True):
                parts = (path,) if isinstance(path, str) else path
                if shown := " ".join(known[part] for part in parts if known[part]):
                    table.setdefault(plain(shown), heir)

    def find(self, text: str) -> int | None:
        """The id, None where nothing is called so. ValueError where several are."""
        for table in self.known:
            if plain(text) in table:
                pk = table[plain(text)]
                if pk is None:
                    raise ValueError(_("More than one record is called “%(value)s”.") % {"value": text})
                return pk
        return None

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> int | None:
        if isinstance(value, Chosen):
            if self.known and value not in self._names:
                raise ValueError(_("What was chosen for this word is no longer there."))
            return int(value)
        text = str(value or "").strip()
        if not text:
            return None
        found = self.find(text)
        if found is None:
            raise ValueError(unknown(text, self._words))
        return found

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        if value is None:
            return ""
        return self._names.get(value, str(value)) if self.known else ""


#: What people write and the lists of names do not hold.
_SYNONYMS = {
    "hong kong": "HK", "macau": "MO", "macao": "MO", "usa": "US", "u.s.a.": "US", "us": "US", "uk": "GB",
    "great britain": "GB", "england": "GB", "uae": "AE", "holland": "NL", "olanda": "NL", "inghilterra": "GB",
    "gran bretagna": "GB", "czech republic": "CZ", "ivory coast": "CI", "burma": "MM", "turkey": "TR",
}  # fmt: skip


@cache
def territories() -> dict[str, str]:
    """Compared name or code -> ISO 3166-1 alpha-2 code, in the languages an office here meets."""
    found: dict[str, str] = {}
    for language in countries.LANGUAGES:
        for code, name in countries.names(language).items():
            found[plain(name)] = found[plain(code)] = code
    return found | _SYNONYMS


@cache
def country_names() -> list[str]:
    """What is suggested for a misspelt country: names in English and Italian."""
    return sorted({name for language in ("en", "it") for name in countries.names(language).values()})


class CountryWidget(widgets.Widget):
    """A country by its code or its name, kept as ISO 3166-1 alpha-2."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        text = str(value or "").strip()
        if not text:
            return ""
        if plain(text) not in territories():
            raise ValueError(unknown(text, country_names()))
        return territories()[plain(text)]

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return str(value or "")
