"""Which kinds of record can be merged, and what each kind adds; filled by `zencrm/wiring.py`."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.urls import reverse

from core import access, history
from core.lifecycle import Reason


@dataclass(frozen=True)
class Twin:
    """A record that may be the same as another one, and why."""

    record: Any
    reason: str


def _nothing(_user: Any, _record: Any, _thorough: bool) -> list[Twin]:
    return []


@dataclass(frozen=True)
class Mergeable:
    """A kind of record of which two may be one.

    `against(keep, absorb)` gives reasons why not. `twins(user, record, thorough)` are those visible to the user that may be the
    same: found at once, for the record's page, or thoroughly. `pairs()` yields (id, id, why, likeness) over the whole table,
    for the list of likely duplicates; `words` names each `why`. `shown` names properties that
    say a field's value better than the bare value does (a year has no thousands). `apart` names references of which a record
    has one only: where both have one, that of the record which goes lets go of it, and stays by itself on the same thread.
    `notes(user, keep, absorb)` says what is worth knowing before one merges.
    `along` are tables with one row per record under its own id, which triggers make and take away with it: undoing brings
    back what stood there.
    """

    model: Any
    against: Callable[[Any, Any], list[Reason]] = lambda _keep, _absorb: []
    twins: Callable[[Any, Any, bool], list[Twin]] = _nothing
    pairs: Callable[[], Iterable[tuple[int, int, str, int]]] = tuple
    words: Callable[[str], Any] = str
    shown: Mapping[str, str] = field(default_factory=dict)
    along: tuple[Any, ...] = ()
    apart: frozenset[str] = frozenset()
    notes: Callable[[Any, Any, Any], list[Reason]] = lambda _user, _keep, _absorb: []

    @property
    def name(self) -> str:
        """As rows of merges and pairs name the kind."""
        return str(self.model._meta.label_lower)

    @property
    def rights(self) -> tuple[str, str]:
        """Who merges changes both."""
        return access.permission_name("merge", self.model), access.permission_name("change", self.model)

    def allows(self, user: Any) -> bool:
        return all(access.may(user, right) for right in self.rights)

    @property
    def content_type(self) -> int:
        return int(ContentType.objects.get_for_model(self.model).pk)


_kinds: dict[str, Mergeable] = {}


def register(*entries: Mergeable) -> None:
    for entry in entries:
        if not entry.model.MERGEABLE:
            raise TypeError(
                f"{entry.model.__name__} has to say MERGEABLE = True: its documents' triggers depend on it."
            )
        _kinds[entry.name] = entry
    for name in ("merged", "parted", "restored"):
        history.register_page(name, lambda event: reverse("core:merge_detail", args=[event.data["merge"]]))


def kinds() -> dict[str, Mergeable]:
    return _kinds


def kind_of(record: Any) -> Mergeable | None:
    """The entry of a record or model, None where its kind cannot be merged."""
    return _kinds.get(record._meta.label_lower)
