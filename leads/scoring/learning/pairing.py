"""Pairs of fields that say more together than each for itself: found by what the model without them leaves unexplained."""

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from leads.scoring.learning.fields import CHOICE, DOMAIN, FIRST, NUMBER, WORDS, Field
from leads.scoring.learning.model import Model, Pair

if TYPE_CHECKING:
    from leads.scoring.learning.fitting import Sample

#: How many pairs at most, from how many rows on, and how coarse their fields are.
MOST_PAIRS = 8
ROWS = 500
BINS = 6
LEVELS, LEVEL_SIZE = 12, 20
#: What a cell explains by chance alone, in units of chi square, once rare ones are held back by `_PRIOR` rows.
_CHANCE, _PRIOR = 0.9, 5


def find(sample: "Sample", fields: Sequence[Field], model: Model) -> list[Pair]:
    """The pairs that explain most of what `model` leaves over, the best first."""
    if len(sample) < ROWS:
        return []
    left, weight = _left(sample, model)
    rough = [coarse(f, sample.columns[f.name]) for f in fields if f.kind in (NUMBER, CHOICE, DOMAIN, WORDS)]
    codes = {f.name: _codes(f, sample.columns[f.name]) for f in rough}
    gains = []
    for one, other in itertools.combinations(rough, 2):
        gain = _gain(codes[one.name] * other.size + codes[other.name], left, weight)
        gains.append((gain, one, other))
    gains.sort(key=lambda found: -found[0])
    return [Pair(one, other, _no_weights(one, other)) for gain, one, other in gains[:MOST_PAIRS] if gain > 0]


def coarse(fine: Field, column: Sequence[Any]) -> Field:
    """The same field with few levels, each with many rows."""
    if fine.kind == NUMBER:
        step = max(1, -(-(len(fine.edges) + 1) // BINS))
        return Field(fine.name, NUMBER, edges=fine.edges[step - 1 :: step], mark=fine.mark)
    of = {place: text for text, place in fine.levels.items()}
    often = Counter(fine.codes(value)[0] for value in column).most_common()
    kept = [of[place] for place, n in often if place in of and n >= LEVEL_SIZE][:LEVELS]
    return Field(
        fine.name, CHOICE if fine.kind == WORDS else fine.kind, levels={t: FIRST + i for i, t in enumerate(kept)}
    )


def cells(pair: Pair, columns: Mapping[str, Sequence[Any]]) -> list[int]:
    """The place of each row among the cells of the pair (see `keys`)."""
    places = {key: place for place, key in enumerate(keys(pair))}
    both = zip(columns[pair.first.name], columns[pair.second.name], strict=True)
    return [places[pair.first.codes(one)[0], pair.second.codes(other)[0]] for one, other in both]


def keys(pair: Pair) -> list[tuple[int, int]]:
    return list(pair.weights)


def _no_weights(one: Field, other: Field) -> dict[tuple[int, int], float]:
    return dict.fromkeys(itertools.product(range(one.size), range(other.size)), 0.0)


def _codes(made: Field, column: Sequence[Any]) -> Any:
    import numpy as np

    return np.fromiter((made.codes(value)[0] for value in column), dtype=int, count=len(column))


def _left(sample: "Sample", model: Model) -> tuple[Any, Any]:
    """What the model has not explained of each row, and how sure it was."""
    import numpy as np

    told = np.fromiter((model.probability(sample.values(i)) for i in range(len(sample))), float, len(sample))
    return np.asarray(sample.outcomes) - told, told * (1 - told)


def _gain(cell: Any, left: Any, weight: Any) -> float:
    import numpy as np

    sums, spread = np.bincount(cell, left), np.bincount(cell, weight)
    return float((sums**2 / (spread + _PRIOR)).sum() - _CHANCE * (spread > 0).sum())
