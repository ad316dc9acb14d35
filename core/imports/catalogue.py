"""What can be imported by hand, and by whom: registered by `zencrm/wiring.py`, since resources stand above core."""

from dataclasses import dataclass
from typing import Any

from django.utils.text import capfirst

from core import access
from core.imports.reader import Limits
from core.imports.resource import RecordResource

#: What pages take, less than whoever stands at the machine.
LIMITS = Limits(size=50 * 1024 * 1024, unpacked=400 * 1024 * 1024, rows=500_000)


@dataclass(frozen=True)
class Importable:
    """One kind of record. `keys` are the fields rows may be known by; `is_list`: people, whom sellers bring along too."""

    name: str
    resource: type[RecordResource]
    keys: tuple[str, ...]
    is_list: bool = False

    @property
    def model(self) -> Any:
        return self.resource._meta.model

    @property
    def label(self) -> str:
        return str(capfirst(self.model._meta.verbose_name_plural))

    def allows(self, user: Any) -> bool:
        """Both rights on the model, and that of bringing in many at once."""
        model = self.model
        both = all(access.may(user, access.permission_name(act, model)) for act in ("add", "change"))
        rights = ("core.import_records", "core.import_lists") if self.is_list else ("core.import_records",)
        return both and any(access.may(user, right) for right in rights)


_known: dict[str, Importable] = {}


def register(*kinds: Importable) -> None:
    _known.update({kind.name: kind for kind in kinds})


def known() -> dict[str, Importable]:
    return _known


def get(name: str) -> Importable:
    return _known[name]


def allows(user: Any, name: str) -> bool:
    return name in _known and _known[name].allows(user)


def offered(user: Any) -> list[Importable]:
    """The kinds this person may import."""
    return [kind for kind in _known.values() if kind.allows(user)]
