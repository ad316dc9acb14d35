"""New rows by the thousand: PostgreSQL's COPY, with every trigger of the table, instead of statements as long as a book."""

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any

from django.db import connection, models, transaction
from psycopg import sql

#: Begins with WITH: pghistory tells the transaction who is acting before statements that may write, and passes over COPY.
_IDS = (
    "WITH numbers AS (SELECT nextval(pg_get_serial_sequence(%s, %s)) AS id FROM generate_series(1, %s))"
    " SELECT id FROM numbers"
)
#: Columns whose values are written as they are; every other field is asked how.
_PLAIN = (models.CharField, models.TextField, models.BooleanField)


def insert(rows: Sequence[Any]) -> None:
    """Write new rows of one model, as `bulk_create` does: ids are given to them, no signal is sent, no `save` is called.

    Raises what an INSERT would; then nothing is written.
    """
    if not rows:
        return
    model = type(rows[0])
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    columns = sql.SQL(", ").join([sql.Identifier(str(field.column)) for field in fields])
    copy_in = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(model._meta.db_table), columns)
    writers = [_writer(field) for field in fields]
    with transaction.atomic(), connection.cursor() as cursor:
        _number(cursor, model, [row for row in rows if row.pk is None])
        with connection.wrap_database_errors, cursor.copy(copy_in) as copy:
            for row in rows:
                copy.write_row([write(row) for write in writers])
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


def _number(cursor: Any, model: Any, rows: list[Any]) -> None:
    """Give ids to rows that have none."""
    if rows:
        cursor.execute(_IDS, [f'"{model._meta.db_table}"', model._meta.pk.column, len(rows)])
        for row, (number,) in zip(rows, cursor.fetchall(), strict=True):
            row.pk = number


def _writer(field: Any) -> Callable[[Any], Any]:
    """What gives the value of a column as COPY takes it."""
    kind: Any = type(field)
    plain = any(kind.get_prep_value is known.get_prep_value for known in _PLAIN)
    if plain and kind.get_db_prep_save is models.Field.get_db_prep_save and kind.pre_save is models.Field.pre_save:
        return attrgetter(field.attname)
    return lambda row: field.get_db_prep_save(field.pre_save(row, True), connection)
