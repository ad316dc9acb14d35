"""Lead forms of social networks: their webhooks say that somebody has answered; what, the job asks them (`asking.py`).

Meta signs with X-Hub-Signature-256 and verifies an address by GET with hub.challenge; LinkedIn signs with X-LI-Signature and
verifies by GET with challengeCode. A webhook writes one row per answer, and the same answer told again is no other.
"""

import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from core import throttle
from leads.capture import receiving
from leads.models import WebForm

#: Answers in one notification, characters of an id.
MOST, LONGEST_ID = 500, 100


# --- Webhooks -------------------------------------------------------------------------------------------------------------


@csrf_exempt
@require_http_methods(["GET", "POST"])
def meta(request: HttpRequest) -> HttpResponse:
    if not settings.META_APP_SECRET:
        raise Http404
    if request.method == "GET":
        token = request.GET.get("hub.verify_token", "")
        known = settings.META_VERIFY_TOKEN and _same(settings.META_VERIFY_TOKEN, token)
        if not known or request.GET.get("hub.mode") != "subscribe":
            return HttpResponse(status=403)
        return HttpResponse(request.GET.get("hub.challenge", "")[:200], content_type="text/plain")
    wanted = "sha256=" + _mac(settings.META_APP_SECRET, request.body)
    return _taken(request, wanted, request.headers.get("X-Hub-Signature-256", ""), _of_meta)


@csrf_exempt
@require_http_methods(["GET", "POST"])
def linkedin(request: HttpRequest) -> HttpResponse:
    secret = settings.LINKEDIN_CLIENT_SECRET
    if not secret:
        raise Http404
    if request.method == "GET":
        code = request.GET.get("challengeCode", "")[:200]
        if not code:
            return HttpResponse(status=400)
        return JsonResponse({"challengeCode": code, "challengeResponse": _mac(secret, code.encode())})
    wanted = _mac(secret, b"hmacsha256=" + request.body)
    return _taken(request, wanted, request.headers.get("X-LI-Signature", ""), _of_linkedin)


def _mac(secret: str, content: bytes) -> str:
    return hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode(errors="replace"))


def _taken(request: HttpRequest, wanted: str, given: str, read: Any) -> HttpResponse:
    """One row for each answer that is told of; what makes no sense is answered, and changes nothing."""
    if len(request.body) > receiving.MOST_BYTES * 8:
        return HttpResponse(status=413)
    if not _same(wanted, given):
        return HttpResponse(status=401)
    try:
        told = json.loads(request.body)
        found = list(read(told))[:MOST]
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError):
        return HttpResponse(status=400)
    forms = dict(
        WebForm.objects.filter(external_id__in=[one["form"] for one in found]).values_list("external_id", "pk")
    )
    for one in found:
        receiving.keep(
            form=forms.get(one.pop("form") or "-"),
            channel="social",
            key=f"{one['from']}:{one['id']}",
            payload={"fields": {}, "fetch": one, "touch": {"utm_source": one["from"], "utm_medium": "paid_social"}},
            ip=throttle.client_ip(request),
        )
    return JsonResponse({"taken": len(found)})


def _of_meta(told: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for entry in told.get("entry", ()):
        for change in entry.get("changes", ()):
            if change.get("field") == "leadgen":
                value = change["value"]
                yield {"from": "facebook", "id": _id(value["leadgen_id"]), "form": _id(value.get("form_id", ""))}


def _of_linkedin(told: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if told.get("type") == "LEAD_ACTION" and told.get("leadAction", "CREATED") == "CREATED":
        form = str(told.get("leadGenForm", "")).partition("leadGenForm:")[2].partition(",")[0].strip(")")
        answer = str(told["leadGenFormResponse"]).rpartition(":")[2]
        yield {"from": "linkedin", "id": _id(answer), "form": _id(form)}


def _id(text: Any) -> str:
    found = str(text)
    if len(found) > LONGEST_ID or not all(c.isascii() and (c.isalnum() or c in "-_=") for c in found):
        raise ValueError(found[:40])
    return found
