"""A note that somebody saves in the very moment of a merge points at the record that goes: it is brought along afterwards."""

from datetime import timedelta

from django.contrib.contenttypes.models import ContentType
from django.db import DatabaseError, transaction
from django.utils import timezone

from core.merging import rows
from core.merging.engine import successor
from core.models import Merge
from core.references import Reference, generic_references

#: No transaction of a page or a job lasts longer.
LONGEST = timedelta(hours=1)


def bring_along() -> int:
    """Let rows that still point at a record merged of late point at the one that stayed; returns how many.

    Foreign keys need none of this: PostgreSQL lets nobody point at a row that goes. What is written here stays with the
    survivor if the merge is undone.
    """
    found = 0
    for merge in Merge.objects.filter(undone_at=None, at__gt=timezone.now() - LONGEST):
        kind = ContentType.objects.get_for_model(merge.model)
        heir = successor(merge.model, merge.absorbed_id) or merge.survivor_id
        for reference in generic_references():
            if reference.rows(merge.model, merge.absorbed_id).exists():
                found += _move(reference, kind.pk, merge.absorbed_id, heir)
    return found


def _move(reference: Reference, kind: int, old: int, new: int) -> int:
    try:
        with transaction.atomic():
            return len(rows.repoint(reference, kind, old, new))
    except DatabaseError:
        return 0  # what is written once and for all (the register of access) tells of the record it was about
