"""Indexes for fields of numbers, days and texts: made when the field is made, so that lists sort and filter at any size.

They stand in no migration: `keep` compares what there is with what the fields ask for, and runs outside a transaction, so that
nobody waits for it.
"""

import logging
from typing import Any

from django.db import connection

from core import fulltext, outbox
from core.fields.definitions import takes_part
from core.models import CustomField

log = logging.getLogger(__name__)

INDEXED = (CustomField.Kind.NUMBER, CustomField.Kind.DATE, CustomField.Kind.TEXT)
#: Lists put empty values last in either direction, and rows of one value by id.
_WAYS = {"up": "ASC NULLS LAST", "down": "DESC NULLS LAST"}


def wanted() -> dict[str, str]:
    """{name of an index: the statement that makes it}."""
    found = {}
    for field in CustomField.objects.filter(active=True, kind__in=INDEXED).select_related("model"):
        model: Any = field.model.model_class()
        if not takes_part(model):
            continue
        if field.kind == CustomField.Kind.TEXT:
            found[f"cf_{field.pk}_words"] = (
                f"ON {connection.ops.quote_name(model._meta.db_table)} USING gin ({fulltext.own_text(field.name)})"
                f" WITH (gin_pending_list_limit = {fulltext.PENDING})"
                f" WHERE {fulltext.has_own_text(field.name)}"
            )
            continue
        for way, order in _WAYS.items():
            index, key = f"cf_{field.pk}_{way}", "DESC" if way == "down" else "ASC"
            table, name = connection.ops.quote_name(model._meta.db_table), field.name.replace("'", "''")
            found[index] = f"ON {table} ((custom -> '{name}') {order}, id {key})"
    return found


def present() -> dict[str, bool]:
    """{name of an index of ours: whether it is whole}; one whose making was interrupted is not."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, i.indisvalid FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid"
            " WHERE c.relname ~ '^cf_[0-9]+_(up|down|words)$'"
        )
        return dict(cursor.fetchall())


def keep() -> None:
    """Make the indexes that are missing, and drop those that nothing asks for."""
    asked, there = wanted(), present()
    here = "" if connection.in_atomic_block else "CONCURRENTLY "
    with connection.cursor() as cursor:
        for name, whole in there.items():
            if name not in asked or not whole:
                cursor.execute(f"DROP INDEX {here}IF EXISTS {name}")
        for name, rest in asked.items():
            if not there.get(name):
                cursor.execute(f"CREATE INDEX {here}IF NOT EXISTS {name} {rest}")
                cursor.execute(f"ANALYZE {rest.split()[1]}")  # how the values are spread decides whether it is used
                log.info("Made an index for a custom field", extra={"index": name})


def keep_later() -> None:
    """The same, by a worker."""
    outbox.kick("core.keep_indexes")
