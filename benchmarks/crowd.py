"""Many records to search in: the story's own, copied by the database until there are enough. Prints what is searched for."""

import json
import sys
from math import ceil
from typing import Any

import django

#: Kinds that a company has most of and that can be copied by themselves; each grows by the same factor.
KINDS = (
    "leads.lead", "parties.company", "parties.contact", "opportunities.opportunity", "quotes.quote", "customercare.case",
)  # fmt: skip


def main(wanted: int) -> dict[str, Any]:
    from django.db import connection, transaction

    from benchmarks import addresses

    models = _models()
    with connection.cursor() as cursor:
        if (there := _count(models)) < wanted:
            with transaction.atomic():
                for model in models:
                    _copy(cursor, model, times=ceil(wanted / there) - 1)
            cursor.execute("VACUUM ANALYZE")
    return {"rows": _count(models), "searches": addresses.searches()}


def _models() -> list[Any]:
    from django.apps import apps

    return [apps.get_model(label) for label in KINDS]


def _count(models: list[Any]) -> int:
    return sum(model.objects.count() for model in models)


def _copy(cursor: Any, model: Any, *, times: int) -> None:
    """Rows as they are but for what must be unique. No trigger fires: copies have no history and make no documents."""
    fields = [f for f in model._meta.concrete_fields if not f.primary_key and not f.generated]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    values = ", ".join(_value(field) for field in fields)
    table = model._meta.db_table
    cursor.execute("SET LOCAL session_replication_role = replica")
    cursor.execute(
        f'INSERT INTO "{table}" ({columns}) SELECT {values} FROM "{table}", generate_series(1, %s) AS copy',  # noqa: S608
        [times],
    )


def _value(field: Any) -> str:
    column = f'"{field.column}"'
    if field.name == "external_key":
        return "''"
    if field.name in ("number", "token"):
        return f"CASE WHEN {column} = '' THEN '' ELSE left({column}, 28) || '/' || copy END"
    return "NULL" if field.unique else column


if __name__ == "__main__":
    django.setup()
    print(json.dumps(main(int(sys.argv[1]))))
