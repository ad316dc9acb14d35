"""From one table to another: learn from the rows of the first what the rows of the second are likely to become."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from leads.scoring.learning import checking, columns, fields, fitting, tables
from leads.scoring.learning.fields import Field
from leads.scoring.learning.model import Model
from leads.scoring.learning.tables import Rows, TableRefused

#: With fewer than so many of either outcome, nothing worth the name can be learnt.
FEWEST = 5
#: Days take part only where this share of those to be told lie within those learnt from: what a day was like tells nothing
#: of days to come.
_WITHIN = 0.9


@dataclass
class Forecast:
    """A probability for each row of the second table, in its order; what it rests on, and what to beware of."""

    probabilities: list[float]
    model: Model
    learnt_from: int
    won: int
    left_out: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


def forecast(known: Rows, asked: Rows, *, label: str, exclude: Sequence[str] = (), won: str = "") -> Forecast:
    """Learn from `known`, whose column `label` tells the outcome; tell `asked`. Raises TableRefused."""
    target = _label(known, label)
    out, unknown = tables.several(exclude, known.names)
    warnings = [_("There is no column “%(name)s” to exclude.") % {"name": name} for name in unknown]
    if known.uneven:
        warnings.append(tables.rows_left_out(len(known.uneven)))
        known = known.without_uneven()
    found = tables.outcomes(known.column(target), won)
    known = Rows(known.names, [row for row, outcome in zip(known.rows, found, strict=True) if outcome is not None], [])
    outcomes = [outcome for outcome in found if outcome is not None]
    _enough(outcomes)
    asked = _named_alike(asked, known)
    made, left_out = _fields(known, asked, [name for name in known.names if name != target and name not in out])
    warnings += _absent(made, asked)
    sample = fitting.Sample({f.name: _column(f, known) for f in made}, outcomes)
    warnings += [leak.sentence(leak.name) for leak in checking.leaks(sample)]
    model = fitting.fit(sample, made)
    return Forecast(_told(model, asked), model, len(outcomes), sum(outcomes), left_out, warnings)


def _named_alike(asked: Rows, known: Rows) -> Rows:
    """With columns called what they are called where they were learnt from, however they are capitalised."""
    names = {name.casefold(): name for name in known.names}
    return Rows(
        [name if name in known.names else names.get(name.casefold(), name) for name in asked.names], asked.rows, []
    )


def _label(known: Rows, label: str) -> str:
    meant = tables.named(label, known.names)
    if not meant:
        names = ", ".join(known.names[:40])
        raise TableRefused(_("There is no column “%(name)s”. There are: %(names)s.") % {"name": label, "names": names})
    return meant[0]


def _enough(outcomes: Sequence[int]) -> None:
    won = sum(outcomes)
    if min(won, len(outcomes) - won) < FEWEST:
        text = _("%(won)d rows are won and %(lost)d lost: to learn, it takes at least %(n)d of each.")
        raise TableRefused(text % {"won": won, "lost": len(outcomes) - won, "n": FEWEST})


def _fields(known: Rows, asked: Rows, names: Sequence[str]) -> tuple[list[Field], dict[str, str]]:
    """The fields that take part, and why the others do not."""
    made, left_out = [], {}
    for name in names:
        found = columns.field_of(name, known.column(name))
        if found == columns.DAYS:
            found = _days(name, known, asked)
        if isinstance(found, Field):
            made.append(found)
        else:
            left_out[name] = found
    return made, left_out


def _days(name: str, known: Rows, asked: Rows) -> Field | str:
    form = columns.form_of(known.column(name))
    learnt = [day for day in columns.days(known.column(name), form) if day is not None]
    told = [day for day in columns.days(asked.column(name), form) if day is not None] if name in asked.names else []
    if not learnt or not told or sum(min(learnt) <= day <= max(learnt) for day in told) < _WITHIN * len(told):
        return columns.DAYS
    made = fields.number_field(name, learnt)
    made.mark = form
    return made


def _column(made: Field, table: Rows) -> list[Any]:
    texts = table.column(made.name)
    return columns.days(texts, made.mark) if "%" in made.mark else list(texts)


def _absent(made: Sequence[Field], asked: Rows) -> list[str]:
    text = _("The column “%(name)s” is missing where it is asked for: it counts as empty.")
    return [text % {"name": f.name} for f in made if f.name not in asked.names]


def _told(model: Model, asked: Rows) -> list[float]:
    there = {f.name: _column(f, asked) for f in model.fields if f.name in asked.names}
    return [model.probability({name: column[i] for name, column in there.items()}) for i in range(len(asked))]
