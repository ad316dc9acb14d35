"""The first version of every row in its history: written for many rows by one statement instead of by a trigger per row."""

from typing import Any

import pgtrigger
from django.db import models
from pghistory.trigger import Event as Tracker
from psycopg import sql

LABEL = "insert"
#: What a version knows beyond the columns of its row. Whoever acts is not in it: the story has its own acts.
OWN = {
    "pgh_created_at": sql.SQL("now()"),
    "pgh_label": sql.Literal(LABEL),
    "pgh_obj_id": sql.Identifier("id"),
}


def triggers(model: Any) -> list[Any]:
    """The triggers that the code declares for this model."""
    return [trigger for owner, trigger in pgtrigger.registered() if owner is model]


def is_tracker(trigger: Any) -> bool:
    """Whether this is the trigger that writes the first version of a row."""
    return isinstance(trigger, Tracker) and trigger.label == LABEL


def first_versions(model: type[models.Model]) -> sql.Composed | None:
    """Writes the first version of all rows from a key to a key: what the trigger would have written; None if there is none."""
    tracker = next(filter(is_tracker, triggers(model)), None)
    if tracker is None:
        return None
    fields = [f for f in tracker.event_model._meta.concrete_fields if not f.name.startswith("pgh_")]
    columns = {str(f.column): sql.Identifier(str(f.column)) for f in fields} | OWN
    return sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {} WHERE id BETWEEN %s AND %s ORDER BY id").format(
        sql.Identifier(tracker.event_model._meta.db_table),
        sql.SQL(", ").join(map(sql.Identifier, columns)),
        sql.SQL(", ").join(columns.values()),
        sql.Identifier(model._meta.db_table),
    )
