"""What PostgreSQL is told to count, so that it guesses well how many rows a question has."""

from typing import Any

from django.db import models
from django.db.backends.ddl_references import Columns, Statement, Table


class Together(models.Index):
    """The most common values of some columns together (`CREATE STATISTICS`), declared among a model's indexes.

    By itself PostgreSQL takes conditions for independent, and multiplies: "mine or nobody's" and "nobody's" then have next to
    no rows, and the index that is in the order of the list is left aside.
    """

    def create_sql(self, model: Any, schema_editor: Any, using: str = "", **kwargs: Any) -> Statement:
        names = [model._meta.get_field(name).column for name, _order in self.fields_orders]
        table = model._meta.db_table
        return Statement(
            "CREATE STATISTICS %(name)s (mcv) ON %(columns)s FROM %(table)s",
            name=schema_editor.quote_name(self.name),
            columns=Columns(table, names, schema_editor.quote_name),
            table=Table(table, schema_editor.quote_name),
        )

    def remove_sql(self, model: Any, schema_editor: Any, **kwargs: Any) -> str:
        return f"DROP STATISTICS {schema_editor.quote_name(self.name)}"
