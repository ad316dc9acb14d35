"""The records that notes, activities and notifications are about, seen through a user's rights."""

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.http import Http404

from activities.models import About, Activity, Email, MailTemplate
from core.models import Record

#: Records that nothing more is said of: they are said of others themselves.
NO_SUBJECTS = (Activity, Email, MailTemplate)


def subject_of(user: Any, app: str, model: str, pk: int) -> Any:
    """The record an address names, seen through the user; 404 for anything else."""
    try:
        found = apps.get_model(app, model)
    except LookupError as error:
        raise Http404 from error
    if not issubclass(found, Record) or issubclass(found, NO_SUBJECTS):
        raise Http404
    try:
        return found.objects.visible_to(user).get(pk=pk)
    except (found.DoesNotExist, OverflowError) as error:
        raise Http404 from error


def kinds() -> list[ContentType]:
    """The kinds of record that activities can be about."""
    models = [m for m in apps.get_models() if issubclass(m, Record) and not issubclass(m, NO_SUBJECTS)]
    return list(ContentType.objects.get_for_models(*models).values())


def is_visible(subject_type: ContentType, subject_id: int, user: Any) -> bool:
    """Whether this user may see the record that a note or an activity is about."""
    model = subject_type.model_class()
    manager: Any = getattr(model, "objects", None)
    return hasattr(manager, "visible_to") and bool(manager.visible_to(user).filter(pk=subject_id).exists())


def seen_subject(row: Any, user: Any) -> Any:
    """The record that one row is about, None where there is none that the user may see."""
    if row.subject_type_id is None:
        return None
    return visible_subjects([row], user).get((row.subject_type_id, row.subject_id))


def visible_subjects(rows: Iterable[About], user: Any) -> dict[tuple[int, int], Any]:
    """(kind, id) -> the record that rows are about, where the user may see it: one query per kind of record."""
    wanted: dict[int, set[int]] = {}
    for row in rows:
        wanted.setdefault(row.subject_type_id, set()).add(row.subject_id)
    found: dict[tuple[int, int], Any] = {}
    for kind, pks in wanted.items():
        manager: Any = getattr(ContentType.objects.get_for_id(kind).model_class(), "objects", None)
        if hasattr(manager, "visible_to"):
            found |= {(kind, record.pk): record for record in manager.visible_to(user).filter(pk__in=pks)}
    return found
