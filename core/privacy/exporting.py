"""Everything about a person as one ZIP: JSON for programs, a page for people, their files and messages as they were."""

import json
import re
import zipfile
from collections.abc import Iterator
from email.message import EmailMessage
from tempfile import TemporaryFile
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.search import SearchVectorField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import get_language

from core import history, ui
from core.models import Delivery, Event, File, Thread
from core.privacy.person import Person
from core.privacy.plan import Part, Plan

#: What nobody is given: our own bookkeeping, other people's names, files (they come as files).
_HIDDEN = {"id", "search", "token", "thread", "updated_at", "pgh_context"}
_WHICH = {"number", "title", "name", "state", "created_at"}
_NOT_IN_A_NAME = re.compile(r"[^\w. -]+")

Row = dict[str, Any]


def rows_of(part: Part) -> Any:
    """All rows of one kind that hold something of the person, kept ones included."""
    ids = [*part.gone, *part.blotted, *(kept.row.pk for kept in part.kept)]
    return part.holding.model._base_manager.filter(pk__in=ids).order_by("pk")


def columns(part: Part) -> list[Any]:
    """The columns a person is given of their rows: no costs, nothing internal, no colleagues."""
    model = part.holding.model
    hidden = {
        *_HIDDEN,
        *getattr(model, "COST_FIELDS", ()),
        *getattr(model, "INTERNAL_FIELDS", ()),
        *part.holding.untold,
    }
    found = [f for f in model._meta.concrete_fields if f.name not in hidden and not _is_internal(f)]
    if not part.holding.paths:
        return found
    # A document is their firm's: what it says of them, and enough to know which one it is.
    return [f for f in found if f.name in _WHICH or f.name in part.holding.erase]


def _is_internal(column: Any) -> bool:
    target = column.related_model
    if target is not None:
        return target in (Thread, File, ContentType) or target._meta.label == settings.AUTH_USER_MODEL
    return isinstance(column, models.BinaryField | SearchVectorField) or column.name.endswith("_currency")


def told(part: Part) -> list[Row]:
    """The rows of one kind, by the names that people read."""
    shown = columns(part)
    rows = rows_of(part).select_related(*(c.name for c in shown if c.related_model is not None))
    return [{str(c.verbose_name): _value(row, c) for c in shown} for row in rows]


def _value(row: Any, column: Any) -> Any:
    value = getattr(row, column.name)
    if value is not None and column.related_model is not None:
        return str(value)
    if column.flatchoices:
        return str(dict(column.flatchoices).get(value, value))
    return str(value) if hasattr(value, "amount") else value


def versions(person: Person) -> list[Row]:
    """What their own records held before, as the history keeps it."""
    found = []
    for record in person.records:
        events = getattr(record, "pgh_event_model", None)
        if events is None:
            continue
        names = [f.name for f in events._meta.concrete_fields if not f.name.startswith("pgh_")]
        shown = [f for f in record._meta.concrete_fields if f.name in names and not _is_internal(f)]
        shown = [f for f in shown if f.name not in _HIDDEN]
        for version in events.objects.filter(pgh_obj_id=record.pk).order_by("pgh_id"):
            values = {str(f.verbose_name): _value(version, f) for f in shown if getattr(version, f.name)}
            found.append({"at": version.pgh_created_at, "record": str(record._meta.verbose_name), "values": values})
    return found


def acts(person: Person) -> list[Row]:
    """What was done with their records and when, without the names of those who did it."""
    found = []
    for record in person.records:
        for event in Event.objects.about(record):
            found.append({"at": event.at, "what": history.sentence(event.name, type(record))})
    return found


def everything(plan: Plan) -> dict[str, Any]:
    """All of it as one structure."""
    parts = [part for part in plan.parts if part.holding.model is not Event]
    return {
        "made_at": timezone.now(),
        "person": [f"{record._meta.verbose_name} {record.pk}" for record in plan.person.records],
        "records": [{"kind": part.label, "rows": told(part)} for part in parts],
        "acts": acts(plan.person),
        "earlier_versions": versions(plan.person),
    }


def archive(plan: Plan) -> Any:
    """An open file with the ZIP; nothing of it is kept here."""
    found = everything(plan)
    file = TemporaryFile()  # noqa: SIM115 - the answer closes it
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("data.json", json.dumps(found, cls=DjangoJSONEncoder, indent=2, ensure_ascii=False))
        package.writestr("index.html", page(found))
        for name, content in (*_files(plan), *_messages(plan)):
            package.writestr(name, content)
    file.seek(0)
    return file


def page(found: dict[str, Any]) -> str:
    """The same for people: one page that needs nothing else."""
    sections = [
        {"title": part["kind"], "rows": [_shown(row) for row in part["rows"]]}
        for part in found["records"]
        if part["rows"]
    ]
    versions = [
        {"at": v["at"], "record": v["record"], "values": _shown(v["values"])} for v in found["earlier_versions"]
    ]
    words = {"sections": sections, "versions": versions, "language": get_language() or "it"}
    return render_to_string("core/privacy/export.html", found | words)


def _shown(row: Row) -> list[tuple[str, Any]]:
    values = [(label, _text(value)) for label, value in row.items()]
    return [(label[:1].upper() + label[1:], value) for label, value in values if value not in ("", None)]


def _text(value: Any) -> Any:
    if isinstance(value, dict | list):
        return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False) if value else ""
    return ui.show(value) if value not in ("", None) else ""


def files_of(part: Part) -> set[int]:
    """The ids of the files that go along with rows of one kind."""
    found: set[int] = set()
    for path in part.holding.files:
        found |= set(rows_of(part).exclude(**{path: None}).values_list(path, flat=True))
    return found


def _files(plan: Plan) -> Iterator[tuple[str, bytes]]:
    """One at a time: together they may be larger than the memory."""
    theirs = [part for part in plan.parts if not part.holding.paths and part.holding.files != ("run__file",)]
    ids = {pk for part in theirs for pk in files_of(part)}
    for pk in sorted(ids):
        file = File.objects.get(pk=pk)
        yield f"files/{pk}-{safe(file.name)}", file.read()


def safe(name: str) -> str:
    """A name that stays inside the folder it is unpacked to."""
    return _NOT_IN_A_NAME.sub("_", name).strip(". ")[:120] or "file"


def _messages(plan: Plan) -> Iterator[tuple[str, bytes]]:
    for part in plan.parts:
        if part.holding.model is Delivery:
            for delivery in rows_of(part).filter(channel="email").iterator(chunk_size=200):
                yield f"messages/{delivery.pk}.eml", message(delivery).as_bytes()


def message(delivery: Any) -> EmailMessage:
    """An e-mail as any mail program opens it."""
    payload, found = delivery.payload, EmailMessage()
    found["Subject"] = " ".join(str(payload.get("subject", "")).split())
    found["To"] = ", ".join(payload.get("to", ()))
    found["From"] = settings.DEFAULT_FROM_EMAIL
    found["Date"] = delivery.delivered_at or delivery.created_at
    found.set_content(str(payload.get("text", "")))
    if payload.get("html"):
        found.add_alternative(str(payload["html"]), subtype="html")
    return found
