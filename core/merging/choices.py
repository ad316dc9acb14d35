"""What differs between two records, and which value the one that stays is to have."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from djmoney.models.fields import CurrencyField

from core import access

KEEP, ABSORB, BOTH = "keep", "absorb", "both"
#: Columns of every record that no form of its own has (see `core.models.records`).
_EVERYBODYS = ("custom", "tags")


@dataclass(frozen=True)
class Choice:
    """A field, or a key of a JSON field, in which two records differ; `preset` is what we would choose."""

    field: Any
    key: str
    kept: Any
    absorbed: Any
    options: tuple[str, ...]
    preset: str

    @property
    def name(self) -> str:
        """How a form calls it."""
        return f"{self.field.name}.{self.key}" if self.key else str(self.field.name)

    def value(self, chosen: str) -> Any:
        """What the field becomes; an option that is not offered counts as the preset."""
        option = chosen if chosen in self.options else self.preset
        if option == BOTH:
            return f"{self.kept}\n\n{self.absorbed}"
        return self.absorbed if option == ABSORB else self.kept


def differences(keep: Any, absorb: Any, user: Any) -> list[Choice]:
    """The fields to choose in, in the order of the model; costs only for those who may see them."""
    found: list[Choice] = []
    for field in _fields(type(keep), user):
        if isinstance(field, ArrayField):
            continue
        one, other = _value(keep, field, absorb), _value(absorb, field, keep)
        if isinstance(field, models.JSONField):
            found += _by_key(field, one, other)
        elif one != other:
            found.append(Choice(field, "", one, other, _options(field, one, other), _preset(one, other)))
    return found


def take(keep: Any, absorb: Any, chosen: Mapping[str, str], user: Any) -> None:
    """Give the one that stays the chosen values; lists (tags) are united. The caller saves."""
    for field in _fields(type(keep), user):
        if isinstance(field, ArrayField):
            own = getattr(keep, field.attname) or []
            setattr(keep, field.attname, [*own, *(x for x in getattr(absorb, field.attname) or [] if x not in own)])
        elif field.is_relation and field.related_model is type(keep):
            setattr(keep, field.attname, _value(keep, field, absorb))
    for choice in differences(keep, absorb, user):
        value = choice.value(chosen.get(choice.name, ""))
        if choice.key:
            whole = dict(getattr(keep, choice.field.attname) or {})
            if value is None:
                whole.pop(choice.key, None)
            else:
                whole[choice.key] = value
            setattr(keep, choice.field.attname, whole)
        else:
            setattr(keep, choice.field.name if _is_money(choice.field) else choice.field.attname, value)


def _fields(model: Any, user: Any) -> Iterator[Any]:
    costs = access.may(user, access.SEE_COSTS)
    for field in model._meta.concrete_fields:
        if (
            not (field.editable or field.name in _EVERYBODYS)
            or field.primary_key
            or field.generated
            or isinstance(field, CurrencyField)
        ):
            continue
        if field.name not in getattr(model, "COST_FIELDS", ()) or costs:
            yield field


def _value(record: Any, field: Any, other: Any) -> Any:
    """A record cannot belong to itself: pointing at the other one of the two counts as nothing."""
    value = getattr(record, field.name if _is_money(field) else field.attname)
    if field.is_relation and field.related_model is type(record) and value in (record.pk, other.pk):
        return None
    return value


def _is_money(field: Any) -> bool:
    return hasattr(field, "currency_field_name")


def _by_key(field: Any, one: Any, other: Any) -> Iterator[Choice]:
    if not isinstance(one, dict) or not isinstance(other, dict):
        if one != other:
            yield Choice(field, "", one, other, (KEEP, ABSORB), _preset(one, other))
        return
    for key in {**one, **other}:
        if one.get(key) != other.get(key):
            mine, theirs = one.get(key), other.get(key)
            yield Choice(field, str(key), mine, theirs, (KEEP, ABSORB), _preset(mine, theirs))


def _preset(one: Any, other: Any) -> str:
    return ABSORB if _is_empty(one) and not _is_empty(other) else KEEP


def _is_empty(value: Any) -> bool:
    """Nothing was said; a yes is worth more than a no, and a zero is a number."""
    return value is None or value is False or (isinstance(value, str | list | dict) and not value)


def _options(field: Any, one: Any, other: Any) -> tuple[str, ...]:
    both = isinstance(field, models.TextField) and not _is_empty(one) and not _is_empty(other)
    if both and (field.max_length is None or len(one) + len(other) + 2 <= field.max_length):
        return (KEEP, ABSORB, BOTH)
    return (KEEP, ABSORB)
