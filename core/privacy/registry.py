"""What is declared about personal data: who is a person, where the house holds something of people, and what becomes of it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

#: In `Holding.erase`: only the person's names, addresses and numbers are blotted out of the text, the rest stays.
REDACT: Any = type("Redact", (), {"__repr__": lambda self: "REDACT"})()


@dataclass(frozen=True)
class Duty:
    """The law that keeps a document: for so many months since a day (None: this row is not kept)."""

    law: Any
    months: int
    since: Callable[[Any], date | datetime | None]


@dataclass(frozen=True)
class Holding:
    """A kind of row that holds something of people.

    It is theirs by foreign keys to a person's record (`paths`), by being about their records and documents (`about`, a generic
    relation called `subject`), or by `find(person, subjects)` (see `core.privacy.plan.Found`). A kind of person needs none.

    `erase` says what each personal column becomes: a value, an expression, or `REDACT`. `files` are foreign keys and
    many-to-many relations to `core.File` that go along. `duty` is the law that keeps some of the rows.
    """

    model: Any
    erase: dict[str, Any]
    paths: tuple[str, ...] = ()
    about: bool = False
    find: Callable[[Any, Any], Any] | None = None
    #: More rows that are theirs than the foreign keys tell, as a condition.
    match: Callable[[Any], Any] | None = None
    files: tuple[str, ...] = ()
    duty: Duty | None = None
    #: The column that tells when something happened, for "nothing has happened since".
    at: str = ""
    #: What is told on the page of an erasure beyond the name of the kind.
    hint: Any = ""
    #: Columns that are not given out, beyond those no person is ever given.
    untold: tuple[str, ...] = field(default=())


_people: list[Any] = []
_holdings: dict[Any, Holding] = {}
_exempt: dict[Any, Any] = {}


def register_people(*models: Any) -> None:
    """These kinds of record are people. They have an `email` and a `last_name`."""
    for model in models:
        if model not in _people:
            _people.append(model)


def person_models() -> tuple[Any, ...]:
    return tuple(_people)


def is_person(record: Any) -> bool:
    return isinstance(record, tuple(_people))


def declare(holdings: Iterable[Holding]) -> None:
    _holdings.update({holding.model: holding for holding in holdings})


def exempt(reasons: dict[Any, Any]) -> None:
    """Kinds of row that point at people or look as if they held something of them, and why nothing of them is."""
    _exempt.update(reasons)


def holdings() -> tuple[Holding, ...]:
    """People first, then what is theirs by foreign keys, then what is about all of it."""
    order = sorted(_holdings.values(), key=lambda h: (h.model not in _people, not h.paths))
    return tuple(order)


def holding_of(model: Any) -> Holding | None:
    return _holdings.get(model)


def exempted() -> dict[Any, Any]:
    return dict(_exempt)
