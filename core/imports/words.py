"""What the words of a file mean where a field takes only some: states, yes and no, people, campaigns, countries.

Of a mapped column, {"values": {compared word: value}} holds what a person has said beside what a field understands by
itself: the value of a choice, "1" or "0", the id of a record, "" where the word is no answer.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from core import countries
from core.imports.catalogue import Importable
from core.imports.lookups import Chosen, CountryWidget, LookupWidget, plain
from core.imports.reader import Table
from core.imports.resource import RecordResource
from core.imports.widgets import ChoiceWidget, TruthWidget, suggestion

#: Of one column: the words that are asked for, and the records that are offered. Where there are more, names are typed right.
MOST_WORDS = 60
MOST_OPTIONS = 300
#: With no more answers than these, every word is shown with its answer; with more, only those not understood.
FEW_OPTIONS = 25
#: A word that stands for nothing.
NOTHING = "-"
#: What other systems and offices call a stage.
_MEANINGS: dict[str, tuple[str, ...]] = {
    "new": ("nuovo", "nuova", "aperto", "aperta", "open", "da contattare", "not contacted"),
    "working": ("in lavorazione", "in corso", "contattato", "contattata", "contacted", "in progress", "attempted"),
    "qualified": ("qualificato", "qualificata", "interessato", "interested", "sql", "mql"),
    "converted": ("cliente", "convertito", "vinto", "vinta", "acquisito", "customer", "won", "closed won", "chiuso vinto"),
    "won": ("vinto", "vinta", "acquisito", "closed won", "chiuso vinto", "chiusa vinta", "signed"),
    "lost": ("perso", "persa", "cliente perso", "closed lost", "chiuso perso", "chiusa persa", "non interessato",
             "not interested", "dead", "annullato"),
}  # fmt: skip


@dataclass(frozen=True)
class Word:
    """A word of a column, how often it stands there, what it is taken for (an option's key, "" unknown), and why."""

    text: str
    count: int
    means: str = ""
    is_guess: bool = False
    is_said: bool = False


class Column:
    """A mapped column whose field takes only some words."""

    def __init__(self, header: str, at: int, mapped: dict[str, Any], widget: Any, user: Any) -> None:
        self.header, self.at, self.widget, self.user = header, at, widget, user
        self.field, self.said = mapped["field"], mapped.get("values", {})

    @cached_property
    def options(self) -> list[tuple[str, str]]:
        """Every answer there is, as (key, words)."""
        if isinstance(self.widget, TruthWidget):
            return [("1", _("Yes")), ("0", _("No"))]
        if isinstance(self.widget, CountryWidget):
            return countries.choices()
        if isinstance(self.widget, ChoiceWidget):
            return [(str(value), str(label)) for value, label in self.widget.column.flatchoices if value != ""]
        return _records(self.widget.model, self.user)

    @cached_property
    def _keys(self) -> dict[str, str]:
        return {plain(words): key for key, words in self.options}

    def understood(self, text: str) -> str:
        """What the field makes of a word by itself: an option's key, or ""."""
        try:
            value = self.widget.clean(text)
        except ValueError:
            return ""
        return str(int(value)) if isinstance(value, bool) else str(value if value is not None else "")

    def guessed(self, text: str) -> str:
        """The likeliest option of a word that the field does not know, or ""."""
        known = {key for key, _words in self.options}
        for key in known & _MEANINGS.keys():
            if plain(text) in _MEANINGS[key]:
                return key
        like = suggestion(text, [words for _key, words in self.options])
        return self._keys.get(plain(like), "") if like else ""

    def word(self, text: str, count: int) -> Word:
        """What was said of it, else what the field knows, else a guess."""
        if (said := self.said.get(plain(text))) is not None:
            return Word(text, count, str(said) if said != "" else NOTHING, is_said=True)
        if own := self.understood(text):
            return Word(text, count, own)
        return Word(text, count, guess := self.guessed(text), is_guess=bool(guess))

    def words(self, table: Table, blanks: frozenset[str]) -> list[Word]:
        """Those that the field does not know first, each with how often it stands in the file."""
        shown: dict[str, str] = {}
        counts: Counter[str] = Counter()
        for line in table.lines:
            if (key := plain(line.cells[self.at])) and key not in blanks:
                shown.setdefault(key, line.cells[self.at])
                counts[key] += 1
        found = [self.word(shown[key], count) for key, count in counts.most_common(MOST_WORDS * 50)]
        return sorted(found, key=lambda word: not (word.is_guess or not word.means))


def _records(model: Any, user: Any) -> list[tuple[str, str]]:
    """The rows this person may choose; none where there are more than anybody reads through."""
    rows = model.objects
    rows = rows.visible_to(user) if hasattr(rows, "visible_to") else rows.filter(is_active=True)
    found = list(rows.order_by("pk")[: MOST_OPTIONS + 1])
    return (
        sorted(((str(row.pk), str(row)) for row in found), key=lambda row: row[1]) if len(found) <= MOST_OPTIONS else []
    )


def columns_of(mapping: dict[str, Any], resource: RecordResource, headers: list[str], user: Any) -> Iterator[Column]:
    """The columns of a mapping whose words can be translated, in the order of the file."""
    for at, header in enumerate(headers):
        mapped = mapping.get("columns", {}).get(header)
        field = resource.fields.get(mapped["field"]) if mapped else None
        if field is None or not isinstance(field.widget, ChoiceWidget | TruthWidget | CountryWidget | LookupWidget):
            continue
        column = Column(header, at, mapped, field.widget, user)
        if column.options:
            yield column


def values_for(kind: Importable, mapped: dict[str, Any]) -> dict[str, Any]:
    """What was said of a column's words, as the engine's map takes it."""
    field = kind.resource.fields.get(mapped["field"])
    said: dict[str, Any] = mapped.get("values", {})
    if not isinstance(getattr(field, "widget", None), LookupWidget):
        return said
    return {word: Chosen(value) if value != "" else "" for word, value in said.items()}


def carried_over(mapping: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    """A new mapping with what was said of the words of columns that still go to the same field."""
    known = before.get("columns", {})
    columns = {
        header: {**column, "values": known[header]["values"]}
        if known.get(header, {}).get("field") == column["field"] and known[header].get("values")
        else column
        for header, column in mapping["columns"].items()
    }
    return {**mapping, "columns": columns}
