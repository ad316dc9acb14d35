"""What PostgreSQL leaves out while the story is told, and takes up again before the transaction ends.

The story is told from its end: lines of issued and accepted documents come in when these are frozen already. And a trigger
per row would write the first version of each row, which `Batch.write` does for many.
"""

from typing import Any, Protocol

from django.db import connection, models
from psycopg import sql

from zencrm.demo.versions import is_tracker, triggers

#: Guards of rows that hang on a document: the lines of what is issued, the ledger of closed projects, payments.
LATE_ROWS = ("frozen_lines", "closed_takes_nothing", "only_on_open_invoices")

_FOREIGN_KEYS = (
    "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'f' AND conrelid = %s::regclass"
)
_DROP = sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}")
_ADD = sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} {}")
_DISABLE = sql.SQL("ALTER TABLE {} DISABLE TRIGGER {}")
_ENABLE = sql.SQL("ALTER TABLE {} ENABLE TRIGGER {}")


class Loading(Protocol):
    """How rows get into tables by the thousand, inside one transaction."""

    def open(self, model: type[models.Model]) -> None:
        """Rows of this model will come."""

    def close(self) -> None:
        """No more rows will come; everything is as before. After an error the roll-back does it."""


class IntoEmpty:
    """Into a database that nobody uses yet: tables are locked. What refers to what is checked for all rows at the end."""

    def __init__(self) -> None:
        self._restore: list[sql.Composed] = []
        _check_now()  # a table with checks to come cannot be altered

    def open(self, model: type[models.Model]) -> None:
        table = sql.Identifier(model._meta.db_table)
        with connection.cursor() as cursor:
            cursor.execute(_FOREIGN_KEYS, [f'"{model._meta.db_table}"'])
            for name, definition in cursor.fetchall():
                cursor.execute(_DROP.format(table, sql.Identifier(name)))
                # The definition is PostgreSQL's own text.
                self._restore.append(_ADD.format(table, sql.Identifier(name), sql.SQL(definition)))
            for name in _lifted(model):
                cursor.execute(_DISABLE.format(table, sql.Identifier(name)))
                self._restore.append(_ENABLE.format(table, sql.Identifier(name)))

    def close(self) -> None:
        with connection.cursor() as cursor:
            for statement in self._restore:
                cursor.execute(statement)


class IntoUsed:
    """Into a database that others may be using: triggers are left out for this transaction only, and nothing is locked.

    It takes twice as long.
    """

    def __init__(self) -> None:
        self._ignored: list[str] = []
        with connection.cursor() as cursor:
            cursor.execute("SELECT coalesce(current_setting('pgtrigger.ignore', true), '')")
            self._before = cursor.fetchone()[0] or "{}"

    def open(self, model: type[models.Model]) -> None:
        self._ignored += _lifted(model)
        self._ignore("{" + ",".join(self._ignored) + "}")

    def close(self) -> None:
        self._ignore(self._before)
        _check_now()

    def _ignore(self, names: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('pgtrigger.ignore', %s, true)", [names])


def _check_now() -> None:
    """Check what was to be checked when the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _lifted(model: Any) -> list[str]:
    """The triggers of this model that are left out, by their names in PostgreSQL."""
    return [t.get_pgid(model) for t in triggers(model) if t.name in LATE_ROWS or is_tracker(t)]
