"""How the rows of an import are written: in bulk, and one by one where the database refuses a batch."""

from collections.abc import Callable
from typing import Any

from django.db import DatabaseError, transaction
from django.utils import timezone

from core import copying, history
from core.models import Document, Record, Thread


class Writing:
    """What a resource does with a batch of rows that were found good."""

    _meta: Any
    by: Any
    create_instances: list[Any]
    update_instances: list[Any]
    written: dict[int, Any]
    late_errors: dict[int, str]
    changed: set[str]
    #: Event written for each new row; empty: none.
    EVENT = "imported"

    def bulk_create(self, using_transactions: bool, dry_run: bool, raise_errors: bool, **kwargs: Any) -> None:
        rows = list(self.create_instances)
        self.create_instances.clear()
        if rows and (using_transactions or not dry_run):
            self._in_bulk_or_singly(rows, self.insert)

    def bulk_update(self, using_transactions: bool, dry_run: bool, raise_errors: bool, **kwargs: Any) -> None:
        rows = list(self.update_instances)
        self.update_instances.clear()
        if rows and (using_transactions or not dry_run):
            self._in_bulk_or_singly(rows, self.update)

    def _in_bulk_or_singly(self, rows: list[Any], write: Callable[[list[Any]], None]) -> None:
        try:
            with transaction.atomic(), history.acting(self.by):
                write(rows)
            self.written |= {row._import_row: row for row in rows}
            return
        except (DatabaseError, ValueError):
            pass
        for row in rows:
            try:
                with transaction.atomic(), history.acting(self.by):
                    row.pk = row.pk if row._state.db else None
                    write([row])
                self.written[row._import_row] = row
            except (DatabaseError, ValueError) as error:
                self.late_errors[row._import_row] = str(error).partition("\n")[0]

    def insert(self, rows: list[Any]) -> None:
        model = self._meta.model
        if issubclass(model, Document):
            threads = [Thread() for _row in rows]
            copying.insert(threads)
            for row, thread in zip(rows, threads, strict=True):
                row.thread = thread
        self.before_insert(rows)
        copying.insert(rows)
        self._record(rows)
        self.after_insert(rows)

    def before_insert(self, rows: list[Any]) -> None:
        """What new rows need from the database: numbers."""

    def after_insert(self, rows: list[Any]) -> None:
        """What hangs on new rows."""

    @classmethod
    def born_with(cls, pks: list[int]) -> Any:
        """The rows that `after_insert` has written for these records, as a queryset: undoing the import takes them away too."""
        return None

    def update(self, rows: list[Any]) -> None:
        """Only the columns that changed in some row."""
        columns = [f for f in self._meta.model._meta.concrete_fields if not f.primary_key and not f.generated]
        names = {f.name for f in columns if {f.name, f.attname} & self.changed or f.name == "updated_at"}
        for row in rows:
            row.updated_at = timezone.now()
        self._meta.model._base_manager.bulk_update(rows, sorted(names))

    def _record(self, rows: list[Any]) -> None:
        """One event per new record: whoever opens it sees where it came from."""
        if not self.EVENT or not issubclass(self._meta.model, Record):
            return
        name = f"{self._meta.model._meta.model_name}.{self.EVENT}"
        copying.insert([history.build(name, row, by=self.by) for row in rows])
