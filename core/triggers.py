"""What must not change, said to PostgreSQL itself: no code path, shell or bulk update gets around it."""

from typing import Any

import pgtrigger

#: Labels people put on what is there, no part of what a document says.
ALWAYS_FREE = ("tags",)


class Undeletable(pgtrigger.Protect):
    """Rows cannot be deleted (optionally only those that match `condition`)."""

    def __init__(self, *, name: str = "undeletable", condition: Any = None) -> None:
        super().__init__(name=name, operation=pgtrigger.Delete, condition=condition)


class Frozen(pgtrigger.Trigger):
    """Rows whose state is not among `while_in` keep every column but the `free` ones.

    With no `while_in`, rows are frozen from the moment they are written.
    """

    def __init__(self, *, free: tuple[str, ...], while_in: tuple[str, ...] = (), name: str = "frozen") -> None:
        self.free, self.while_in = free, while_in
        super().__init__(name=name, when=pgtrigger.Before, operation=pgtrigger.Update)

    def get_func(self, model: Any) -> str:
        kept = [
            f.column
            for f in model._meta.concrete_fields
            if f.name not in (*self.free, *ALWAYS_FREE) and not f.generated
        ]
        changed = " OR ".join(f'OLD."{c}" IS DISTINCT FROM NEW."{c}"' for c in kept)
        states = ", ".join(f"'{s}'" for s in self.while_in)
        guard = f"OLD.state NOT IN ({states}) AND " if self.while_in else ""
        return f"""
            IF {guard}({changed}) THEN
                RAISE EXCEPTION 'zencrm: row % of % is frozen', OLD.id, TG_TABLE_NAME USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        """


class FrozenLines(pgtrigger.Trigger):
    """Lines of a document cannot be added, changed, moved or removed unless its state is among `while_in`."""

    def __init__(self, *, parent: str, while_in: tuple[str, ...], name: str = "frozen_lines") -> None:
        self.parent, self.while_in = parent, while_in
        super().__init__(
            name=name, when=pgtrigger.Before, operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete
        )

    def get_declare(self, model: Any) -> list[tuple[str, str]]:
        return [("parent_state", "TEXT")]

    def get_func(self, model: Any) -> str:
        fk = model._meta.get_field(self.parent)
        table, column = fk.related_model._meta.db_table, fk.column
        states = ", ".join(f"'{s}'" for s in self.while_in)
        # Table and column come from the model, the states from code: nothing of a user's gets in here.
        return f"""
            SELECT state INTO parent_state FROM "{table}"
             WHERE id IN (OLD."{column}", NEW."{column}") AND state NOT IN ({states}) LIMIT 1;
            IF FOUND THEN
                RAISE EXCEPTION 'zencrm: lines of % are frozen while %', TG_TABLE_NAME, parent_state
                    USING ERRCODE = 'check_violation';
            END IF;
            IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
            RETURN NEW;
        """  # noqa: S608
