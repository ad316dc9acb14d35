"""Questions that Django writes out once, for pages that are asked for all day.

To resolve and write a nested question takes Django some milliseconds, more than the database takes to answer it. What is the
same each time is therefore written once and kept, by a function under `functools.cache`: it needs a database to be written.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from django.db import DEFAULT_DB_ALIAS, connection, models
from django.db.models.expressions import RawSQL


def written(model: type[models.Model], expression: Any) -> RawSQL:
    """An expression about one row of `model` as the SQL that Django makes of it, to be annotated again and again.

    Only for expressions that are the same for every reader, in queries of which `model` is the first table: the SQL names its
    columns.
    """
    compiler = model._base_manager.annotate(written=expression).values("written").query.get_compiler(DEFAULT_DB_ALIAS)
    compiler.pre_sql_setup()
    (resolved, (sql, params), _alias), *_others = compiler.select
    return RawSQL(sql, params, output_field=resolved.output_field)  # noqa: S611 - Django's own


@dataclass(frozen=True)
class Statement:
    """A whole question, with blanks for what differs from one asking to the next: no id is negative, no text holds NUL."""

    sql: str
    params: tuple[Any, ...]

    #: Blanks for ids, and one for a text.
    BLANK, SECOND, THIRD, WORDS = -1, -2, -3, "\0"

    @classmethod
    def of(cls, rows: models.QuerySet[Any]) -> Self:
        sql, params = rows.query.sql_with_params()
        return cls(sql, tuple(params))

    def filled(self, blanks: Mapping[Any, Any]) -> list[Any]:
        """The parameters with values in the place of blanks."""
        return [blanks.get(p, p) if isinstance(p, int | str) else p for p in self.params]

    def rows(self, blanks: Mapping[Any, Any]) -> list[tuple[Any, ...]]:
        """Ask it: plain values, as psycopg reads them."""
        with connection.cursor() as cursor:
            cursor.execute(self.sql, self.filled(blanks))
            return list(cursor.fetchall())
