"""What points at records of a kind: every foreign key and every generic relation, found from the models themselves."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models


@dataclass(frozen=True)
class Reference:
    """A column of `model` that holds the id of another record: a foreign key or, with `kind`, a generic relation.

    `kind` is the name of the column that says which kind of record the id means.
    """

    model: Any
    column: str
    kind: str = ""

    @property
    def name(self) -> str:
        """`quotes.quote.company`, the same in every process and release."""
        return f"{self.model._meta.label_lower}.{self.column}"

    @property
    def field(self) -> Any:
        return self.model._meta.get_field(self.column)

    @property
    def is_link_table(self) -> bool:
        """Rows of a many-to-many relation, which say nothing but that two records belong together."""
        return bool(self.model._meta.auto_created)

    def rows(self, target: type[models.Model], pk: Any) -> models.QuerySet[Any]:
        """The rows that point at the record (or records) of the kind `target` with this id (or these)."""
        ids = list(pk) if isinstance(pk, list | tuple | set | frozenset) else [pk]
        found = {f"{self.column}__in": ids}
        if self.kind:
            found[self.kind] = ContentType.objects.get_for_model(target)  # type: ignore[assignment]
        rows: models.QuerySet[Any] = self.model._base_manager.filter(**found)
        return rows


@cache
def references_to(model: type[models.Model]) -> tuple[Reference, ...]:
    """Every column by which rows may point at records of this kind, itself included; also those without a way back.

    Versions that history keeps are no rows of today: they are left out (`model.pgh_event_model` has them). So are rows without
    a constraint: triggers make them and take them away with the record.
    """
    options: Any = model._meta
    keys = [
        Reference(relation.related_model, relation.field.name)
        for relation in options.get_fields(include_hidden=True)
        if (relation.one_to_many or relation.one_to_one) and relation.auto_created and not relation.concrete
        if relation.field.db_constraint and _is_table(relation.related_model)
    ]  # fmt: skip
    return tuple(sorted({*keys, *generic_references()}, key=lambda reference: reference.name))


@cache
def generic_references() -> tuple[Reference, ...]:
    """Every generic relation of the house: each may point at records of any kind."""
    return tuple(
        Reference(model, key.fk_field, key.ct_field)
        for model in apps.get_models(include_auto_created=True)
        for key in model._meta.private_fields
        if isinstance(key, GenericForeignKey) and _is_table(model)
    )


def _is_table(model: Any) -> bool:
    return model._meta.managed and not model._meta.proxy and not hasattr(model, "pgh_tracked_model")
