"""Taking a merge back: both rows and what moved as they were, or refused with every reason."""

from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from core import access, history
from core.lifecycle import Reason, Refused
from core.merging import rows
from core.merging.engine import APART, _refusal, gone
from core.merging.registry import Mergeable, kinds
from core.models import Merge, Thread
from core.references import Reference, references_to


@dataclass
class Report:
    """What undoing a merge would do: reasons against it, columns edited since that stay so, rows that somebody moved on."""

    reasons: list[Reason] = field(default_factory=list)
    later: list[Any] = field(default_factory=list)
    left: int = 0


def undo(*, merge: Merge, by: access.Actor) -> Any:
    """Part two records again; returns the one that comes back.

    What the merge did not touch and somebody edited since stays edited; what it did touch must still be as it left it
    (`Refused` otherwise). Rows that were moved on or deleted since stay so.
    """
    kind = kinds()[merge.kind]
    for right in kind.rights:
        access.demand(by, right)
    try:
        with transaction.atomic(), history.acting(by):
            merge = Merge.objects.select_for_update().get(pk=merge.pk)
            survivor = kind.model._base_manager.select_for_update(of=("self",)).filter(pk=merge.survivor_id).first()
            report = what_undo_would_do(merge)
            if report.reasons:
                raise Refused(*report.reasons)
            if not kind.model.objects.visible_to(by).filter(pk=survivor.pk).exists():
                raise PermissionDenied(_("You have no right to do this."))
            return _undo(kind, merge, survivor, report, by)
    except (IntegrityError, OperationalError) as error:
        raise Refused(_refusal(error)) from error


def what_undo_would_do(merge: Merge) -> Report:
    """The page asks before somebody decides."""
    kind, report = kinds()[merge.kind], Report()
    if merge.undone_at:
        report.reasons.append(Reason(_("This merge was undone already.")))
    elif not merge.kept:
        report.reasons.append(Reason(_("The data of the merged record was erased: it cannot come back.")))
    elif not kind.model._base_manager.filter(pk=merge.survivor_id).exists():
        report.reasons.append(gone(kind.model(pk=merge.survivor_id)))
    else:
        _judge_columns(kind, merge, report)
        report.reasons += _missing(kind, merge)
        report.left = sum(len(ids) for _name, ids in merge.moved.items()) - _still_there(kind, merge)
    return report


def _judge_columns(kind: Mergeable, merge: Merge, report: Report) -> None:
    before, after = merge.kept["before"], merge.kept["after"]
    now = rows.read(kind.model, merge.survivor_id)
    for column in rows.judged(kind.model):
        name = column.column
        if name not in before or now[name] == after[name]:
            continue
        if before[name] == after[name]:
            report.later.append(column)
        else:
            message = _("“%(field)s” was changed after the merge: undoing it would lose the change.")
            report.reasons.append(Reason(message % {"field": str(column.verbose_name)}))


def _missing(kind: Mergeable, merge: Merge) -> list[Reason]:
    """What the record that comes back points at has to be there."""
    found = []
    for column in rows.stored(kind.model):
        target = merge.kept["absorbed"].get(column.column)
        if not column.is_relation or target is None or target == str(merge.survivor_id):
            continue
        if not column.related_model._base_manager.filter(pk=target).exists():
            reason = gone(column.related_model(pk=int(target)))
            text = f"{str(capfirst(column.verbose_name))}: {reason.message}"
            found.append(Reason(text, reason.fix_url))
    return found


def _moved(kind: Mergeable, merge: Merge) -> list[tuple[Reference, Any, int | None, int, list[int]]]:
    """(reference, content type, from, to, ids) of every way back; references that no longer exist are left out."""
    found: list[tuple[Reference, Any, int | None, int, list[int]]] = []
    ways: Any = (
        (kind.model, merge.survivor_id, merge.absorbed_id),
        (Thread, merge.survivor_thread, merge.absorbed_thread),
    )
    for target, old, new in ways:
        for reference in references_to(target):
            own = target is kind.model or not reference.kind
            if own and (ids := merge.moved.get(reference.name)):
                found.append((reference, kind.content_type, old, new, ids))
    for reference in references_to(kind.model):
        if ids := merge.moved.get(APART.format(reference.name)):
            found.append((reference, None, None, merge.absorbed_id, ids))
    return found


def _still_there(kind: Mergeable, merge: Merge) -> int:
    here = 0
    for reference, _type, old, _new, ids in _moved(kind, merge):
        here += reference.model._base_manager.filter(**{reference.column: old, "pk__in": ids}).count()
    # The record that was taken in stood in its own thread; its row is not there to be moved back.
    own = merge.moved.get(f"{kind.name}.thread", [])
    return here + (merge.absorbed_id in own)


def _undo(kind: Mergeable, merge: Merge, survivor: Any, report: Report, by: access.Actor) -> Any:
    merge.undone_at, merge.undone_by = timezone.now(), access.name_of(by)[:200]
    merge.save(update_fields=["undone_at", "undone_by"])
    _restore(kind.model, merge, report)
    rows.insert(kind.model, merge.kept["absorbed"])
    _restore_along(kind, merge, report)
    back = kind.model._base_manager.get(pk=merge.absorbed_id)
    _must_be_alone(back)
    for reference, content_type, old, new, ids in _moved(kind, merge):
        rows.repoint(reference, content_type, old, new, ids)
    connection.check_constraints()
    name, facts = kind.model._meta.model_name, {"merge": merge.pk, "left": report.left}
    history.record(f"{name}.parted", survivor, by=by, data={"name": str(back), **facts})
    history.record(f"{name}.restored", back, by=by, data={"name": str(survivor), **facts})
    return back


def _restore(model: Any, merge: Merge, report: Report) -> None:
    """The survivor as it was before; where somebody has edited it since, their edits stay and what follows from them too."""
    before = dict(merge.kept["before"])
    if report.later:
        kept = {column.column for column in report.later}
        judged = {column.column for column in rows.judged(model)}
        before = {name: value for name, value in before.items() if name in judged and name not in kept}
    rows.write(model, merge.survivor_id, before)


def _restore_along(kind: Mergeable, merge: Merge, report: Report) -> None:
    """What stood beside both records. Beside a survivor that was edited since, it follows from the edits."""
    for model in kind.along:
        absorbed, before = merge.kept.get("along", {}).get(model._meta.label_lower, ({}, {}))
        rows.write(model, merge.absorbed_id, absorbed)
        if not report.later:
            rows.write(model, merge.survivor_id, before)


def _must_be_alone(back: Any) -> None:
    """Keys that must be unique may have been given to somebody else meanwhile."""
    try:
        back.validate_unique()
        back.validate_constraints()
    except ValidationError as error:
        texts = error.message_dict.get(NON_FIELD_ERRORS, []) if hasattr(error, "error_dict") else error.messages
        raise Refused(*(texts or error.messages)) from error
