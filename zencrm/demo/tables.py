"""Rows on their way into the database: buffered per table, written by COPY, all in one transaction."""

import json
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

import pgtrigger
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models
from django.db.models import Max
from django.utils import timezone
from psycopg import sql

FLUSH_AT = 20_000
#: Guards of rows that hang on a document: the lines of what is issued, the ledger of closed projects, payments.
LATE_ROWS = ("frozen_lines", "closed_takes_nothing", "only_on_open_invoices")


class Table:
    """The rows of one model. `add(**values)` fills in the model's defaults and returns the row's key.

    `when_full` is called when it holds enough rows for one COPY.
    """

    def __init__(self, model: type[models.Model], *, when_full: Callable[[], None]) -> None:
        self.model, self.when_full = model, when_full
        self.columns = [f for f in model._meta.concrete_fields if not f.generated]
        self.key = str(model._meta.pk.attname)
        self.recipes = [(f.attname, _default(f), _shape(f)) for f in self.columns]
        names = [f.name for f in self.columns]
        self.changed = names.index("updated_at") if "updated_at" in names else None
        self.next_key: int = (model._base_manager.aggregate(last=Max("pk"))["last"] or 0) + 1
        self.rows: list[tuple[Any, ...]] = []
        self.written = self.counted = 0

    def add(self, **values: Any) -> int:
        key = self.next_key
        self.next_key += 1
        if "created_at" in values and self.changed is not None:
            values.setdefault("updated_at", values["created_at"])  # told long ago, not changed just now
        values[self.key] = key
        row = []
        for name, default, shape in self.recipes:
            value = values.pop(name) if name in values else default()
            row.append(shape(value) if shape else value)
        if values:
            raise LookupError(f"{self.model._meta.label} has no column {', '.join(values)}")
        self.rows.append(tuple(row))
        if len(self.rows) >= FLUSH_AT:
            self.when_full()
        return key

    def touch(self, key: int, at: datetime) -> None:
        """The row was last changed then, by an act; told only to rows that wait to be written."""
        place = key - (self.next_key - len(self.rows))
        if self.changed is not None and 0 <= place < len(self.rows):
            row = list(self.rows[place])
            row[self.changed] = max(row[self.changed], at)
            self.rows[place] = tuple(row)

    def flush(self) -> None:
        if not self.rows:
            return
        statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
            sql.Identifier(self.model._meta.db_table),
            sql.SQL(", ").join([sql.Identifier(str(f.column)) for f in self.columns]),
        )
        with connection.cursor() as cursor, cursor.copy(statement) as copy:
            for row in self.rows:
                copy.write_row(row)
        self.written += len(self.rows)
        self.rows.clear()
        self._count()

    def _count(self) -> None:
        """Let PostgreSQL count what it holds whenever that has doubled: triggers planned for an empty table read it whole."""
        if self.written < 2 * self.counted:
            return
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(self.model._meta.db_table)))
        self.counted = self.written


def _default(column: Any) -> Callable[[], Any]:
    """What makes the value of a column that is not given: the model's default, worked out once where it is a constant."""
    if getattr(column, "auto_now", False):
        return timezone.now
    if callable(column.default):
        return lambda: _amount(column.get_default())
    value = _amount(column.get_default())
    return (lambda: value) if value is not None or column.null else partial(_missing, column)


def _amount(value: Any) -> Any:
    return getattr(value, "amount", value)


def _missing(column: Any) -> Any:
    raise LookupError(f"{column.model._meta.label}.{column.name} needs a value")


def _shape(column: Any) -> Callable[[Any], Any] | None:
    """What turns a value into what COPY takes; None where that is the value itself."""
    if isinstance(column, models.JSONField):
        return _json
    return _decimal if isinstance(column, models.DecimalField) else None


def _json(value: Any) -> str:
    return "{}" if value == {} else json.dumps(value, cls=DjangoJSONEncoder)  # most are empty


def _decimal(value: Any) -> str | None:
    return None if value is None else str(value)


class Tables:
    """Every table the story writes to, by model."""

    def __init__(self) -> None:
        self._tables: dict[type[models.Model], Table] = {}

    def __getitem__(self, model: type[models.Model]) -> Table:
        if model not in self._tables:
            self._tables[model] = Table(model, when_full=self.flush)
        return self._tables[model]

    def flush(self) -> None:
        """Write all that waits, in the order of first use: triggers look for the rows that a row hangs on."""
        for table in self._tables.values():
            table.flush()

    def finish(self) -> dict[str, int]:
        """Write what is left and move the sequences past it. Returns rows by table."""
        self.flush()
        with connection.cursor() as cursor:
            for table in self._tables.values():
                name = table.model._meta.db_table
                cursor.execute(
                    "SELECT setval(pg_get_serial_sequence(%s, 'id'), %s, false)", [f'"{name}"', table.next_key]
                )
        return {str(table.model._meta.label): table.written for table in self._tables.values()}


def lift_line_guards() -> None:
    """Until the transaction ends, let lines of issued and accepted documents in: the story is told from its end."""
    names = [trigger.get_pgid(model) for model, trigger in pgtrigger.registered() if trigger.name in LATE_ROWS]
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pgtrigger.ignore', %s, true)", ["{" + ",".join(names) + "}"])
