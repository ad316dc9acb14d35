"""The declaration of a document of the API, and how it is written as JSON."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.db import models
from django.http import Http404
from django.urls import reverse

from core import access, lifecycle, registry
from core.addresses import of_record
from core.api import bridge
from core.api.outputs import LINE_FIELDS, Output, outputs, write
from core.api.parsing import LARGEST
from core.fields import api as own_fields
from core.lifecycle import Verb
from core.models import Priced
from core.registry import Handover
from core.remembered import Remembered

#: What every record begins and ends with.
FIRST, LAST = ("id",), ("created_at", "updated_at")
#: Made once; anew when choices that are rows have changed.
_tables: Remembered[dict[tuple[Any, str], list[Output]]] = Remembered(dict)


class DocumentApi:
    """Declare `model`, `prefix` (as in the pages' addresses) and `fields`; the rest is taken from the pages.

    `more` are fields of the single record only (they cost queries, or are long); `without` names verbs and hand-overs that the
    API does not offer; `acts` adds hand-over pages that stand on no toolbar.
    """

    model: Any = None
    prefix = ""
    fields: Sequence[str] = ()
    more: Sequence[str] = ()
    line_fields: Sequence[str] = LINE_FIELDS
    without: Sequence[str] = ()
    acts: ClassVar[Mapping[str, Any]] = {}
    #: Bytes of a request's body.
    largest = LARGEST

    # --- Pages -------------------------------------------------------------------------------------------------------

    @classmethod
    def page(cls, kind: str) -> Any:
        """The list, create, detail, edit or act page of the document, or None where it has none."""
        arguments = {"list": (), "create": (), "act": (0, "x")}.get(kind, (0,))
        return bridge.page_class(cls.model.url_name(kind), *arguments)

    @classmethod
    def permission(cls, action: str) -> str:
        return access.permission_name(action, cls.model)

    @classmethod
    def record(cls, user: Any, pk: int) -> Any:
        """The record as its page shows it: 403 without the right to look at its kind, 404 if it is not this user's to see."""
        return bridge.open_page(cls.page("detail"), user, pk=pk).record()

    @classmethod
    def seen_by(cls, user: Any, pk: int) -> Any:
        """The record if this user may see it, else None."""
        if not user.is_active or not user.has_perm(cls.permission("view")):
            return None
        try:
            return cls.record(user, pk)
        except Http404:
            return None

    @classmethod
    def told_to(cls, user: Any, pk: int) -> Any:
        """The record if a webhook of this user's may tell of it, else None."""
        return cls.seen_by(user, pk)

    # --- Verbs and hand-overs ----------------------------------------------------------------------------------------

    @classmethod
    def verbs(cls) -> dict[str, Verb]:
        """Verbs with a button of their own."""
        return {n: v for n, v in lifecycle.verbs(cls.model).items() if v.by_hand and n not in cls.without}

    @classmethod
    def handovers(cls) -> dict[str, Handover]:
        """Hand-overs, called by the verb they perform where there is one: `convert`, `send`, `draft_invoice`."""
        found = {handover.verb or handover.name: handover for handover in registry.handovers_of(cls.model)}
        return {name: handover for name, handover in found.items() if name not in cls.without}

    @classmethod
    def handover_page(cls, name: str) -> Any:
        """The page class of a hand-over, whose form and service are used."""
        return cls.acts[name] if name in cls.acts else bridge.page_class(cls.handovers()[name].url_name, 0)

    @classmethod
    def all_acts(cls) -> dict[str, Any]:
        """{name in the address: Verb, Handover or page}."""
        return {**cls.verbs(), **cls.handovers(), **cls.acts}

    # --- JSON --------------------------------------------------------------------------------------------------------

    @classmethod
    def columns(cls) -> list[Output]:
        """The fields of every answer."""
        return _kept(cls, "columns", cls.model, (*FIRST, *cls.fields, *LAST))

    @classmethod
    def further(cls) -> list[Output]:
        """The fields of the single record."""
        costs = ("cost", "margin", "margin_percent") if issubclass(cls.model, Priced) else ()
        return _kept(cls, "further", cls.model, (*cls.more, *costs))

    @classmethod
    def line_columns(cls) -> list[Output]:
        model = cls.line_model()
        known = {field.name for field in model._meta.concrete_fields} if model else set()
        return _kept(cls, "lines", model, [name for name in cls.line_fields if name in known])

    @classmethod
    def line_model(cls) -> Any:
        return cls.model._meta.get_field("lines").related_model if issubclass(cls.model, Priced) else None

    @classmethod
    def has_owner(cls) -> bool:
        return "owner" in cls.fields and isinstance(cls.model._meta.get_field("owner"), models.ForeignKey)

    @classmethod
    def brief(cls, record: Any, user: Any) -> dict[str, Any]:
        """A record as lists show it."""
        found = {
            "type": cls.model._meta.model_name,
            "name": str(record),
            "url": of_record(f"api:{cls.prefix}_detail", record.pk),
            "page_url": record.page_url(),
            **write(record, cls.columns(), hidden=hidden(cls.model, user)),
            **own_fields.write(record),
        }
        if cls.has_owner():
            found["owner_name"] = str(record.owner) if record.owner_id else None
        return found

    @classmethod
    def whole(cls, record: Any, user: Any) -> dict[str, Any]:
        """The single record: with its lines, its next steps, and what costs further queries."""
        found = cls.brief(record, user) | write(record, cls.further(), hidden=hidden(cls.model, user))
        if columns := cls.line_columns():
            unseen = hidden(cls.line_model(), user)
            found["lines"] = [write(line, columns, hidden=unseen) for line in record.lines.all()]
        found["next_steps"] = [cls._step(record, step) for step in record.next_steps(user)]
        return found

    @classmethod
    def _step(cls, record: Any, step: lifecycle.Step) -> dict[str, Any]:
        name = next((called for called, each in cls.handovers().items() if each.name == step.name), step.name)
        offered = name in cls.all_acts()
        return {
            "verb": name,
            "label": str(step.label),
            "allowed": step.allowed,
            "reasons": [str(reason) for reason in step.reasons],
            "url": reverse(f"api:{cls.prefix}_{name}", args=[record.pk]) if offered else None,
        }


def hidden(model: Any, user: Any) -> Sequence[str]:
    """The fields of a model that this user does not get."""
    return () if access.can_see_costs(user) else tuple(getattr(model, "COST_FIELDS", ()))


def _kept(api: Any, kind: str, model: Any, names: Sequence[str]) -> list[Output]:
    tables = _tables()
    if (api, kind) not in tables:
        tables[api, kind] = outputs(model, names)
    return tables[api, kind]
