"""Fields of a model: how each reads a value, and into which of its levels the value falls."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from leads.scoring.learning import values

#: The first levels of every field: nothing there, and something that is too rare to have a level of its own.
MISSING, OTHER = 0, 1
FIRST = 2

NUMBER, CHOICE, WORDS, DOMAIN, FILLED = "number", "choice", "words", "domain", "filled"
#: At most so many bins of equal size, each with at least so many values.
MOST_BINS, BIN_SIZE = 20, 12
#: A level of its own is for what occurs this often; a word must be in this share of the texts besides.
LEVEL_SIZE, WORD_SIZE, WORD_SHARE = 3, 10, 0.005
MOST_LEVELS, MOST_WORDS = 2000, 300


@dataclass
class Field:
    """One field. `weights` are log-odds per level, and nought on average over what was learnt from.

    A number falls into the bin between two `edges`; anything else is looked up in `levels`. A field of words has the levels
    of all frequent words in it besides.
    """

    name: str
    kind: str
    edges: list[float] = field(default_factory=list)
    levels: dict[str, int] = field(default_factory=dict)
    words: dict[str, int] = field(default_factory=dict)
    mark: str = "."
    weights: list[float] = field(default_factory=list)

    @property
    def size(self) -> int:
        return FIRST + len(self.levels) + len(self.words) + (len(self.edges) + 1 if self.kind == NUMBER else 0)

    def codes(self, value: Any) -> tuple[int, ...]:
        """The levels of this value: one, and those of its words."""
        if self.kind == NUMBER:
            return (self._bin(value),)
        text = values.domain(value) if self.kind == DOMAIN else values.level(value)
        if not text:
            return (MISSING,)
        first = self.levels.get(text, OTHER)
        if not self.words:
            return (first,)
        return (first, *sorted(self.words[word] for word in values.words(text) if word in self.words))

    def _bin(self, value: Any) -> int:
        found = values.number(value, self.mark)
        if found is not None:
            return FIRST + bisect_right(self.edges, found)
        return OTHER if values.level(value) else MISSING

    def worth(self, value: Any) -> float:
        """What this value adds to the log-odds."""
        return sum(self.weights[code] for code in self.codes(value))

    def to_json(self) -> dict[str, Any]:
        """As few words as say it: what is empty is left out."""
        found = {
            "name": self.name,
            "kind": self.kind,
            "mark": self.mark,
            "weights": [round(w, 6) for w in self.weights],
        }
        rest = {"edges": self.edges, "levels": self.levels, "words": self.words}
        return found | {name: value for name, value in rest.items() if value}


def number_field(name: str, found: Sequence[float], mark: str = ".") -> Field:
    """Bins of about equal size; what occurs as often as a bin is large has one of its own."""
    ordered = sorted(found)
    counted = Counter(ordered)
    bins = max(2, min(MOST_BINS, len(ordered) // BIN_SIZE))
    cuts = {ordered[i * len(ordered) // bins] for i in range(1, bins)}
    for value in [value for value, n in counted.items() if n * bins >= len(ordered)]:
        cuts |= {value, *ordered[bisect_right(ordered, value) :][:1]}
    # An edge opens the bin above it: at the least value there would be nothing below.
    return Field(name, NUMBER, edges=sorted(cuts - {ordered[0]}), mark=mark)


def level_field(name: str, kind: str, texts: Sequence[str]) -> Field:
    """A level for everything frequent; with words, for every frequent word too."""
    often = Counter(text for text in texts if text).most_common(MOST_LEVELS)
    least = 1 if len(often) <= FIRST else LEVEL_SIZE
    made = Field(name, kind, levels={t: FIRST + i for i, t in enumerate(t for t, n in often if n >= least)})
    if kind == WORDS:
        counted = Counter(word for text in texts for word in values.words(text)).most_common(MOST_WORDS)
        enough = max(WORD_SIZE, WORD_SHARE * len(texts))
        start = FIRST + len(made.levels)
        made.words = {w: start + i for i, w in enumerate(w for w, n in counted if n >= enough)}
    return made
