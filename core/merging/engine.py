"""Merging: lock both, refuse with every reason, move all that points at the one that goes, keep what undoing takes."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, OperationalError, connection, transaction
from django.db.models.fields.json import KT
from django.utils.translation import gettext as _

from core import access, history
from core.lifecycle import Reason, Refused
from core.merging import choices, rows
from core.merging.registry import Mergeable, kind_of
from core.models import Erasure, Merge, Thread
from core.references import Reference, references_to

#: What a reference is called whose rows have let go of the record, since the one that stays has one of its own.
APART = "{}:apart"
#: Merges of merges are followed this far.
_FAR = 50


def merge(
    *, keep: Any, absorb: Any, by: access.Actor, chosen: Mapping[str, str] | None = None, seen: str = ""
) -> Merge:
    """Make two records one: `absorb` goes, all that pointed at it points at `keep`, which gets the chosen values.

    `chosen` maps names of `differences` to "keep", "absorb" or "both"; what is missing gets its preset. `seen` is the
    `stamp` of what the user has looked at: `Refused` if either has changed since. `PermissionDenied` without the rights to
    merge and change, or for rows out of sight. Nothing is changed where it refuses.
    """
    kind = _kind(keep, absorb)
    try:
        with transaction.atomic(), history.acting(by):
            keep, absorb = _locked(kind.model, keep, absorb)
            _demand(kind, by, keep, absorb)
            if seen and seen != stamp(keep, absorb):
                raise Refused(_("Somebody has changed one of them since you opened this page. Look at both again."))
            if reasons := why_not(keep, absorb):
                raise Refused(*reasons)
            return _merge(kind, keep, absorb, by, chosen or {})
    except (IntegrityError, OperationalError) as error:
        raise Refused(_refusal(error)) from error


def stamp(*records: Any) -> str:
    """The state of both records, as a page shows them."""
    return "|".join(f"{record.pk}@{record.updated_at.isoformat()}" for record in records)


def successor(model: Any, pk: int) -> int | None:
    """The id of the record into which this one was merged, through merges of merges; None where it was not."""
    found = None
    for _step in range(_FAR):
        row = Merge.objects.filter(kind=model._meta.label_lower, absorbed_id=pk, undone_at=None)
        pk = row.values_list("survivor_id", flat=True).first()  # type: ignore[assignment]
        if pk is None:
            break
        found = pk
    return found


def absorbed(model: Any, fields: Sequence[str]) -> list[tuple[list[Any], int]]:
    """What every merged record was called: its values of these fields, and the id of the record that is there now."""
    names = [KT(f"kept__absorbed__{model._meta.get_field(name).column}") for name in fields]
    rows = Merge.objects.filter(kind=model._meta.label_lower, undone_at=None).order_by("pk")
    found = list(rows.values_list("absorbed_id", "survivor_id", *names))
    heirs = {row[0]: row[1] for row in found}
    for gone in heirs:
        while heirs[gone] in heirs:
            heirs[gone] = heirs[heirs[gone]]
    return [(list(values), heirs[gone]) for gone, _heir, *values in found]


def why_not(keep: Any, absorb: Any) -> list[Reason]:
    """Every reason against it."""
    kind = _kind(keep, absorb)
    reasons = [*kind.against(keep, absorb), *_erased(keep, absorb)]
    for reference in references_to(kind.model):
        if (
            reference.model is not kind.model
            and reference.name not in kind.apart
            and _both(kind, reference, keep, absorb)
        ):
            what = str(reference.model._meta.verbose_name)
            reasons.append(
                Reason(_("Both have a record of this kind, and there can be one only: %(what)s.") % {"what": what})
            )
    return reasons


def _both(kind: Mergeable, reference: Reference, keep: Any, absorb: Any) -> bool:
    """Whether each of the two has the one row that a record can have."""
    return bool(reference.field.unique) and reference.rows(kind.model, [keep.pk, absorb.pk]).count() > 1


def _erased(*records: Any) -> list[Reason]:
    """An erased person's record is kept for what the law keeps: nothing is added to it, and it becomes part of nobody."""
    ids = [record.pk for record in records]
    kind = ContentType.objects.get_for_model(records[0])
    gone = set(Erasure.objects.filter(subject_type=kind, subject_id__in=ids).values_list("subject_id", flat=True))
    text = _("The data of “%(name)s” were erased: that record stays by itself.")
    return [Reason(text % {"name": record}) for record in records if record.pk in gone]


def _kind(keep: Any, absorb: Any) -> Mergeable:
    kind = kind_of(keep)
    if kind is None or type(keep) is not type(absorb):
        raise TypeError(f"{type(keep).__name__} and {type(absorb).__name__} cannot be merged.")
    return kind


def _locked(model: Any, keep: Any, absorb: Any) -> tuple[Any, Any]:
    """Both rows under a lock, always in the same order. A second merge of the same record finds it gone."""
    if keep.pk == absorb.pk:
        raise Refused(_("This is one and the same record."))
    pks = sorted([keep.pk, absorb.pk])
    found = {
        row.pk: row for row in model._base_manager.select_for_update(of=("self",)).filter(pk__in=pks).order_by("pk")
    }
    for record in (keep, absorb):
        if record.pk not in found:
            raise Refused(gone(record))
    return found[keep.pk], found[absorb.pk]


def gone(record: Any) -> Reason:
    """That a record is no longer there, with the way to what became of it."""
    heir = successor(type(record), record.pk)
    if heir is None:
        return Reason(_("“%(name)s” no longer exists.") % {"name": record})
    url = type(record)(pk=heir).get_absolute_url()
    return Reason(_("“%(name)s” was merged into another record meanwhile.") % {"name": record}, fix_url=url)


def _demand(kind: Mergeable, by: access.Actor, *records: Any) -> None:
    for right in kind.rights:
        access.demand(by, right)
    if kind.model.objects.visible_to(by).filter(pk__in=[record.pk for record in records]).count() < len(records):
        raise PermissionDenied(_("You have no right to do this."))


def _merge(kind: Mergeable, keep: Any, absorb: Any, by: access.Actor, chosen: Mapping[str, str]) -> Merge:
    user = access.user_of(by)
    done = Merge.objects.create(
        kind=kind.name,
        survivor_id=keep.pk,
        absorbed_id=absorb.pk,
        survivor_thread=getattr(keep, "thread_id", None),
        absorbed_thread=getattr(absorb, "thread_id", None),
        absorbed_name=str(absorb)[:254],
        actor=user,
        actor_name=access.name_of(by)[:200],
    )
    kept: dict[str, Any] = {"absorbed": rows.read(kind.model, absorb.pk), "before": rows.read(kind.model, keep.pk)}
    kept["along"] = {m._meta.label_lower: [rows.read(m, pk) for pk in (absorb.pk, keep.pk)] for m in kind.along}
    moved = move_all(kind, absorb, keep)
    kind.model._base_manager.filter(pk=absorb.pk)._raw_delete(connection.alias)
    _give(keep, absorb, by, chosen)
    connection.check_constraints()
    done.kept = {**kept, "after": rows.read(kind.model, keep.pk)}
    done.moved = moved
    done.save(update_fields=["kept", "moved"])
    facts = {"name": str(absorb), "merge": done.pk, "absorbed": absorb.pk, "moved": sum(map(len, moved.values()))}
    history.record(f"{kind.model._meta.model_name}.merged", keep, by=by, data=facts)
    return done


def move_all(kind: Mergeable, absorb: Any, keep: Any) -> dict[str, list[int]]:
    """Everything that points at the one that goes: name of the reference -> ids of the moved rows."""
    found = {}
    for reference in references_to(kind.model):
        if reference.name in kind.apart and _both(kind, reference, keep, absorb):
            found[APART.format(reference.name)] = rows.repoint(reference, None, absorb.pk, None)
            continue
        ids = rows.repoint(reference, kind.content_type, absorb.pk, keep.pk)
        # Where the one that stays pointed at the other: its own columns are kept as a whole.
        found[reference.name] = [pk for pk in ids if reference.model is not kind.model or pk != keep.pk]
    old, new = (getattr(record, "thread_id", None) for record in (absorb, keep))
    if old and new and old != new:
        for reference in references_to(Thread):
            if not reference.kind:
                # The record that goes is among them: its columns were kept before.
                found[reference.name] = rows.repoint(reference, None, old, new)
    return {name: ids for name, ids in found.items() if ids}


def _give(keep: Any, absorb: Any, by: access.Actor, chosen: Mapping[str, str]) -> None:
    """Validate and save what the survivor takes over; what was valid already is not judged again."""
    before = {f.attname: getattr(keep, f.attname) for f in rows.stored(type(keep))}
    # The rows that pointed at the other one point here now: also the survivor itself, if it did.
    keep.refresh_from_db()
    if getattr(keep, "is_editable", True):
        choices.take(keep, absorb, chosen, by)
    _no_circle(keep, absorb)
    changed = {f.name for f in rows.stored(type(keep)) if getattr(keep, f.attname) != before[f.attname]}
    keep.full_clean(exclude=[f.name for f in keep._meta.concrete_fields if f.name not in changed])
    stamps = {f.name for f in keep._meta.concrete_fields if getattr(f, "auto_now", False)}
    keep.save(update_fields=changed | stamps)


def _no_circle(keep: Any, absorb: Any) -> None:
    """A record of a tree must not come to stand below itself."""
    for field in rows.stored(type(keep)):
        if not field.is_relation or field.related_model is not type(keep):
            continue
        above = getattr(keep, field.attname)
        for _step in range(_FAR):
            if above is None:
                break
            if above in (keep.pk, absorb.pk):
                message = _("“%(name)s” would come to belong to itself (%(field)s).")
                raise Refused(message % {"name": keep, "field": field.verbose_name})
            above = type(keep)._base_manager.filter(pk=above).values_list(field.attname, flat=True).first()


def _refusal(error: DatabaseError) -> str:
    diag = getattr(error.__cause__, "diag", None)
    if isinstance(error, OperationalError) and getattr(diag, "sqlstate", "") not in ("40P01", "40001", "55P03"):
        raise error
    if isinstance(error, OperationalError):
        return _("Somebody is changing these records just now. Please try again.")
    table = getattr(diag, "table_name", None) or ""
    return _("The database refuses it: what hangs on the record cannot follow (%(what)s). Nothing was changed.") % {
        "what": table or str(error).partition("\n")[0]
    }
