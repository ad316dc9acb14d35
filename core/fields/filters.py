"""Custom fields and tags as filters of lists, alternatives, saved views and the API."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import django_filters
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core import fulltext
from core.fields.definitions import Definition, definitions, tags, takes_part
from core.filters import FilterSet

#: The index of values holds rows that have some: the planner wants to read that.
_ANY = ~Q(custom={})
_made: dict[tuple[Any, Any], tuple[Any, Any]] = {}


class _OfOwn(django_filters.Filter):
    """A filter on one key of `custom`."""

    def __init__(self, made: Definition, **kwargs: Any) -> None:
        self.made = made
        super().__init__(field_name="custom", label=made.label, **kwargs)

    @property
    def path(self) -> str:
        return f"custom__{self.made.name}"

    def equal(self, value: Any) -> Q:
        return Q(custom__contains={self.made.name: value})


class TextFilter(_OfOwn, django_filters.CharFilter):
    """By words, each of which may be cut short, in any order and with or without accents: as search finds them."""

    def filter(self, qs: Any, value: Any) -> Any:
        return fulltext.search_own(qs, self.made.name, value) if value else qs


class ChoiceFilter(_OfOwn, django_filters.MultipleChoiceFilter):
    def filter(self, qs: Any, value: Any) -> Any:
        wanted = Q()
        for one in value or ():
            wanted |= self.equal(one)
        return qs.filter(_ANY, wanted) if wanted else qs


class BoolFilter(_OfOwn, django_filters.BooleanFilter):
    def filter(self, qs: Any, value: Any) -> Any:
        return qs if value is None else qs.filter(_ANY, self.equal(value))


class _Range(_OfOwn):
    """Between two values, both as JSON keeps them."""

    def filter(self, qs: Any, value: Any) -> Any:
        if value is None:
            return qs
        ends = {"gte": _kept(value.start), "lte": _kept(value.stop)}
        return qs.filter(**{f"{self.path}__{step}": end for step, end in ends.items() if end is not None})


def _kept(end: Any) -> int | float | str | None:
    """An end of a range as JSON keeps the values it is compared with; numbers may be larger than any that is kept."""
    if isinstance(end, datetime):
        return end.date().isoformat()
    if isinstance(end, Decimal):
        return int(end) if end == end.to_integral_value() else float(end)
    return None


class NumberFilter(_Range, django_filters.RangeFilter):
    """Numbers from ... to ..."""


class DayFilter(_Range, django_filters.DateFromToRangeFilter):
    """Days from ... to ..., both included."""


class TagFilter(django_filters.MultipleChoiceFilter):
    def filter(self, qs: Any, value: Any) -> Any:
        return qs.filter(~Q(tags=[]), tags__overlap=list(value)) if value else qs


def _filter_of(made: Definition) -> Any:
    if made.kind == "choice":
        return ChoiceFilter(made, choices=[(name, name) for name in made.choices])
    return {"text": TextFilter, "number": NumberFilter, "date": DayFilter, "bool": BoolFilter}[made.kind](made)


def extended(filterset: Any, model: Any) -> Any:
    """The filters of a list, and those of the fields and tags it has now; None where there are neither."""
    if not takes_part(model):
        return filterset
    asked = (definitions(model), tuple(tags()))
    if not any(asked):
        return filterset
    known, found = _made.get((filterset, model), (None, None))
    if known != asked:
        parts = {made.key: _filter_of(made) for made in asked[0]}
        if asked[1]:
            parts["tags"] = TagFilter(
                field_name="tags", label=_("Tags"), choices=[(name, name) for name in asked[1]], distinct=False
            )
        base: Any = filterset or FilterSet
        found = type(base)(base.__name__, (base,), parts)
        _made[filterset, model] = asked, found
    return found
