"""Where the house holds something of a person, and what of it an erasure takes: looked up, nothing changed."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from dateutil.relativedelta import relativedelta
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q
from django.utils import timezone
from django.utils.text import capfirst

from core.privacy.person import Person
from core.privacy.registry import Duty, Holding, holding_of, holdings

Kinds = dict[int, set[int]]


@dataclass(frozen=True)
class Kept:
    """A row that the law keeps, until when."""

    row: Any
    law: Any
    until: date


@dataclass
class Part:
    """What one kind of row holds of the person: rows that lose it, rows in which it is blotted out, rows that are kept."""

    holding: Holding
    gone: list[int] = field(default_factory=list)
    blotted: list[int] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)
    #: Rows that are kept because what they are about is.
    along: int = 0

    @property
    def label(self) -> str:
        return str(capfirst(self.holding.model._meta.verbose_name_plural))

    @property
    def count(self) -> int:
        return len(self.gone) + len(self.blotted)

    @property
    def total(self) -> int:
        return self.count + len(self.kept)


@dataclass
class Subjects:
    """The records that notes, messages and events can be about: the person's own, documents that go, documents that stay."""

    own: Kinds
    gone: Kinds = field(default_factory=dict)
    kept: Kinds = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    person: Person
    parts: list[Part]

    @property
    def kept(self) -> list[Kept]:
        return [kept for part in self.parts for kept in part.kept]

    @property
    def review_on(self) -> date | None:
        """The first day on which the law keeps less."""
        return min((kept.until for kept in self.kept), default=None)


def make(person: Person) -> Plan:
    """Everything declared, gone through in order: people, their documents, what is about them."""
    subjects, parts = Subjects(person.by_kind), []
    for holding in holdings():
        part = _part(holding, person, subjects)
        if part.count or part.kept or part.along:
            parts.append(part)
    return Plan(person, parts)


def _part(holding: Holding, person: Person, subjects: Subjects) -> Part:
    part = Part(holding)
    if holding.about:
        part.gone = _about(holding, subjects.own)
        part.blotted = _about(holding, subjects.gone) + _about(holding, subjects.kept)
    elif holding.find is not None:
        part.gone, part.blotted, part.along = holding.find(person, subjects)
    elif not holding.paths:
        part.gone = person.ids(holding.model)
    else:
        _documents(part, person, subjects)
    return part


def _about(holding: Holding, kinds: Kinds) -> list[int]:
    found = about(kinds)
    return list(holding.model._base_manager.filter(found).values_list("pk", flat=True)) if found else []


def about(kinds: Kinds) -> Q:
    """The condition "about one of these records" on a table with `subject_type` and `subject_id`."""
    found = Q()
    for kind, ids in kinds.items():
        found |= Q(subject_type=kind, subject_id__in=list(ids))
    return found


def _documents(part: Part, person: Person, subjects: Subjects) -> None:
    holding = part.holding
    kind = ContentType.objects.get_for_model(holding.model).pk
    for row in documents(holding, person):
        kept = kept_by(holding.duty, row)
        if kept is not None:
            part.kept.append(kept)
        else:
            part.gone.append(row.pk)
        (subjects.kept if kept else subjects.gone).setdefault(kind, set()).add(row.pk)


def documents(holding: Holding, person: Person) -> Iterable[Any]:
    """The rows that are theirs by foreign keys."""
    found = Q(pk__in=[])
    for path in holding.paths:
        found |= Q(**{f"{path}__in": person.ids(holding.model._meta.get_field(path).related_model)})
    if holding.match is not None:
        found |= holding.match(person)
    return holding.model._base_manager.filter(found).order_by("pk")


def kept_by(duty: Duty | None, row: Any) -> Kept | None:
    """The law's claim on a row, None where there is none or it has run out."""
    since = duty.since(row) if duty is not None else None
    if duty is None or since is None:
        return None
    day = timezone.localdate(since) if isinstance(since, datetime) else since
    until = day + relativedelta(months=duty.months)
    return Kept(row, duty.law, until) if until >= timezone.localdate() else None


#: What `Holding.find` gives: ids that go, ids in which the person is blotted out, how many stay with what is kept.
Found = tuple[list[int], list[int], int]


def letters(rows: Any, theirs: Q, subjects: Subjects) -> Found:
    """Messages: those to or from the person and those about their records go; others about documents that go are blotted out.

    Those that belong to a document which the law keeps stay with it.
    """
    along = set(rows.filter(about(subjects.kept)).values_list("pk", flat=True)) if subjects.kept else set()
    gone = set(rows.filter(about(subjects.own)).values_list("pk", flat=True))
    for letter in rows.filter(theirs).exclude(pk__in=gone | along):
        (along if letter.subject_id and is_kept(letter.subject) else gone).add(letter.pk)
    others = rows.filter(about(subjects.gone)).exclude(pk__in=gone | along) if subjects.gone else rows.none()
    return sorted(gone), list(others.values_list("pk", flat=True)), len(along)


def is_kept(subject: Any) -> bool:
    """Whether the law keeps this record, whoever it is about."""
    holding = holding_of(type(subject))
    return holding is not None and kept_by(holding.duty, subject) is not None
