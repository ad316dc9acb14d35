"""Rows on their way into the database: buffered per table, written by COPY in the background, all in one transaction."""

import json
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial
from types import TracebackType
from typing import Any, Self

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models
from django.db.models import Max
from django.utils import timezone
from psycopg import Connection, sql

from zencrm.demo.loading import Loading
from zencrm.demo.versions import first_versions

FLUSH_AT = 20_000


class Table:
    """The rows of one model. `add(**values)` fills in the model's defaults and returns the row's key.

    `when_full` is called when it holds enough rows for one COPY.
    """

    def __init__(self, model: type[models.Model], *, when_full: Callable[[], None]) -> None:
        self.model, self.when_full = model, when_full
        self.columns = [f for f in model._meta.concrete_fields if not f.generated]
        self.key = str(model._meta.pk.attname)
        self.dated = {"created_at", "updated_at"} <= {f.name for f in self.columns}
        self.shapes = {f.attname: shape for f in self.columns if (shape := _shape(f))}
        self.defaults = {f.attname: _default(f) for f in self.columns}
        self.constants = {name: None if callable(value) else value for name, value in self.defaults.items()}
        self.made = {name: value for name, value in self.defaults.items() if callable(value)}
        self.next_key: int = (model._base_manager.aggregate(last=Max("pk"))["last"] or 0) + 1
        self.rows: list[dict[str, Any]] = []
        self.written = self.counted = 0

    def add(self, **values: Any) -> int:
        for name, shape in self.shapes.items():
            if name in values:
                values[name] = shape(values[name])
        values[self.key] = key = self.next_key
        if self.dated and "created_at" in values:
            values.setdefault("updated_at", values["created_at"])  # told long ago, not changed just now
        for name, make in self.made.items():
            if name not in values:
                values[name] = make()
        row = self.constants | values  # in the order of the columns
        if len(row) != len(self.constants):
            raise LookupError(f"{self.model._meta.label} has no column {', '.join(row.keys() - self.constants.keys())}")
        self.next_key += 1
        self.rows.append(row)
        if len(self.rows) >= FLUSH_AT:
            self.when_full()
        return key

    def touch(self, key: int, at: datetime) -> None:
        """The row was last changed then, by an act; told only to rows that wait to be written."""
        place = key - (self.next_key - len(self.rows))
        if self.dated and 0 <= place < len(self.rows):
            row = self.rows[place]
            if at > row["updated_at"]:
                row["updated_at"] = at

    def take(self) -> "Batch":
        """The rows that wait, to be written now.

        PostgreSQL is to count what it holds whenever that has doubled: triggers planned for an empty table read it whole.
        """
        rows, self.rows = self.rows, []
        self.written += len(rows)
        count = self.written >= 2 * self.counted
        if count:
            self.counted = self.written
        return Batch(self, rows, self.next_key - len(rows), count=count)

    @cached_property
    def statements(self) -> tuple[sql.Composed, sql.Composed | None, sql.Composed]:
        """COPY, the first versions of what was copied, and the counting."""
        name = sql.Identifier(self.model._meta.db_table)
        columns = sql.SQL(", ").join([sql.Identifier(str(f.column)) for f in self.columns])
        copy = sql.SQL("COPY {} ({}) FROM STDIN").format(name, columns)
        return copy, first_versions(self.model), sql.SQL("ANALYZE {}").format(name)


@dataclass
class Batch:
    """Rows of one table for one COPY; their keys run without a gap from `first`."""

    table: Table
    rows: list[dict[str, Any]]
    first: int
    count: bool

    def write(self, raw: "Connection[Any]") -> None:
        copy_in, versions, count = self.table.statements
        with raw.cursor() as cursor:
            with cursor.copy(copy_in) as copy:
                for row in self.rows:
                    copy.write_row(list(row.values()))
            if versions:
                cursor.execute(versions, [self.first, self.first + len(self.rows) - 1])
            if self.count:
                cursor.execute(count)


def _default(column: Any) -> Any:
    """The value of a column that is not given, as COPY takes it; where it is not always the same, what makes it."""
    if getattr(column, "auto_now", False):
        return timezone.now
    if column.has_default() and callable(column.default) and column.default not in (dict, list):
        return column.default
    value, shape = _amount(column.get_default()), _shape(column)
    if value is None and not (column.null or column.primary_key):
        return partial(_missing, column)
    return shape(value) if shape else value


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


class Tables(dict[type[models.Model], Table]):
    """Every table the story writes to, by model.

    While one part of the story is written, the next is invented: a thread of its own feeds PostgreSQL through the
    connection of the transaction. It does one thing at a time, so who asks the database anything calls `settle` first.
    """

    def __init__(self, loading: Loading) -> None:
        super().__init__()
        self._loading = loading
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="copy")
        self._writing: Future[None] | None = None

    def __missing__(self, model: type[models.Model]) -> Table:
        self.settle()
        self._loading.open(model)
        self[model] = table = Table(model, when_full=self.flush)
        return table

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """The connection is free again when this returns, also after an error."""
        self._writer.shutdown()

    def flush(self) -> None:
        """Write all that waits, in the order of first use: triggers look for the rows that a row hangs on."""
        batches = [table.take() for table in self.values() if table.rows]
        self.settle()
        self._writing = self._writer.submit(_write, connection.connection, batches)

    def settle(self) -> None:
        """Wait until what was begun is written; raises what went wrong there."""
        if self._writing:
            self._writing.result()
            self._writing = None

    def finish(self) -> dict[str, int]:
        """Write what is left and move the sequences past it. Returns rows by table."""
        self.flush()
        self.settle()
        self._loading.close()
        with connection.cursor() as cursor:
            for table in self.values():
                name, column = table.model._meta.db_table, table.model._meta.pk.column
                cursor.execute(  # a row under another one's id has no sequence
                    "SELECT setval(pg_get_serial_sequence(%s, %s), %s, false)", [f'"{name}"', column, table.next_key]
                )
        return {str(table.model._meta.label): table.written for table in self.values()}


def _write(raw: "Connection[Any]", batches: list[Batch]) -> None:
    for batch in batches:
        batch.write(raw)
