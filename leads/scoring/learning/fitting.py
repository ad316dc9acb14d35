"""Learning the weights: logistic regression with an L2 penalty over the levels of all fields, and of the pairs that help.

Numbers are coded by the edges they have passed, so that the penalty holds neighbouring bins together; everything else by the
levels it has. How strong the penalty is, and whether pairs take part, is decided by cross-validation inside the rows given.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from leads.scoring.learning import pairing
from leads.scoring.learning.fields import FIRST, NUMBER, Field
from leads.scoring.learning.model import Model, Pair, log_odds

if TYPE_CHECKING:
    from numpy import ndarray as Array

#: Strengths to choose from (scikit-learn's C, the inverse of the penalty), and how many rows it takes to choose.
STRENGTHS = (0.02, 0.1, 0.3, 1.0, 3.0)
MOST_ROWS_TO_CHOOSE = 12_000
FOLDS = 5
#: A cell of a pair counts half: what a field says alone comes first.
PAIR_SCALE = 0.5
_SEED = 20_260_101


@dataclass
class Sample:
    """Rows to learn from: the values of each field, and whether each row was won."""

    columns: Mapping[str, Sequence[Any]]
    outcomes: Sequence[int]

    def take(self, rows: Sequence[int]) -> "Sample":
        columns = {name: [column[i] for i in rows] for name, column in self.columns.items()}
        return Sample(columns, [self.outcomes[i] for i in rows])

    def values(self, row: int) -> dict[str, Any]:
        return {name: column[row] for name, column in self.columns.items()}

    def __len__(self) -> int:
        return len(self.outcomes)


@dataclass
class Choice:
    """How to learn: the strength, and the pairs of fields."""

    strength: float = 0.3
    pairs: list[Pair] = field(default_factory=list)


def fit(sample: Sample, fields: Sequence[Field], choice: Choice | None = None) -> Model:
    """The model of these rows. `fields` know their levels already; their weights are set here."""
    if not fields:
        return Model(log_odds(sum(sample.outcomes) / len(sample)), [])
    choice = choice or choose(sample, fields)
    codes = [[f.codes(value) for value in sample.columns[f.name]] for f in fields]
    cells = [pairing.cells(pair, sample.columns) for pair in choice.pairs]
    weights, intercept = _weights(_design(fields, codes, cells), sample.outcomes, choice.strength)
    model = Model(intercept, list(fields), choice.pairs)
    _hand_out(model, weights, cells)
    _centre(model, codes, cells)
    return model


def choose(sample: Sample, fields: Sequence[Field]) -> Choice:
    """The strength, then the pairs: each as cross-validation says, on a part of the rows where they are many."""
    import numpy as np

    if len(sample) > MOST_ROWS_TO_CHOOSE:
        rows = np.random.default_rng(_SEED).permutation(len(sample))[:MOST_ROWS_TO_CHOOSE]
        return _chosen(sample.take(rows.tolist()), fields, sample)
    return _chosen(sample, fields, sample)


def _chosen(part: Sample, fields: Sequence[Field], whole: Sample) -> Choice:
    alone, least = _strongest(part, fields, [])
    found = pairing.find(part, fields, fit(part, fields, alone))
    if not found:
        return alone
    paired, less = _strongest(part, fields, found)
    if less >= least:
        return alone
    if part is not whole:
        paired.pairs = pairing.find(whole, fields, fit(whole, fields, alone))
    return paired


def _strongest(part: Sample, fields: Sequence[Field], pairs: list[Pair]) -> tuple[Choice, float]:
    """The strength with the least loss, and that loss."""
    codes = [[f.codes(value) for value in part.columns[f.name]] for f in fields]
    design = _design(fields, codes, [pairing.cells(pair, part.columns) for pair in pairs])
    losses = {strength: _loss(design, _array(part.outcomes), strength) for strength in STRENGTHS}
    best = min(losses, key=lambda strength: losses[strength])
    return Choice(best, pairs), losses[best]


def _loss(design: Any, outcomes: "Array", strength: float) -> float:
    """Log-loss of rows that were not learnt from."""
    from sklearn.metrics import log_loss
    from sklearn.model_selection import StratifiedKFold

    least = int(min(outcomes.sum(), len(outcomes) - outcomes.sum()))
    folds = StratifiedKFold(max(2, min(FOLDS, least)), shuffle=True, random_state=_SEED)
    losses = []
    for learn, judge in folds.split(design, outcomes):
        weights, intercept = _weights(design[learn], outcomes[learn], strength)
        told = 1 / (1 + _exp(-(design[judge] @ weights + intercept)))
        losses.append(log_loss(outcomes[judge], told, labels=[0, 1]))
    return float(sum(losses) / len(losses))


def _weights(design: Any, outcomes: Any, strength: float) -> "tuple[Array, float]":
    from sklearn.linear_model import LogisticRegression

    learner = LogisticRegression(C=strength, solver="newton-cholesky", max_iter=50)
    learner.fit(design, outcomes)
    return learner.coef_[0], float(learner.intercept_[0])


def _design(fields: Sequence[Field], codes: list[list[tuple[int, ...]]], cells: list[list[int]]) -> Any:
    """A column for every level of every field and every cell of every pair, a row for every row."""
    import numpy as np
    from scipy import sparse

    blocks = [_block(f, found) for f, found in zip(fields, codes, strict=True)]
    for found in cells:
        rows = np.arange(len(found))
        shape = (len(found), max(found) + 1)
        blocks.append(sparse.csr_matrix((np.full(len(found), PAIR_SCALE), (rows, found)), shape=shape))
    return sparse.hstack(blocks, format="csr")


def _block(made: Field, codes: list[tuple[int, ...]]) -> Any:
    import numpy as np
    from scipy import sparse

    rows: list[int] = []
    columns: list[int] = []
    for row, found in enumerate(codes):
        reached = range(FIRST, found[0] + 1) if made.kind == NUMBER and found[0] >= FIRST else found
        rows += [row] * len(reached)
        columns += reached
    return sparse.csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(len(codes), made.size))


def _hand_out(model: Model, weights: "Array", cells: list[list[int]]) -> None:
    """The weights of the design's columns to the fields and pairs they belong to; a number's edges add up."""
    at = 0
    for made in model.fields:
        own = [float(w) for w in weights[at : at + made.size]]
        at += made.size
        if made.kind == NUMBER:
            for bin_ in range(FIRST + 1, made.size):
                own[bin_] += own[bin_ - 1]
        made.weights = own
    for pair, found in zip(model.pairs, cells, strict=True):
        size = max(found) + 1
        pair.weights = dict(
            zip(pairing.keys(pair), (float(w) * PAIR_SCALE for w in weights[at : at + size]), strict=False)
        )
        at += size


def _centre(model: Model, codes: list[list[tuple[int, ...]]], cells: list[list[int]]) -> None:
    """Nought on average for every field, the rest in the intercept: what adds, adds to an average row.

    The levels of words come on top of the first one, so that alone is moved.
    """
    for made, found in zip(model.fields, codes, strict=True):
        mean = sum(sum(made.weights[code] for code in row) for row in found) / len(found)
        first = made.size - len(made.words)
        made.weights = [w - mean if i < first else w for i, w in enumerate(made.weights)]
        model.intercept += mean
    for pair, place in zip(model.pairs, cells, strict=True):
        keys = pairing.keys(pair)
        mean = sum(pair.weights[keys[cell]] for cell in place) / len(place)
        pair.weights = {key: w - mean for key, w in pair.weights.items()}
        model.intercept += mean


def _array(values: Sequence[int]) -> "Array":
    import numpy as np

    return np.asarray(values, dtype=int)


def _exp(values: "Array") -> "Array":
    import numpy as np

    return np.exp(np.clip(values, -35, 35))
