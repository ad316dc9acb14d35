"""The thread bar: lead > opportunity > quote > order > contract > project > invoice > paid, in one query."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db.models import BooleanField, CharField, Exists, OuterRef, Value

from core.registry import Stage, thread_stages
from core.written import Statement


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
        model: Any = next(stage.model for stage in thread_stages if stage.key == key)
        current = isinstance(record, model) and record.pk == pk
        label = str(dict(model._meta.get_field("state").flatchoices).get(state, state))
        found[key].append(Stop(pk, number, state, label, at, model.page_of(pk) if visible else "", current))
    return [Step(stage.key, stage.label, stage.icon, found[stage.key]) for stage in thread_stages]


def _rows(thread_id: int, user: Any) -> list[tuple[Any, ...]]:
    """(stage, id, number, state, created at, visible) of every document, oldest first."""
    statement = _statement(user, user.team_id, frozenset(user.get_all_permissions()))
    return sorted(statement.rows({Statement.BLANK: thread_id}), key=lambda row: (row[4], row[1]))


@lru_cache(maxsize=128)
def _statement(user: Any, _team: Any, _rights: frozenset[str]) -> Statement:
    """The query for one reader, as long as their rights are these: to write it out takes ten times as long as to ask it."""
    queries = [_query(stage, user) for stage in thread_stages]
    return Statement.of(queries[0].union(*queries[1:], all=True))


def _query(stage: Stage, user: Any) -> Any:
    rows = stage.model.objects.filter(thread_id=Statement.BLANK).order_by()  # type: ignore[attr-defined]
    rows = rows.annotate(key=Value(stage.key, output_field=CharField()), visible=_visible(stage.model, user))
    return rows.values_list("key", "pk", stage.number, "state", "created_at", "visible")


def _visible(model: Any, user: Any) -> Any:
    """Whether the user may see a row, as an expression: a constant where all rows or none are visible."""
    visible = model.objects.visible_to(user)
    if visible.query.is_empty() or not visible.query.where:
        return Value(not visible.query.is_empty(), output_field=BooleanField())
    return Exists(visible.filter(pk=OuterRef("pk")))
