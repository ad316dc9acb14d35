"""Idempotency-Key: a POST that is sent twice is done once.

The answer is kept in the transaction that did the work: both or neither, whatever dies in between. A second request with the
same key finds it, or, while the first is still at work, is told so.
"""

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.db import connection, transaction
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from core.api import problems
from core.api.problems import Problem
from core.models import ApiAnswer

HEADER = "Idempotency-Key"
KEPT = timedelta(hours=24)
LONGEST = 200
#: Not kept: what may be different a moment later without the caller changing anything.
PASSING = (401, 403, 404, 429)


def repeatable(handler: Callable[..., Response]) -> Callable[..., Any]:
    """Give a POST handler the meaning of the Idempotency-Key header."""

    @wraps(handler)
    def handle(view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        key = request.headers.get(HEADER, "")
        if not key:
            return handler(view, request, *args, **kwargs)
        if len(key) > LONGEST or not key.isprintable():
            raise Problem(400, _("An Idempotency-Key has at most %(n)d printable characters.") % {"n": LONGEST})
        fingerprint = _fingerprint(request)
        with transaction.atomic():
            _lock(request.auth.pk, key)
            known = ApiAnswer.objects.filter(token=request.auth, key=key, created_at__gt=timezone.now() - KEPT).first()
            if known is not None:
                return _again(known, fingerprint)
            response = _perform(view, handler, request, *args, **kwargs)
            _keep(request.auth, key, fingerprint, response)
            return response

    return handle


def purge() -> int:
    """Forget the answers of more than a day ago. Returns how many there were."""
    deleted, _per_model = ApiAnswer.objects.filter(created_at__lte=timezone.now() - KEPT).delete()
    return deleted


def _fingerprint(request: Any) -> str:
    """What was asked: method, address and body, however the body's JSON was laid out."""
    body = json.dumps(request.data, sort_keys=True, default=str)
    return hashlib.sha256(f"{request.method} {request.path}\n{body}".encode()).hexdigest()


def _lock(token: int, key: str) -> None:
    """One request per key at a time; the lock ends with the transaction, however it ends."""
    number = int.from_bytes(hashlib.sha256(f"{token}:{key}".encode()).digest()[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        if not cursor.fetchone()[0]:
            raise Problem(409, _("A request with this key is still at work."), headers={"Retry-After": "1"})


def _perform(view: Any, handler: Callable[..., Response], request: Any, *args: Any, **kwargs: Any) -> Response:
    """The work in a savepoint of its own: refused work leaves nothing, and its answer is kept all the same."""
    try:
        with transaction.atomic():
            return handler(view, request, *args, **kwargs)
    except Exception as error:
        response = problems.handle(error, {"request": request, "view": view})
        if response is None:
            raise
        return response


def _keep(token: Any, key: str, fingerprint: str, response: Response) -> None:
    if response.status_code in PASSING or response.status_code >= 500:
        return
    headers = {"Content-Type": response.content_type or "application/json"}
    headers |= {name: response.headers[name] for name in ("Location", "ETag") if name in response.headers}
    body = "" if response.data is None else JSONRenderer().render(response.data).decode()
    ApiAnswer.objects.filter(token=token, key=key).delete()  # one of more than a day ago
    ApiAnswer.objects.create(
        token=token, key=key, fingerprint=fingerprint, status=response.status_code, headers=headers, body=body
    )


def _again(known: ApiAnswer, fingerprint: str) -> HttpResponse:
    if known.fingerprint != fingerprint:
        raise Problem(422, _("This Idempotency-Key belongs to another request."))
    again = HttpResponse(known.body, status=known.status, headers=known.headers)
    again["Idempotent-Replayed"] = "true"
    return again
