"""The base of every app's `resources.py`: import and export of one model, by the admin and by `import_table` alike.

Rows are matched by one key field, unchanged ones are skipped, the others written in bulk; a batch that the database refuses
is tried again row by row, so that one bad row never takes good ones with it. A blank cell leaves a field as it is.
"""

import copy
from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from import_export.resources import ModelResource

from core import access
from core.fields import imports as own_fields
from core.imports.keys import Keyed, KeyLoader
from core.imports.lookups import LookupWidget
from core.imports.mapping import Bad, Emptied, Map, Missing
from core.imports.widgets import AmountWidget, DayWidget
from core.imports.writing import Writing


class RecordResource(Keyed, Writing, ModelResource):
    """Import and export of a model. Fields named in `INSERT_ONLY` are taken from the file for new rows only."""

    INSERT_ONLY: tuple[str, ...] = ("state", "created_at")
    _meta: Any
    fields: Any

    class Meta:
        use_bulk = True
        batch_size = 1000
        use_transactions = False
        skip_unchanged = True
        report_skipped = True
        clean_model_instances = True
        skip_html_diff = True
        import_id_fields = ("external_key",)
        instance_loader_class = KeyLoader

    def __init__(
        self,
        *,
        user: Any = None,
        by: access.Actor = access.JOB,
        map: Map | None = None,
        preview: bool = True,
        key: str | None = None,
        in_parts: bool = False,
        **_more: Any,
    ) -> None:
        """`user` is who gets an export; `by` who does an import; without `preview` no differences are kept per row.

        `key` is the field a person has chosen to know rows by ("": each row is new); then only rows they may see are
        changed. `in_parts`: one file comes in several datasets, and what is known of it is kept between them.
        """
        self._meta = copy.copy(self._meta)
        self._meta.skip_diff = not preview
        self.has_key, self.is_guarded, self.in_parts = key != "", key is not None, in_parts
        #: How same keys are written may differ where they are no keys by birth: e-mail addresses, VAT numbers.
        self.is_loose = bool(key) and key not in self._meta.import_id_fields
        if key:
            self._meta.import_id_fields = (key,)
        super().__init__()
        self._start_report()
        self.fields = {name: copy.deepcopy(field) for name, field in self.fields.items()}
        self.added = own_fields.fields_of(self._meta.model)
        self.fields |= self.added
        self.user, self.by, self.map = user, by, map
        self.options: dict[str, Any] = map.options if map else {}
        if user is not None and not access.can_see_costs(user):
            for name in getattr(self._meta.model, "COST_FIELDS", ()):
                self.fields.pop(name, None)
        self._import_fields = super().get_import_fields()
        self._names = {id(field): name for name, field in self.fields.items()}
        self._scales = {spec.name: spec.scale for spec in map.specs if spec.scale != 1} if map else {}
        self._configure()

    def _start_report(self) -> None:
        self.begun, self.offset = False, 0
        #: Row number -> the record written for it.
        self.written: dict[int, Any] = {}
        #: Row number (of the data, from 1) -> why the database or a later step refused it; what else was noticed.
        self.late_errors: dict[int, str] = {}
        self.late_notes: dict[int, list[str]] = {}
        self.skipped: dict[int, str] = {}
        self.changed: set[str] = set()
        self.on_progress: Callable[[int], None] = lambda _n: None

    def get_import_fields(self) -> Any:
        return self._import_fields

    def _configure(self) -> None:
        if self.map is None:
            return
        specs = {spec.name: spec for spec in self.map.specs}
        for name, field in self.fields.items():
            if isinstance(field.widget, AmountWidget):
                own_mark = specs[name].decimal if name in specs else ""
                field.widget.decimal, field.widget.grouped = own_mark or self.map.decimal, bool(own_mark)
            if isinstance(field.widget, DayWidget):
                own = specs[name].dates if name in specs else ()
                field.widget.formats = own or self.map.dates or field.widget.formats

    def get_export_fields(self, selected_fields: Any = None) -> Any:
        known = [name for name in selected_fields if name in self.fields] if selected_fields else selected_fields
        return super().get_export_fields(known)

    # --- One row -----------------------------------------------------------------------------------------------------

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        if not (self.begun and self.in_parts):
            self.begun = True
            self.begin()

    def begin(self) -> None:
        """Before the first row: nothing of the file is known."""
        self.seen: dict[str, tuple[int, Any]] = {}
        for field in self.fields.values():
            if isinstance(field.widget, LookupWidget):
                field.widget.forget()

    def after_import(self, dataset: Any, result: Any, **kwargs: Any) -> None:
        if not self.in_parts:
            self.conclude()

    def conclude(self, written: dict[int, int] | None = None) -> list[Any]:
        """After the last row: what needs all of them. `written`: row number -> id; None where `self.written` has them.

        Returns the records changed. What was noticed goes to `late_notes`.
        """
        return []

    def passed(self, number: int, row: dict[str, Any]) -> None:
        """A row that went in before this run was interrupted: only remembered."""
        if self.has_key and (key := self.same(row.get(self.key_column) or "")):
            self.seen.setdefault(key, (number, list(row.values())))

    def before_import_row(self, row: dict[str, Any], **kwargs: Any) -> None:
        """A key may occur once in a file; the same row again is skipped, another one with its key is an error."""
        self.row_number = kwargs["row_number"] + self.offset
        self.on_progress(self.row_number)
        self.passed_over = ""
        if not self.has_key:
            return
        key = row.get(self.key_column)
        if not key or isinstance(key, Bad | Missing):
            raise ValidationError({self.key_attribute: _("The key is missing.")})
        values = list(row.values())
        number, before = self.seen.setdefault(self.same(key) or str(key), (self.row_number, values))
        if number != self.row_number:
            text = _("the same key as row %(n)s") % {"n": self.file_row(number)}
            if before != values:
                raise ValidationError({self.key_attribute: text})
            self.passed_over = text

    #: How data row numbers are called in messages; `run` tells the file's own numbers.
    file_row: Callable[[int], int] = staticmethod(lambda number: number + 1)

    def after_init_instance(self, instance: Any, new: bool, row: Any, **kwargs: Any) -> None:
        self.is_new = new
        self.before_values = None if new else self._values(instance)
        instance._import_row = self.row_number

    def _values(self, instance: Any) -> dict[str, Any]:
        found = {f.attribute: getattr(instance, f.attribute, None) for f in self.get_import_fields() if f.attribute}
        return found | ({"custom": instance.custom, "tags": instance.tags} if self.added else {})

    def import_field(self, field: Any, instance: Any, row: dict[str, Any], is_m2m: bool = False, **kwargs: Any) -> None:
        value = row.get(field.column_name)
        if isinstance(value, Bad):
            raise ValueError(value.reason)
        name = self._names[id(field)]
        if name in self.INSERT_ONLY and not self.is_new:
            return
        if isinstance(value, Missing) or value is None or (value == "" and not isinstance(value, Emptied)):
            return
        cleaned = field.clean(row, **kwargs)
        if name in self._scales and cleaned is not None:
            cleaned *= self._scales[name]
        self.assign(instance, name, field.attribute, cleaned)

    def assign(self, instance: Any, name: str, attribute: str, value: Any) -> None:
        """Put a value on the instance; the state of a new row is set as the row is made, not moved."""
        if name in self.added:
            self.added[name].put(instance, value)
        elif name == "state":
            instance.__dict__["state"] = value
        elif value is not None:
            setattr(instance, attribute, value)

    def skip_row(self, instance: Any, original: Any, row: Any, import_validation_errors: Any = None) -> bool:
        if self.passed_over and not import_validation_errors:
            self.skipped[self.row_number] = self.passed_over
            return True
        if self.before_values is None or import_validation_errors:
            return False
        now = self._values(instance)
        changed = {name for name, value in now.items() if value != self.before_values[name]}
        if not changed:
            self.skipped[self.row_number] = _("unchanged")
            return True
        if not getattr(instance, "is_editable", True):
            self.skipped[self.row_number] = _("can no longer be changed here")
            return True
        self.changed |= changed
        return False

    def validate_instance(
        self, instance: Any, import_validation_errors: Any = None, validate_unique: bool = True
    ) -> None:
        """Every complaint about the row at once. Relations were looked up and keys compared: no query is needed here."""
        self.complete(instance)
        if self.is_new and self.is_guarded:
            self.own(instance)
        errors: dict[str, Any] = dict(import_validation_errors or {})
        mine = {f.attribute for f in self.get_import_fields()}
        skipped = {f.name for f in instance._meta.fields if f.is_relation or f.name not in mine}
        try:
            instance.clean_fields(exclude=skipped | set(errors))
        except ValidationError as error:
            errors = error.update_error_dict(errors)
        own = own_fields.missing(instance) if self.added and self.is_new else {}
        for name, reason in (self.missing(instance) | own).items():
            errors.setdefault(name, ValidationError(reason))
        if errors:
            raise ValidationError(errors)

    def own(self, instance: Any) -> None:
        """Nobody brings in rows that they could not see afterwards: these become their own."""
        user = access.user_of(self.by)
        if user is None or getattr(instance, "owner_id", 0) is not None:
            return
        if not hasattr(self, "_sees_all"):
            self._sees_all = access.sees_all(user, self._meta.model)
        if not self._sees_all:
            instance.owner_id = user.pk

    def complete(self, instance: Any) -> None:
        """Fill in what follows from other values, before the row is checked."""

    def missing(self, instance: Any) -> dict[str, str]:
        """Relations that must be there: attribute -> complaint."""
        needed = [
            f for f in instance._meta.concrete_fields if f.is_relation and not f.null and not f.blank and f.editable
        ]
        return {f.attname: _("is missing") for f in needed if getattr(instance, f.attname) is None}
