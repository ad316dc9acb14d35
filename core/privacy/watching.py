"""The register of access: who has looked at whose data. Noted while the answer is made, written after it was sent.

One insert for all that a request has noted, when the answer is closed: nobody waits for it.
"""

import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponseBase

from core import access, throttle
from core.models import DataAccess
from core.privacy.registry import is_person, person_models

log = logging.getLogger(__name__)
Act = DataAccess.Act


def saw(request: Any, record: Any, act: str = Act.OPENED) -> None:
    """Note that the request shows this record; nothing is noted of what is no person."""
    if is_person(record):
        _note(request, act, type(record), record.pk, "")


def gave_out(request: Any, model: Any, detail: str) -> None:
    """Note that the request gives out a list of this kind; `detail` is its filter."""
    if model in person_models():
        _note(request, Act.LISTED, model, None, detail)


def _note(request: Any, act: str, model: Any, pk: int | None, detail: str) -> None:
    user = request.user  # of a program it is the token's; the request below would not know it
    request = getattr(request, "_request", request)
    entry = DataAccess(
        user_id=user.pk,
        user_name=access.name_of(user)[:200],
        act=act,
        subject_type=ContentType.objects.get_for_model(model),
        subject_id=pk,
        detail=detail[:300],
        ip=throttle.client_ip(request),
    )
    request.__dict__.setdefault("_accesses", []).append(entry)


class AccessMiddleware:
    """Has what was noted written once the answer is out; what was refused has shown nothing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        entries = request.__dict__.get("_accesses")
        if entries and response.status_code < 400:
            # Django's own list of what is done when the answer is closed, before the connection is given back.
            closers: list[Any] = response._resource_closers  # type: ignore[attr-defined]
            closers.insert(0, partial(_write, entries))
        return response


def _write(entries: list[DataAccess]) -> None:
    """The answer is out: what goes wrong here is for the log."""
    fields = [field for field in DataAccess._meta.concrete_fields if not field.primary_key]
    values = [
        field.get_db_prep_save(getattr(entry, field.attname), connection) for entry in entries for field in fields
    ]
    marks = ", ".join([f"({', '.join(['%s'] * len(fields))})"] * len(entries))
    columns = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    try:
        # One statement, and so a transaction of its own: one that is opened for it would ask the server twice more.
        with connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO {DataAccess._meta.db_table} ({columns}) VALUES {marks}", values)  # noqa: S608
    except DatabaseError:
        log.exception("an access to personal data was not written", extra={"accesses": len(entries)})
