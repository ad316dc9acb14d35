"""The records that notes, activities and notifications are about, seen through a user's rights."""

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.http import Http404

from activities.models import About, Activity
from core.models import Record


def subject_of(user: Any, app: str, model: str, pk: int) -> Any:
    """The record an address names, seen through the user; 404 for anything else."""
    try:
        found = apps.get_model(app, model)
    except LookupError as error:
        raise Http404 from error
    if not issubclass(found, Record) or found is Activity:
        raise Http404
    try:
        return found.objects.visible_to(user).get(pk=pk)
    except (found.DoesNotExist, OverflowError) as error:
        raise Http404 from error


def kinds() -> list[ContentType]:
    """The kinds of record that activities can be about."""
    models = [m for m in apps.get_models() if issubclass(m, Record) and m is not Activity]
    return list(ContentType.objects.get_for_models(*models).values())


def is_visible(subject_type: ContentType, subject_id: int, user: Any) -> bool:
    """Whether this user may see the record that a note or an activity is about."""
    model = subject_type.model_class()
    manager: Any = getattr(model, "objects", None)
    return hasattr(manager, "visible_to") and bool(manager.visible_to(user).filter(pk=subject_id).exists())


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
