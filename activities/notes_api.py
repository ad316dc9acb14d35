"""Notes in the REST API: written about any record with their files, read record by record by those who see it."""

from typing import Any, ClassVar

from django.contrib.contenttypes.models import ContentType
from django.http import Http404, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from activities import posting, services, subjects
from activities.models import Note
from core import access
from core.api import bridge, operations, schemas
from core.api.answers import repeatable
from core.api.outputs import LINK, output
from core.api.problems import invalid
from core.api.views import ApiView
from core.pages.downloads import download
from core.privacy import watching

#: Notes of one answer; older ones are on the record's page.
MOST = 200
_TEXT, _ID = {"type": "string"}, {"type": "integer"}
_FILE = {
    "type": "object",
    "properties": {"name": _TEXT, "mime": _TEXT, "url": _TEXT},
    "required": ["name", "mime", "url"],
}
NOTE = {
    "type": "object",
    "properties": {
        "type": {"const": "note"}, "id": _ID, "url": _TEXT, "subject": LINK, "author": _ID, "author_name": _TEXT,
        "body": _TEXT, "created_at": {"type": "string", "format": "date-time"}, "files": {"type": "array", "items": _FILE},
    },
}  # fmt: skip
NOTE["required"] = list(NOTE["properties"])
LIST = {"type": "object", "properties": {"results": {"type": "array", "items": NOTE}}, "required": ["results"]}
_link = output(Note, "subject").read


def _json(note: Note) -> dict[str, Any]:
    files = [
        {"name": file.name, "mime": file.mime, "url": reverse("api:notes_file", args=[note.pk, file.pk])}
        for file in note.files.all()
    ]
    return {
        "type": "note",
        "id": note.pk,
        "url": reverse("api:notes_detail", args=[note.pk]),
        "subject": _link(note),
        "author": note.author_id,
        "author_name": str(note.author),
        "body": note.body,
        "created_at": note.created_at.isoformat(),
        "files": files,
    }


def _rows() -> Any:
    return Note.objects.select_related("author", "subject_type").prefetch_related("files")


class _Notes(ApiView):
    largest = posting.LARGEST

    def note(self, pk: int) -> Note:
        """The note, if the user sees the record it is about."""
        found: Note | None = _rows().filter(pk=pk).first() if pk < 2**63 else None
        if found is None or not subjects.is_visible(found.subject_type, found.subject_id, self.request.user):
            raise Http404
        return found


class NoteList(_Notes):
    """The notes about one record, newest first; and a new one."""

    def get(self, request: Request) -> Response:
        kind, _colon, number = request.query_params.get("subject", "").partition(":")
        if kind not in posting.models() or not (number.isascii() and number.isdigit() and len(number) < 19):
            raise invalid({"subject": [_("Expected a record such as lead:3.")]}, 400)
        if strange := set(request.query_params) - {"subject"}:
            raise invalid({name: [_("Known: %(names)s.") % {"names": "subject"}] for name in strange}, 400)
        subject = posting.find(request.user, kind, int(number))
        if subject is None:
            raise Http404
        watching.saw(request, subject, watching.Act.PROGRAM)
        kind_of = ContentType.objects.get_for_model(subject)
        notes = _rows().filter(subject_type=kind_of, subject_id=subject.pk)
        return Response({"results": [_json(note) for note in notes[:MOST]]})

    @repeatable
    def post(self, request: Request) -> Response:
        access.demand(request.user, "activities.add_note")
        facts = bridge.judged(posting.PostedNote, request.user, request.data)
        files = facts["uploads"]
        with bridge.answering(None):
            body = facts["body"] or ", ".join(file.name for file in files)
            made = services.add_note(subject=facts["subject"], body=body, by=request.user, files=files)
        found = _json(made)
        return Response(found, status=201, headers={"Location": request.build_absolute_uri(found["url"])})

    @classmethod
    def describe(cls, method: str) -> Any:
        if method == "POST":
            return operations.operation(
                "notes_create", "notes", _("Leave a note"), parameters=[operations.IDEMPOTENCY_KEY],
                body=schemas.of_form(schemas.blank(posting.PostedNote), defaults=False),
                answers={201: NOTE}, errors=operations.WRITING,
            )  # fmt: skip
        named = {
            "name": "subject", "in": "query", "required": True, "description": _("The record, such as lead:3."),
            "schema": {"type": "string", "pattern": rf"^({'|'.join(sorted(posting.models()))}):[1-9][0-9]{{0,17}}$"},
        }  # fmt: skip
        return operations.operation(
            "notes_list", "notes", _("The notes about a record"), parameters=[named], answers={200: LIST},
            errors=(400, 401, 403, 404, 406, 429, 500),
        )  # fmt: skip


class NoteOne(_Notes):
    """One note."""

    http_method_names: ClassVar[list[str]] = ["get", "head"]

    def get(self, request: Request, pk: int) -> Response:
        return Response(_json(self.note(pk)))

    @classmethod
    def describe(cls, method: str) -> Any:
        return operations.operation(
            "notes_get", "notes", _("Look at a note"), parameters=[operations.ID], answers={200: NOTE},
            errors=(400, 401, 403, 404, 406, 429, 500),
        )  # fmt: skip


class NoteFile(_Notes):
    """A file of a note."""

    http_method_names: ClassVar[list[str]] = ["get", "head"]

    def get(self, request: Request, pk: int, file: int) -> HttpResponse:
        found = self.note(pk).files.filter(pk=file).first() if file < 2**63 else None
        if found is None:
            raise Http404
        return download(found.name, found.read(), mime=found.mime)

    @classmethod
    def describe(cls, method: str) -> Any:
        of_file = {**operations.ID, "name": "file"}
        return operations.operation(
            "notes_file", "notes", _("A file of a note"), parameters=[operations.ID, of_file], answers={200: None},
            errors=(400, 401, 403, 404, 406, 429, 500, 503),
        )  # fmt: skip


def routes() -> list[URLPattern]:
    return [
        path("notes/", NoteList.as_view(), name="notes"),
        path("notes/<int:pk>/", NoteOne.as_view(), name="notes_detail"),
        path("notes/<int:pk>/files/<int:file>/", NoteFile.as_view(), name="notes_file"),
    ]
