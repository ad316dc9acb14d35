"""Rows on their way into the database: buffered per table, written by COPY, all in one transaction."""

import json
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
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
        row = [key if f.primary_key else values.pop(f.attname, _MISSING) for f in self.columns]
        if values:
            raise LookupError(f"{self.model._meta.label} has no column {', '.join(values)}")
        self.rows.append(tuple(_prepared(f, v) for f, v in zip(self.columns, row, strict=True)))
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


_MISSING: Any = object()


def _prepared(column: Any, value: Any) -> Any:
    """A value as COPY takes it; a missing one is the model's default."""
    if value is _MISSING:
        value = timezone.now() if getattr(column, "auto_now", False) else column.get_default()
        if value is None and not column.null:
            raise LookupError(f"{column.model._meta.label}.{column.name} needs a value")
        value = getattr(value, "amount", value)
    if isinstance(column, models.JSONField):
        return json.dumps(value, cls=DjangoJSONEncoder)
    return str(value) if isinstance(value, Decimal) else value


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
