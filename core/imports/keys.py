"""Which record a row of a file means."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models.functions import Lower
from django.utils.translation import gettext as _
from import_export.instance_loaders import BaseInstanceLoader

from core import access, merging

_KEYS_AT_ONCE = 2000


class KeyLoader(BaseInstanceLoader):
    """All existing rows that the file names, fetched by key in a few queries."""

    def __init__(self, resource: Any, dataset: Any = None) -> None:
        super().__init__(resource, dataset)
        self.key = resource.fields[resource._meta.import_id_fields[0]]
        self.found: dict[str, Any] = {}
        #: Keys that several rows share, and those of rows the importing person may not see.
        self.twice: set[str] = set()
        self.hidden: set[str] = set()
        #: Keys of records that were merged into another one -> why their rows are passed over.
        self.merged: dict[str, str] = {}
        column = self.key.column_name
        if dataset is None or column not in (dataset.headers or ()) or not resource.has_key:
            return
        at = dataset.headers.index(column)
        keys = list({resource.same(row[at]) for row in dataset if row[at] and isinstance(row[at], str)} - {""})
        for start in range(0, len(keys), _KEYS_AT_ONCE):
            self.learn(list(resource.with_keys(keys[start : start + _KEYS_AT_ONCE])))
        self.learn_merged([key for key in keys if key not in self.found])

    def learn(self, rows: list[Any]) -> None:
        seen = self.resource.seen_rows(rows)
        for row in rows:
            key = self.resource.same(str(getattr(row, self.key.attribute)))
            if key in self.found:
                self.twice.add(key)
            if row.pk not in seen:
                self.hidden.add(key)
            self.found[key] = row

    def learn_merged(self, keys: list[str]) -> None:
        """What was merged does not come back with the next file: what its record is to be was chosen then."""
        model, wanted = self.resource._meta.model, set(keys)
        known = merging.absorbed(model, [self.key.attribute]) if wanted and getattr(model, "MERGEABLE", False) else []
        heirs = {key: heir for [value], heir in known if value and (key := self.resource.same(value)) in wanted}
        if not heirs:
            return
        rows = model._base_manager.in_bulk(set(heirs.values()))
        seen = self.resource.seen_rows(list(rows.values()))
        for key, pk in heirs.items():
            heir = rows.get(pk)
            if heir is not None and heir.pk in seen:
                self.merged[key] = _("was merged into “%(name)s”") % {"name": heir}
            else:
                self.merged[key] = _("was merged into another record")

    def get_instance(self, row: dict[str, Any]) -> Any:
        if not self.resource.has_key:
            return None
        key = self.resource.same(row.get(self.key.column_name) or "")
        if key in self.twice:
            raise ValidationError({self.key.attribute: _("more than one record has this value")})
        if key in self.hidden:
            raise ValidationError({self.key.attribute: _("the record with this value is not yours to change")})
        self.resource.passed_over = self.resource.passed_over or self.merged.get(key, "")
        return self.found.get(key)


class Keyed:
    """What a resource knows of its key: how keys are compared, and whose rows they may lead to."""

    fields: Any
    _meta: Any
    by: Any
    has_key: bool
    is_loose: bool
    is_guarded: bool

    @property
    def key_column(self) -> str:
        return str(self.fields[self._meta.import_id_fields[0]].column_name)

    def same(self, text: Any) -> str:
        """A key as it is compared."""
        if not self.is_loose:
            return str(text)
        try:
            return str(self.fields[self._meta.import_id_fields[0]].widget.clean(text) or "").casefold()
        except ValueError:
            return ""

    def _check_import_id_fields(self, headers: Any) -> None:
        """The library's own check; rows that are all new need no key."""
        if self.has_key:
            super()._check_import_id_fields(headers)  # type: ignore[misc]

    def with_keys(self, keys: list[str]) -> Any:
        """The existing rows with these keys, as `same` gives them."""
        if not self.is_loose:
            return self._meta.model._default_manager.all().filter(**{f"{self.key_attribute}__in": keys})
        return self._meta.model._default_manager.all().alias(_key=Lower(self.key_attribute)).filter(_key__in=keys)

    def seen_rows(self, rows: list[Any]) -> set[int]:
        """Ids of those rows that the importing person may see."""
        found = {row.pk for row in rows}
        manager = self._meta.model.objects
        if not self.is_guarded or access.user_of(self.by) is None or not hasattr(manager, "visible_to"):
            return found
        return set(manager.visible_to(self.by).filter(pk__in=found).values_list("pk", flat=True))

    @property
    def key_attribute(self) -> str:
        return str(self.fields[self._meta.import_id_fields[0]].attribute)
