"""The thread bar: lead > opportunity > quote > order > contract > project > invoice > paid, in one query."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import BooleanField, CharField, Exists, F, OuterRef, Value
from django.db.models.functions import Cast

from core.registry import Stage, thread_stages


@dataclass(frozen=True)
class Stop:
    """A document of the thread. `url` is empty where the user may not see the document; the step itself is no secret."""

    pk: int
    number: str
    state: str
    state_label: str
    at: datetime
    url: str
    current: bool


@dataclass(frozen=True)
class Step:
    """A stage with the documents that exist there, oldest first."""

    key: str
    label: Any
    icon: str
    stops: list[Stop]


def bar(record: Any, user: Any) -> list[Step]:
    """Every stage of the deal this record belongs to, with its documents; empty without a thread."""
    thread_id = getattr(record, "thread_id", None)
    if not thread_id or not thread_stages:
        return []
    rows = _rows(thread_id, user)
    found: dict[str, list[Stop]] = {stage.key: [] for stage in thread_stages}
    for key, pk, number, state, at, visible in rows:
        stage = next(s for s in thread_stages if s.key == key)
        current = isinstance(record, stage.model) and record.pk == pk
        label = str(dict(stage.model._meta.get_field("state").flatchoices).get(state, state))  # type: ignore[union-attr]
        found[key].append(Stop(pk, number, state, label, at, _page(stage, pk) if visible else "", current))
    return [Step(stage.key, stage.label, stage.icon, found[stage.key]) for stage in thread_stages]


def _page(stage: Stage, pk: int) -> str:
    record: Any = stage.model(pk=pk)
    return str(record.page_url())


def _rows(thread_id: int, user: Any) -> list[tuple[Any, ...]]:
    queries = [_query(stage, thread_id, user) for stage in thread_stages]
    return list(queries[0].union(*queries[1:], all=True).order_by("at", "pk"))


def _query(stage: Stage, thread_id: int, user: Any) -> Any:
    visible = stage.model.objects.visible_to(user).filter(pk=OuterRef("pk"))  # type: ignore[attr-defined]
    shown = Value(False, output_field=BooleanField()) if visible.query.is_empty() else Exists(visible)
    return (
        stage.model.objects.filter(thread_id=thread_id)  # type: ignore[attr-defined]
        .order_by()
        .annotate(
            key=Value(stage.key, output_field=CharField()),
            shown_number=Cast(F(stage.number), CharField()),
            shown_state=Cast(F("state"), CharField()),
            at=F("created_at"),
            visible=shown,
        )
        .values_list("key", "pk", "shown_number", "shown_state", "at", "visible")
    )
