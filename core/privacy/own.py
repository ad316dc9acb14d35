"""What core itself holds of people: acts, messages, consents, imported rows, the admin's log."""

from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core import files
from core.models import (
    ApiAnswer,
    Consent,
    DataAccess,
    Delivery,
    Event,
    File,
    ImportRow,
    ImportRun,
    LikelyPair,
    Merge,
    SavedView,
)
from core.outbox import ERASED
from core.privacy import erasing
from core.privacy.person import Person
from core.privacy.plan import Found, Subjects, letters
from core.privacy.registry import Holding
from core.privacy.retention import Term


def _messages(person: Person, subjects: Subjects) -> Found:
    sent = Q(pk__in=[])
    for email in person.spellings:
        sent |= Q(channel="email", payload__to__contains=[email])
    return letters(Delivery.objects.exclude(payload=ERASED), sent, subjects)


def _imported(person: Person, _subjects: Subjects) -> Found:
    """Rows of imported files that made or changed their records, or name their address."""
    from core.imports import catalogue

    found = Q(pk__in=[])
    for name, kind in catalogue.known().items():
        found |= Q(run__kind=name, record_id__in=person.ids(kind.model))
    for email in person.emails:
        found |= Q(cells__icontains=email)
    return list(ImportRow.objects.filter(found).values_list("pk", flat=True)), [], 0


def _logged(person: Person, _subjects: Subjects) -> Found:
    found = Q(pk__in=[])
    for record in person.records:
        found |= Q(content_type=ContentType.objects.get_for_model(record), object_id=str(record.pk))
    return list(LogEntry.objects.filter(found).values_list("pk", flat=True)), [], 0


def _merged(person: Person, _subjects: Subjects) -> Found:
    """What is kept of records that were merged, so that they could be parted again."""
    found = Q(pk__in=[])
    for model, former in person.former.items():
        ids = [*person.ids(model), *former]
        found |= Q(kind=model._meta.label_lower) & (Q(survivor_id__in=ids) | Q(absorbed_id__in=ids))
    return list(Merge.objects.filter(found).values_list("pk", flat=True)), [], 0


HOLDINGS = (
    Holding(
        Event, {"data": {}}, about=True, untold=("actor_name", "attempts", "last_error", "next_try_at", "dispatched_at")
    ),
    Holding(
        Delivery,
        {"payload": ERASED, "payload_hash": "", "answer": "", "last_error": ""},
        find=_messages,
        at="created_at",
        files=("files",),
        hint=_("with their texts and attachments"),
        untold=("payload_hash", "attempts", "next_try_at", "last_error", "answer", "key"),
    ),
    Holding(Consent, {"email": "", "ip": None, "evidence": ""}, about=True, at="recorded_at", files=("files",)),
    Holding(
        ImportRow,
        {"cells": None, "name": "", "problems": [], "notes": ""},
        find=_imported,
        files=("run__file",),
        hint=_("with the whole uploaded file"),
        untold=("before", "version", "undone", "kept_because", "is_trial"),
    ),
    Holding(
        Merge,
        {"kept": {}, "absorbed_name": ""},
        find=_merged,
        hint=_("which can no longer be undone"),
        untold=("moved", "moving", "survivor_thread", "absorbed_thread", "actor_name", "undone_by"),
    ),
    Holding(LogEntry, {"object_repr": "", "change_message": ""}, find=_logged),
)

EXEMPT: dict[Any, str] = {
    DataAccess: "The register of access: ids of records, and who of the staff looked at them.",
    ApiAnswer: "Kept for a day, so that a repeated request gets the same answer.",
    LikelyPair: "Two ids of records that look alike.",
    SavedView: "Filters of lists; they name no person by a column.",
}


# --- Terms ----------------------------------------------------------------------------------------------------------------


def _old_imports(before: Any) -> Any:
    return ImportRun.objects.exclude(state__in=ImportRun.WORKING).filter(updated_at__lt=before, file__size__gt=0)


def _empty_import(run: ImportRun) -> None:
    """The file and the cells of its rows; what it did stays told, and can no longer be undone by its file."""
    with transaction.atomic(), erasing.opened(File):
        files.empty(File.objects.filter(pk=run.file_id), **erasing.EMPTY)
        run.rows.update(cells=None, name="", problems=[], notes="")


def _drop_access(row: DataAccess) -> None:
    with transaction.atomic(), erasing.opened(DataAccess):
        row.delete()


TERMS = (
    Term(
        "imports",
        _("Uploaded files of imports"),
        6,
        _old_imports,
        _empty_import,
        _("The file and the cells of its rows go."),
    ),
    Term(
        "access",
        _("Register of access to personal data"),
        24,
        lambda before: DataAccess.objects.filter(at__lt=before),
        _drop_access,
        _("The entries are deleted."),
    ),
)
