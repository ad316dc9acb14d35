"""Migrations as we write them: a new table is created together with its indexes, constraints and triggers."""

from typing import Any

from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.operations import AddConstraint, AddIndex, CreateModel
from pgtrigger.migrations import AddTrigger, MigrationAutodetectorMixin

#: What may stand in a new model's options: operation -> (option, name of the attribute).
PARTS: dict[type[Any], tuple[str, str]] = {
    AddIndex: ("indexes", "index"),
    AddConstraint: ("constraints", "constraint"),
    AddTrigger: ("triggers", "trigger"),
}


def with_their_parts(operations: list[Any]) -> list[Any]:
    """The operations with each index, constraint and trigger of a new table moved into the table's own operation.

    Each operation of its own makes Django build the model, and all that hang on it, once more: a hundred triggers cost more
    than all the tables. What comes after a further change of the table's columns stays where it is.
    """
    created: dict[str, CreateModel] = {}
    kept = []
    for operation in operations:
        name = str(getattr(operation, "model_name", getattr(operation, "name", ""))).lower()
        if type(operation) in PARTS and name in created:
            option, attribute = PARTS[type(operation)]
            options = created[name].options
            options[option] = [*options.get(option, []), getattr(operation, attribute)]
            continue
        created.pop(name, None)
        if isinstance(operation, CreateModel):
            created[name] = operation
        kept.append(operation)
    return kept


class Autodetector(MigrationAutodetectorMixin, MigrationAutodetector):
    """Finds changed triggers (pgtrigger), and writes what belongs to a new table with the table."""

    def changes(self, *args: Any, **kwargs: Any) -> Any:
        found: dict[str, list[Any]] = super().changes(*args, **kwargs)
        for migrations in found.values():
            for migration in migrations:
                migration.operations = with_their_parts(migration.operations)
        return found
