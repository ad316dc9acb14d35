"""Custom fields and tags on the page of a record, and in its history."""

from collections.abc import Iterator
from typing import Any

from core import ui
from core.fields import values
from core.fields.definitions import definitions, everything, tags


def facts(record: Any) -> list[tuple[str, Any]]:
    """(label, value as it is shown) of every field in use."""
    return [
        (made.label, ui.show(values.python(made.kind, record.custom.get(made.name))))
        for made in definitions(type(record))
    ]


def labels(record: Any) -> list[tuple[str, str]]:
    """(tag, colour) of a record."""
    if not (mine := getattr(record, "tags", None)):
        return []
    known = tags()
    return [(name, known.get(name, "secondary")) for name in mine]


def differences(model: Any, before: dict[str, Any], after: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """What changed between two versions: (label, old, new), under the fields' present names."""
    known = {made.name: made for made in everything(model)}
    for name in dict.fromkeys([*known, *before, *after]):
        old, new = before.get(name), after.get(name)
        if old != new:
            made = known.get(name)
            kind = made.kind if made else "text"
            was, is_now = (values.shown(kind, value) or "—" for value in (old, new))
            yield made.label if made else name, was, is_now
