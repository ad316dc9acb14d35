"""Which kinds of record are people: those with consents, and of whom one can be told, or erased, everything."""

from typing import Any

_people: list[Any] = []


def register_people(*models: Any) -> None:
    """These kinds of record are people. They have an `email`."""
    for model in models:
        if model not in _people:
            _people.append(model)


def person_models() -> tuple[Any, ...]:
    return tuple(_people)


def is_person(record: Any) -> bool:
    return isinstance(record, tuple(_people))
