"""A person's data are taken out of every row that no law keeps: the row itself, its search words, its history, its files.

Frozen and append-only rows are opened for this alone, inside one transaction; PostgreSQL watches over them again afterwards.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pgtrigger
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.utils import timezone

from core import access, files, history
from core.models import Erasure, Event, File
from core.privacy import person, plan
from core.privacy.exporting import files_of, rows_of
from core.privacy.person import BLOT, Person
from core.privacy.plan import Part, Plan
from core.privacy.registry import REDACT, Holding
from core.triggers import Frozen, Merging, Undeletable

ERASE = "core.erase_person"
#: What is left of a file, besides no bytes.
EMPTY = {"name": "—", "mime": "application/octet-stream"}


def erase(record: Any, *, by: access.Actor, reason: str) -> Erasure:
    """Take everything of this person that no law keeps out of the house. There is no way back.

    Returns what the register keeps of it; raises `PermissionDenied` without the right.
    """
    access.demand(by, ERASE)
    with transaction.atomic(), history.acting(by):
        found = plan.make(_locked(record))
        for part in found.parts:
            _clear(part, found.person)
        _drop_files(found)
        return _written(found, by=by, reason=reason)


def _locked(record: Any) -> Person:
    """The person, all of whose records are held until the end."""
    found = person.find(type(record)._base_manager.select_for_update(of=("self",)).get(pk=record.pk))
    for other in found.records[1:]:
        type(other)._base_manager.select_for_update(of=("self",)).get(pk=other.pk)
    return found


def _written(found: Plan, *, by: access.Actor, reason: str) -> Erasure:
    user = access.user_of(by)
    erasure = Erasure.objects.create(
        subject_type=ContentType.objects.get_for_model(found.person.record),
        subject_id=found.person.record.pk,
        reason=reason,
        done=[
            {"kind": p.holding.model._meta.label, "gone": len(p.gone), "blotted": len(p.blotted)} for p in found.parts
        ],
        kept=[_kept(kept) for kept in found.kept],
        review_on=found.review_on,
        by=user,
        by_name=access.name_of(by)[:200],
    )
    for record in found.person.records:
        history.record(f"{record._meta.model_name}.erased", record, by=by)
    return erasure


def _kept(kept: plan.Kept) -> dict[str, Any]:
    model = type(kept.row)
    name = getattr(kept.row, "number", None) or f"#{kept.row.pk}"
    return {"kind": model._meta.label, "pk": kept.row.pk, "name": name, "law": str(kept.law), "until": kept.until}


# --- Rows -----------------------------------------------------------------------------------------------------------------


@contextmanager
def opened(*tables: Any) -> Iterator[None]:
    """Inside, rows of these tables may be changed that otherwise may not."""
    doors = [
        f"{model._meta.label}:{trigger.name}"
        for model in tables
        for trigger in getattr(model._meta, "triggers", ())
        if isinstance(trigger, Frozen | Undeletable | Merging) or trigger.name == "append_only"
    ]
    with pgtrigger.ignore(*doors):
        yield


def _clear(part: Part, who: Person) -> None:
    holding = part.holding
    events = getattr(holding.model, "pgh_event_model", None)
    with opened(holding.model, *([events] if events else [])):
        _change(holding, holding.model._base_manager.filter(pk__in=part.gone), who)
        if part.blotted:
            _blot(holding.model._base_manager.filter(pk__in=part.blotted), tuple(holding.erase), who)
        if events is not None:
            versions = events.objects.filter(pgh_obj_id__in=[*part.gone, *who.former.get(holding.model, ())])
            _change(holding, versions, who)
            _blot(events.objects.filter(pgh_obj_id__in=part.blotted), tuple(holding.erase), who)
            _forget_actors(versions, who)
    if holding.model is Event:
        with opened(Event):
            rows = Event.objects.filter(pk__in=[*part.gone, *part.blotted], actor=None)
            _blot(rows, ("actor_name",), who)


def _change(holding: Holding, rows: Any, who: Person) -> None:
    """Every personal column becomes what was declared. Versions may lack a column."""
    known = {column.name for column in rows.model._meta.concrete_fields}
    wanted = {name: value for name, value in holding.erase.items() if name in known}
    _blot(rows, tuple(name for name, value in wanted.items() if value is REDACT), who)
    values = {name: value for name, value in wanted.items() if value is not REDACT}
    if "updated_at" in known:
        values["updated_at"] = timezone.now()
    if values:
        rows.update(**values)


def _blot(rows: Any, columns: Iterable[str], who: Person) -> None:
    """The person's names out of texts that are about something else; rows without them are left alone."""
    known = {column.name for column in rows.model._meta.concrete_fields}
    names = [name for name in columns if name in known]
    if who.words is None or not names:
        return
    for row in rows.only("pk", *names).iterator(chunk_size=500):
        changed = {name: new for name in names if (new := who.redacted(getattr(row, name))) != getattr(row, name)}
        if changed:
            type(row)._base_manager.filter(pk=row.pk).update(**_fitting(row, changed))


def _fitting(row: models.Model, changed: dict[str, Any]) -> dict[str, Any]:
    """Texts no longer than their columns: a blot may be longer than a name."""
    lengths = {name: getattr(row._meta.get_field(name), "max_length", None) for name in changed}
    return {
        name: value[: lengths[name]] if isinstance(value, str) and lengths[name] else value
        for name, value in changed.items()
    }


def _forget_actors(rows: Any, who: Person) -> None:
    """A customer who acted by a link stands in the versions by name."""
    if who.words is None:
        return
    for pk, context in rows.exclude(pgh_context=None).values_list("pk", "pgh_context"):
        if not context.get("user") and who.words.search(str(context.get("actor", ""))):
            rows.model.objects.filter(pk=pk).update(pgh_context={**context, "actor": BLOT})


# --- Files ----------------------------------------------------------------------------------------------------------------


def _drop_files(found: Plan) -> None:
    """Files of rows that go, unless something that stays has them too."""
    going: set[int] = set()
    staying: set[int] = set()
    for part in found.parts:
        staying |= _files_that_stay(part)
        going |= files_of(Part(part.holding, gone=part.gone))
    with opened(File):
        files.empty(File.objects.filter(pk__in=going - staying), **EMPTY)


def _files_that_stay(part: Part) -> set[int]:
    if not part.holding.files:
        return set()
    kept = {kept.row.pk for kept in part.kept}
    others = set(rows_of(part).values_list("pk", flat=True)) - set(part.gone) | kept
    return files_of(Part(part.holding, gone=sorted(others)))
