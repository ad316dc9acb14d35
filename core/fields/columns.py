"""Custom fields and tags as columns of lists and exports."""

from typing import Any

from django.db.models.fields.json import KeyTransform
from django.utils.translation import gettext_lazy as _

from core.fields.definitions import Definition, definitions, tags, takes_part
from core.pages.columns import Column

_KINDS = {"number": "number", "date": "isodate", "bool": "bool"}


def of(model: Any) -> dict[str, Column]:
    """Every column that may be chosen on a list of this kind, besides those of its declaration."""
    if not takes_part(model):
        return {}
    found = {made.key: column(made) for made in definitions(model)}
    return found | ({"tags": Column("tags", kind="tags", label=_("Tags"), sort=False)} if tags() else {})


def shown(model: Any) -> list[Column]:
    """Those that lists show unless somebody has chosen."""
    return [column(made) for made in definitions(model) if made.in_list]


def column(made: Definition) -> Column:
    """Values are compared as JSON: numbers as numbers, days as text, both in their order; one kind of index serves all."""
    expression = KeyTransform(made.name, "custom")
    return Column(made.key, kind=_KINDS.get(made.kind, "text"), label=made.label, expression=expression)
