"""Files people send us: their size, and what they really are, judged by their content and never by their name alone."""

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import get_valid_filename
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

MOST_BYTES = 10 * 1024 * 1024
MOST_FILES = 10
_OFFICE = "application/vnd.openxmlformats-officedocument"
#: Inside a ZIP: the entry that tells what it is -> (type, endings).
_PACKAGES = (
    ("word/document.xml", f"{_OFFICE}.wordprocessingml.document", ("docx",)),
    ("xl/workbook.xml", f"{_OFFICE}.spreadsheetml.sheet", ("xlsx",)),
    ("ppt/presentation.xml", f"{_OFFICE}.presentationml.presentation", ("pptx",)),
)
_OPEN_DOCUMENT = {"text": "odt", "spreadsheet": "ods", "presentation": "odp"}
_OLE = {"doc": "application/msword", "xls": "application/vnd.ms-excel", "msg": "application/vnd.ms-outlook"}
_TEXT = {"txt": "text/plain", "csv": "text/csv", "eml": "message/rfc822", "xml": "application/xml", "md": "text/plain"}
_MARKS: tuple[tuple[bytes, str, tuple[str, ...]], ...] = (
    (b"%PDF-", "application/pdf", ("pdf",)),
    (b"\x89PNG\r\n\x1a\n", "image/png", ("png",)),
    (b"\xff\xd8\xff", "image/jpeg", ("jpg", "jpeg")),
    (b"GIF8", "image/gif", ("gif",)),
)


@dataclass(frozen=True)
class Upload:
    """A file that may be kept: a harmless name, its true type, its bytes."""

    name: str
    mime: str
    content: bytes


def check(upload: Any) -> Upload:
    """Judge an uploaded file. Raises ValidationError with a sentence that names the file."""
    name = _name(str(upload.name))
    if upload.size > MOST_BYTES:
        raise ValidationError(
            _("“%(name)s” is larger than %(n)d MB.") % {"name": name, "n": MOST_BYTES // 1024 // 1024}
        )
    content = upload.read()
    if not content:
        raise ValidationError(_("“%(name)s” is empty.") % {"name": name})
    ending = name.rpartition(".")[2].lower()
    mime, endings = kind_of(content, ending)
    if not mime:
        raise ValidationError(
            _("“%(name)s” is not of a kind that is kept here: PDF, pictures, office documents, mail and text.")
            % {"name": name}
        )
    if ending not in endings:
        raise ValidationError(
            _("“%(name)s” is in truth a file of type %(type)s: rename it to .%(ending)s.")
            % {"name": name, "type": mime, "ending": endings[0]}
        )
    return Upload(name, mime, content)


def kind_of(content: bytes, ending: str = "") -> tuple[str, tuple[str, ...]]:
    """(type, endings that fit it) by content; ("", ()) for what is not kept: programs, archives, web pages, drawings."""
    for mark, mime, endings in _MARKS:
        if content.startswith(mark):
            return mime, endings
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp", ("webp",)
    if content.startswith(b"PK\x03\x04"):
        return _package(content)
    if content.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return (_OLE[ending], (ending,)) if ending in _OLE else ("application/x-ole-storage", tuple(_OLE))
    if ending == "p7m" and content.startswith((b"\x30", b"MI")):
        return "application/pkcs7-mime", ("p7m",)
    return _text(content, ending)


def _package(content: bytes) -> tuple[str, tuple[str, ...]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
            kind = archive.open("mimetype").read(100).decode() if "mimetype" in names else ""
    except (zipfile.BadZipFile, UnicodeDecodeError, OSError, RuntimeError, NotImplementedError):
        return "", ()
    for entry, mime, endings in _PACKAGES:
        if entry in names and "vbaProject.bin" not in " ".join(names):
            return mime, endings
    last = _OPEN_DOCUMENT.get(kind.removeprefix("application/vnd.oasis.opendocument."), "")
    return (kind, (last,)) if last else ("", ())


def _text(content: bytes, ending: str) -> tuple[str, tuple[str, ...]]:
    """Plain text, whatever its encoding; web pages and drawings can carry scripts and are not kept."""
    if b"\0" in content or ending not in _TEXT:
        return "", ()
    head = content[:4096].lower()
    if ending != "eml" and any(mark in head for mark in (b"<html", b"<!doctype html", b"<script", b"<svg")):
        return "", ()
    return _TEXT[ending], (ending,)


def _name(name: str) -> str:
    """The name without folders and control characters, short enough, its ending kept."""
    bare = name.replace("\\", "/").rpartition("/")[2]
    try:
        bare = get_valid_filename(bare)
    except Exception:  # a name of dots only: Django refuses it
        bare = "file"
    stem, dot, ending = bare.rpartition(".")
    return f"{stem[:180]}{dot}{ending[:10]}" if dot else bare[:190]


def limited(field: forms.Field, most_bytes: int, message: Any) -> None:
    """Let the browser refuse a larger file before it is sent; the server judges all the same."""
    field.widget.attrs |= {"data-most-bytes": most_bytes, "data-too-large": message}


class _Files(forms.ClearableFileInput):
    allow_multiple_selected = True
    template_name = "django/forms/widgets/file.html"


class UploadField(forms.FileField):
    """Several files at once, each judged; the cleaned value is a list of `Upload`."""

    widget = _Files

    def __init__(self, *, checker: Callable[[Any], Upload] = check, **kwargs: Any) -> None:
        self.checker = checker
        kwargs.setdefault("label", gettext_lazy("Files"))
        kwargs.setdefault("required", False)
        super().__init__(**kwargs)
        limited(self, MOST_BYTES, gettext_lazy("One of the files is larger than 10 MB."))

    def clean(self, data: Any, initial: Any = None) -> list[Upload]:
        given = data if isinstance(data, list | tuple) else [data] if data else []
        if self.required and not given:
            raise ValidationError(self.error_messages["required"], code="required")
        if len(given) > MOST_FILES:
            raise ValidationError(_("At most %(n)d files at once.") % {"n": MOST_FILES})
        found, errors = [], []
        for upload in given:
            try:
                found.append(self.checker(upload))
            except ValidationError as error:
                errors += error.error_list
        if errors:
            raise ValidationError(errors)
        return found
