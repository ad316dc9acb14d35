"""Form fields that only programs fill: a record of any kind, and files inside the JSON."""

import base64
import binascii
import json
from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.translation import gettext as _

from core.uploads import MOST_FILES, Upload, check


class RecordField(forms.Field):
    """A record of one of several kinds, as answers name it: {"type": "lead", "id": 3}. The form says who looks: `user`.

    `kinds` are the names of the kinds that may be meant; `find` (user, kind, id) gives the record, None if there is none
    that this user may see.
    """

    json_kind = "link"

    def __init__(
        self, *, kinds: Callable[[], Iterable[str]], find: Callable[[Any, str, int], Any], **kwargs: Any
    ) -> None:
        self.kinds, self.find = kinds, find
        self.user: Any = None
        super().__init__(**kwargs)

    def clean(self, value: Any) -> Any:
        link = json.loads(value) if value else None
        super().clean(link)
        if not link:
            return None
        if link["type"] not in set(self.kinds()):
            names = {"names": ", ".join(sorted(self.kinds()))}
            raise ValidationError(_("There is no such kind of record here. Known: %(names)s.") % names)
        found = self.find(self.user, link["type"], link["id"])
        if found is None:
            raise ValidationError(_("There is no such record, or it is not yours to see."))
        return found


class FilesField(forms.Field):
    """Files as [{"name": "offer.pdf", "content": "<base64>"}], judged as uploads are."""

    json_kind = "files"

    def clean(self, value: Any) -> list[Upload]:
        given = json.loads(value) if value else []
        super().clean(given)
        if len(given) > MOST_FILES:
            raise ValidationError(_("At most %(n)d files at once.") % {"n": MOST_FILES})
        found, errors = [], []
        for one in given:
            try:
                found.append(check(SimpleUploadedFile(one["name"] or "file", _bytes(one))))
            except ValidationError as error:
                errors += error.error_list
        if errors:
            raise ValidationError(errors)
        return found


def _bytes(one: dict[str, str]) -> bytes:
    try:
        return base64.b64decode(one["content"], validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValidationError(_("The content of “%(name)s” is not base64.") % {"name": one["name"][:100]}) from error
