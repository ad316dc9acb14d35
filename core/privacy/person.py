"""One person in all their records: leads and contacts that are joined, or have the same address and last name."""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.contrib.contenttypes.models import ContentType

from core.models import Merge
from core.privacy.registry import person_models
from core.references import references_to

BLOT = "█████"


@dataclass(frozen=True)
class Person:
    """Their records, the one somebody asked about first."""

    records: tuple[Any, ...]

    @property
    def record(self) -> Any:
        return self.records[0]

    def ids(self, model: Any) -> list[int]:
        return [record.pk for record in self.records if type(record) is model]

    @cached_property
    def former(self) -> dict[Any, set[int]]:
        """{kind: ids} of records that were merged into theirs: gone, but not from the history."""
        found: dict[Any, set[int]] = {}
        for model in {type(record) for record in self.records}:
            new = set(self.ids(model))
            while new:
                merges = Merge.objects.filter(kind=model._meta.label_lower, survivor_id__in=new, undone_at=None)
                new = set(merges.values_list("absorbed_id", flat=True)) - found.setdefault(model, set())
                found[model] |= new
        return found

    @cached_property
    def by_kind(self) -> dict[int, set[int]]:
        """{content type: ids} of their records, former ones included."""
        found: dict[int, set[int]] = {}
        for model in {type(record) for record in self.records}:
            ids = {*self.ids(model), *self.former[model]}
            found[ContentType.objects.get_for_model(model).pk] = ids
        return found

    @cached_property
    def emails(self) -> frozenset[str]:
        return frozenset(record.email.lower() for record in self.records if record.email)

    @property
    def spellings(self) -> list[str]:
        """Their addresses as they were typed, and in small letters."""
        return sorted({*self.emails, *(record.email for record in self.records if record.email)})

    @cached_property
    def words(self) -> "re.Pattern[str] | None":
        """What names them in a text: addresses, numbers, full names, and the last name where no company is called so."""
        found: set[str] = set(self.emails)
        firms = " ".join(_firm(record) for record in self.records).lower()
        for record in self.records:
            first, last = record.first_name.strip(), record.last_name.strip()
            found |= {n for n in (getattr(record, "phone", ""), getattr(record, "mobile", "")) if len(n) > 5}
            found |= {f"{first} {last}", f"{last} {first}"} if first and last else set()
            found |= {last} if len(last) > 2 and last.lower() not in firms else set()
        if not found:
            return None
        longest_first = sorted(found, key=len, reverse=True)
        return re.compile("|".join(rf"(?<!\w){re.escape(word)}(?!\w)" for word in longest_first), re.IGNORECASE)

    def redacted(self, value: Any) -> Any:
        """A text, or JSON with texts, in which nothing names this person any more."""
        if isinstance(value, str):
            return self.words.sub(BLOT, value) if self.words else value
        if isinstance(value, list):
            return [self.redacted(item) for item in value]
        if isinstance(value, dict):
            return {key: self.redacted(item) for key, item in value.items()}
        return value


def _firm(record: Any) -> str:
    company = getattr(record, "company", None)
    return f"{getattr(record, 'company_name', '')} {company or ''}"


def find(record: Any) -> Person:
    """The person of a record, with everything that is known to be the same person's."""
    found, new = [record], [record]
    while new:
        keys = {(type(known), known.pk) for known in found}
        near = [other for known in new for other in (*_joined(known), *_alike(known))]
        new = []
        for other in near:
            if (type(other), other.pk) not in keys:
                keys.add((type(other), other.pk))
                new.append(other)
        found += new
    return Person(tuple(found))


def _joined(record: Any) -> list[Any]:
    """Records of people this one points at, or that point at it."""
    found = []
    for column in record._meta.concrete_fields:
        if column.is_relation and column.related_model in person_models() and getattr(record, column.name) is not None:
            found.append(getattr(record, column.name))
    kind: Any = type(record)
    for reference in references_to(kind):
        if reference.model in person_models() and not reference.kind:
            found += list(reference.rows(kind, record.pk))
    return found


def _alike(record: Any) -> list[Any]:
    if not (record.email and record.last_name):
        return []
    same = {"email__iexact": record.email, "last_name__iexact": record.last_name}
    return [other for model in person_models() for other in model.objects.filter(**same)]
