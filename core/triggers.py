"""What must not change, said to PostgreSQL itself: no code path, shell or bulk update gets around it."""

from typing import Any

import pgtrigger
from django.apps import apps
from django.contrib.contenttypes.fields import GenericForeignKey

#: Labels people put on what is there, no part of what a document says.
ALWAYS_FREE = ("tags",)


class Undeletable(pgtrigger.Protect):
    """Rows cannot be deleted (optionally only those that match `condition`)."""

    def __init__(self, *, name: str = "undeletable", condition: Any = None) -> None:
        super().__init__(name=name, operation=pgtrigger.Delete, condition=condition)


class Frozen(pgtrigger.Trigger):
    """Rows whose state is not among `while_in` keep every column but the `free` ones.

    With no `while_in`, rows are frozen from the moment they are written. Where two records that rows point at are merged,
    those columns follow, and only so: in the transaction that writes the merge down, from the one record to the other.
    """

    def __init__(self, *, free: tuple[str, ...], while_in: tuple[str, ...] = (), name: str = "frozen") -> None:
        self.free, self.while_in = free, while_in
        super().__init__(name=name, when=pgtrigger.Before, operation=pgtrigger.Update)

    def get_func(self, model: Any) -> str:
        follows = _followers(model, self.free)
        kept = [
            f.column
            for f in model._meta.concrete_fields
            if f.name not in (*self.free, *ALWAYS_FREE) and not f.generated and f.column not in follows
        ]
        changed = [f'OLD."{c}" IS DISTINCT FROM NEW."{c}"' for c in kept]
        changed += [f'(OLD."{c}" IS DISTINCT FROM NEW."{c}" AND NOT {merged})' for c, merged in follows.items()]
        states = ", ".join(f"'{s}'" for s in self.while_in)
        guard = f"OLD.state NOT IN ({states}) AND " if self.while_in else ""
        return f"""
            IF {guard}({" OR ".join(changed)}) THEN
                RAISE EXCEPTION 'zencrm: row % of % is frozen', OLD.id, TG_TABLE_NAME USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        """


_THIS_TRANSACTION = "pg_current_xact_id()::text::bigint"


def _followers(model: Any, free: tuple[str, ...]) -> dict[str, str]:
    """Columns that follow a merge of what they point at: column -> the condition that says that they were merged just now."""
    found = {}
    # Migrations compile triggers for models without attributes and generic relations: ask the real ones.
    real: Any = apps.get_model(model._meta.label)
    for f in real._meta.concrete_fields:
        target: Any = f.related_model if f.is_relation and f.name not in free else None
        if getattr(target, "MERGEABLE", False):
            found[f.column] = _merged(f.column, f"kind = '{target._meta.label_lower}'")
        elif target is not None and target._meta.label == "core.Thread":
            found[f.column] = _merged(f.column, "true", "absorbed_thread", "survivor_thread")
    for key in real._meta.private_fields:
        if isinstance(key, GenericForeignKey) and key.fk_field not in free:
            column, kind = (real._meta.get_field(name).column for name in (key.fk_field, key.ct_field))
            of_kind = f"kind = (SELECT app_label || '.' || model FROM django_content_type WHERE id = NEW.\"{kind}\")"  # noqa: S608
            found[column] = _merged(column, of_kind)
    return found


def _merged(column: str, of_kind: str, absorbed: str = "absorbed_id", survivor: str = "survivor_id") -> str:
    # Tables and columns come from the models, nothing of a user's gets in here.
    return f"""EXISTS (
                SELECT 1 FROM core_merge WHERE {of_kind} AND moving = {_THIS_TRANSACTION} AND CASE WHEN undone_at IS NULL
                THEN {absorbed} = OLD."{column}" AND {survivor} = NEW."{column}"
                ELSE {survivor} = OLD."{column}" AND {absorbed} = NEW."{column}" END)"""  # noqa: S608


class Merging(pgtrigger.Trigger):
    """A merge is written in one transaction, and says in which; later it can be undone once, or what it kept be emptied."""

    def __init__(self, *, name: str = "merging") -> None:
        super().__init__(name=name, when=pgtrigger.Before, operation=pgtrigger.Insert | pgtrigger.Update)

    def get_func(self, model: Any) -> str:
        later = ("moved", "kept", "undone_at", "undone_by", "moving")
        names = [f.column for f in model._meta.concrete_fields if f.name not in later]
        changed = " OR ".join(f'OLD."{c}" IS DISTINCT FROM NEW."{c}"' for c in names)
        return f"""
            IF TG_OP = 'INSERT' THEN
                NEW.moving = {_THIS_TRANSACTION};
                RETURN NEW;
            END IF;
            NEW.moving = OLD.moving;
            IF {changed}
                OR (OLD.undone_at IS NOT NULL AND NEW.undone_at IS DISTINCT FROM OLD.undone_at)
                OR (OLD.moving <> {_THIS_TRANSACTION} AND NEW.moved IS DISTINCT FROM OLD.moved)
                OR (OLD.moving <> {_THIS_TRANSACTION} AND NEW.kept IS DISTINCT FROM OLD.kept AND NEW.kept <> '{{}}') THEN
                RAISE EXCEPTION 'zencrm: merge % stays as it was written', OLD.id USING ERRCODE = 'check_violation';
            END IF;
            IF OLD.undone_at IS NULL AND NEW.undone_at IS NOT NULL THEN
                NEW.moving = {_THIS_TRANSACTION};
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
