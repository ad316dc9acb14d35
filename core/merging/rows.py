"""Rows column by column as PostgreSQL writes them: exact for every type, so that a row comes back as it was."""

from collections.abc import Iterable
from typing import Any

from django.db import connection

Columns = dict[str, str | None]


def stored(model: Any) -> list[Any]:
    """The fields whose columns are written; what the database computes is left out."""
    return [field for field in model._meta.concrete_fields if not field.generated]


def judged(model: Any) -> list[Any]:
    """Columns that mean something: those history keeps. A score or a date of change may have moved by itself."""
    versions = getattr(model, "pgh_event_model", None)
    names = {f.column for f in versions._meta.concrete_fields} if versions else None
    return [f for f in stored(model) if (f.column in names if names is not None else not getattr(f, "auto_now", False))]


def read(model: Any, pk: int) -> Columns:
    """A row's columns as text, None for NULL."""
    columns = [field.column for field in stored(model)]
    asked = ", ".join(f"{_quoted(name)}::text" for name in columns)
    found = _run(f"SELECT {asked} FROM {_table(model)} WHERE {_key(model)} = %s", [pk])  # noqa: S608
    return dict(zip(columns, found[0], strict=True))


def insert(model: Any, values: Columns) -> None:
    """Put a row back. Columns that are newer than `values` get their default."""
    names, marks, params = [], [], []
    for field in stored(model):
        names.append(_quoted(field.column))
        known = field.column in values
        marks.append(f"%s::{_type(field)}" if known else "%s")
        params.append(values[field.column] if known else field.get_db_prep_save(field.get_default(), connection))
    _run(f"INSERT INTO {_table(model)} ({', '.join(names)}) VALUES ({', '.join(marks)})", params, fetch=False)  # noqa: S608


def write(model: Any, pk: int, values: Columns) -> None:
    """Give columns these values; what a trigger of the table has set differently on the way is then written by itself."""
    for _attempt in range(2):
        present = read(model, pk)
        fields = [f for f in stored(model) if f.column in values and values[f.column] != present[f.column]]
        if not fields:
            return
        marks = ", ".join(f"{_quoted(f.column)} = %s::{_type(f)}" for f in fields)
        params = [*(values[f.column] for f in fields), pk]
        _run(f"UPDATE {_table(model)} SET {marks} WHERE {_key(model)} = %s", params, fetch=False)  # noqa: S608


def as_record(model: Any, values: Columns) -> Any:
    """The record these columns make, for showing it; it may be gone from the database."""
    fields = [field for field in stored(model) if field.column in values]
    marks = ", ".join(f"%s::{_type(f)} AS {_quoted(f.column)}" for f in fields)
    return model._base_manager.raw(f"SELECT {marks}", [values[f.column] for f in fields])[0]


def repoint(reference: Any, kind: Any, old: int | None, new: int | None, ids: Iterable[int] | None = None) -> list[int]:
    """Let rows that point at record `old` point at `new`, all or only those of these ids. Returns the ids of the moved ones.

    None is no record at all: rows let go of one, or take hold of one again.
    """
    column, model = _quoted(reference.field.column), reference.model
    params: list[Any] = [new] if old is None else [new, old]
    where = [f"{column} IS NULL" if old is None else f"{column} = %s"]
    if reference.kind:
        where.append(f"{_quoted(model._meta.get_field(reference.kind).column)} = %s")
        params.append(kind)
    if ids is not None:
        where.append(f"{_key(model)} = ANY(%s)")
        params.append(list(ids))
    found = _run(
        f"UPDATE {_table(model)} SET {column} = %s WHERE {' AND '.join(where)} RETURNING {_key(model)}",  # noqa: S608
        params,
    )
    return sorted(row[0] for row in found)


def _run(statement: str, params: list[Any], *, fetch: bool = True) -> list[tuple[Any, ...]]:
    # Names of tables, columns and types come from the models; every value is a parameter.
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return cursor.fetchall() if fetch else []


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def _table(model: Any) -> str:
    return _quoted(model._meta.db_table)


def _key(model: Any) -> str:
    return _quoted(model._meta.pk.column)


def _type(field: Any) -> str:
    return str(field.db_type(connection))
