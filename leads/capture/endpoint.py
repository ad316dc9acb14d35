"""The signed endpoint: programs send what others have filled in, as JSON, and may repeat themselves as often as they like.

`ZenCRM-Signature: t=<Unix time>,v1=<hex>`, where v1 is HMAC-SHA256 with the form's secret over "<t>.<Idempotency-Key>." and
the body as it is sent: neither another body nor another key can be put under a signature that somebody has seen.
"""

import hashlib
import hmac
import json
import time
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from core import throttle
from core.api import problems
from leads.capture import attribution, bots, inputs, receiving
from leads.capture.inputs import Door

#: Seconds by which the sender's clock may differ, characters of a key, and wrong signatures per minute and address.
SKEW, LONGEST_KEY, WRONG = 300, 150, 60
#: What a body may hold besides fields.
_BESIDE = ("consents", "touch", "first_touch")


class Wrong(Exception):
    """The request is answered with a problem."""

    def __init__(self, status: int, detail: str, **members: Any) -> None:
        super().__init__(detail)
        self.status, self.detail, self.members = status, detail, members


def sign(secret: str, *, key: str, body: bytes, at: int | None = None) -> str:
    """The header's value, as a sender makes it."""
    at = int(time.time()) if at is None else at
    return f"t={at},v1={_mac(secret, at, key, body)}"


def _mac(secret: str, at: int, key: str, body: bytes) -> str:
    return hmac.new(secret.encode(), f"{at}.{key}.".encode() + body, hashlib.sha256).hexdigest()


@csrf_exempt
def capture(request: HttpRequest, token: str) -> HttpResponse:
    """202 for a new submission, 200 for one that came before with this key: both with its number."""
    try:
        return _capture(request, token)
    except Wrong as wrong:
        response = problems.answer(request, wrong.status, wrong.detail, **wrong.members)
        if wrong.status == 405:
            response["Allow"] = "POST"
        return response


def _capture(request: HttpRequest, token: str) -> HttpResponse:
    if request.method != "POST":
        raise Wrong(405, "")
    found = inputs.door(token)
    if found is None:
        raise Wrong(404, _("There is no active form at this address."))
    body, key = _body(request), _key(request)
    ip = throttle.client_ip(request)
    _check_signature(request, found, key, body, ip)
    sent = _parsed(body)
    payload = _payload(found, sent)
    kept = receiving.keep(
        form=found.form.pk,
        channel="endpoint",
        key=f"key:{key}",
        payload=payload,
        ip=ip,
        agent=request.headers.get("User-Agent", ""),
        digest=hashlib.sha256(body).hexdigest(),
    )
    if not kept.same:
        raise Wrong(409, _("Another submission was sent with this key."))
    return JsonResponse({"id": kept.pk, "replayed": not kept.is_new}, status=202 if kept.is_new else 200)


def _body(request: HttpRequest) -> bytes:
    length = request.headers.get("Content-Length") or "0"
    if not length.isascii() or not length.isdigit():
        raise Wrong(400, _("The length of the request is not known."))
    if int(length) > receiving.MOST_BYTES:
        raise Wrong(413, _("At most %(n)d bytes.") % {"n": receiving.MOST_BYTES})
    if request.content_type != "application/json":
        raise Wrong(415, "")
    return request.body


def _key(request: HttpRequest) -> str:
    key = request.headers.get("Idempotency-Key", "").strip()
    if not key or len(key) > LONGEST_KEY or not key.isascii() or not key.isprintable():
        raise Wrong(400, _("Send an Idempotency-Key of at most %(n)d characters.") % {"n": LONGEST_KEY})
    return key


def _check_signature(request: HttpRequest, found: Door, key: str, body: bytes, ip: str | None) -> None:
    parts = dict(part.split("=", 1) for part in request.headers.get("ZenCRM-Signature", "").split(",") if "=" in part)
    at = parts.get("t", "")
    known = at.isascii() and at.isdigit() and len(at) < 13
    if known and hmac.compare_digest(
        _mac(found.form.secret, int(at), key, body).encode(), parts.get("v1", "").encode(errors="replace")
    ):
        if abs(time.time() - int(at)) <= SKEW:
            return
        raise Wrong(401, _("The signature is too old."))
    if throttle.too_many(f"signature:{bots.neighbourhood(ip)}", limit=WRONG):
        raise Wrong(429, _("Too many wrong signatures. Try again in a minute."))
    raise Wrong(401, _("The signature is missing or wrong."))


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        sent = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Wrong(400, _("This is no JSON in UTF-8.")) from error
    if not isinstance(sent, dict):
        raise Wrong(422, _("Send one object with the fields of the form."))
    return sent


def _payload(found: Door, sent: dict[str, Any]) -> dict[str, Any]:
    """What is kept: the fields as they came, the ticks as versions of words, the touches as words."""
    fields = {name: value for name, value in sent.items() if name not in _BESIDE}
    errors = inputs.clean(found, fields).errors
    errors |= {name: [_("Send a text here.")] for name, value in fields.items() if isinstance(value, dict | list)}
    consents, errors_of_ticks = _ticks(found, sent.get("consents"))
    if errors := errors | errors_of_ticks:
        raise Wrong(422, _("Some values are wrong."), errors=errors)
    payload = {"fields": fields, "consents": consents, "touch": _words(sent.get("touch"))}
    first = _words(sent.get("first_touch"))
    return payload | ({"first": first} if first else {})


def _ticks(found: Door, given: Any) -> tuple[dict[str, int], dict[str, list[str]]]:
    """{"newsletter": true} agrees to the present words, {"newsletter": 2} to those of a version."""
    if given is None:
        return {}, {}
    present = {words.code: words.version for words in found.words}
    if not isinstance(given, dict) or not given.keys() <= present.keys():
        known = ", ".join(present) or "-"
        return {}, {"consents": [_("This form asks for: %(codes)s.") % {"codes": known}]}
    ticks = {}
    for code, value in given.items():
        if value is True:
            ticks[code] = present[code]
        elif isinstance(value, int) and value:
            ticks[code] = min(value, present[code])
    return ticks, {}


def _words(touch: Any) -> dict[str, Any]:
    if not isinstance(touch, dict):
        return {}
    known = (*attribution.UTM, "referrer", "page", "at")
    return {name: touch[name] for name in known if isinstance(touch.get(name), str | int)}
