"""Every error below /api/ as `application/problem+json` (RFC 9457), in the caller's language."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeGuard

from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions, status
from rest_framework.response import Response

from core.files import Unavailable
from core.lifecycle import Stale

CONTENT_TYPE = "application/problem+json"
PREFIX = "/api/"

#: What each status means here; the words a person reads first.
TITLES = {
    308: gettext_lazy("Merged into another record"),
    400: gettext_lazy("The request cannot be understood"),
    401: gettext_lazy("A valid token is needed"),
    403: gettext_lazy("Not allowed"),
    404: gettext_lazy("Not found"),
    405: gettext_lazy("This address does not know this method"),
    406: gettext_lazy("Only application/json is spoken here"),
    409: gettext_lazy("Refused"),
    412: gettext_lazy("Somebody has changed it meanwhile"),
    413: gettext_lazy("The request is too large"),
    415: gettext_lazy("Send application/json"),
    422: gettext_lazy("Some values are wrong"),
    429: gettext_lazy("Too many requests"),
    500: gettext_lazy("Something went wrong here"),
    503: gettext_lazy("This file cannot be read right now"),
}


class Problem(exceptions.APIException):
    """An error with everything the caller should know: `Problem(409, reasons=[...])`."""

    def __init__(self, status_code: int, detail: Any = "", *, headers: Mapping[str, str] | None = None, **members: Any):
        super().__init__(str(detail) or str(TITLES[status_code]))
        self.status_code, self.words, self.members = status_code, str(detail), members
        self.headers = dict(headers or {})


def refused(reasons: Iterable[Any]) -> Problem:
    """A verb or form that says no, with every reason, and the page that mends it where there is one."""
    reasons = list(reasons)
    status_code = 412 if any(isinstance(reason, Stale) for reason in reasons) else 409
    told = [{"message": str(r), **({"fix_url": r.fix_url} if getattr(r, "fix_url", "") else {})} for r in reasons]
    return Problem(status_code, " ".join(reason["message"] for reason in told), reasons=told)


def invalid(errors: Mapping[str, Iterable[Any]], status_code: int = 422) -> Problem:
    """Values that are wrong, by the name of their field."""
    return Problem(status_code, errors={name: [str(text) for text in texts] for name, texts in errors.items()})


def body(status_code: int, detail: str = "", *, instance: str = "", **members: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "about:blank", "title": str(TITLES[status_code]), "status": status_code}
    if detail:
        found["detail"] = detail
    if instance:
        found["instance"] = instance
    return found | members


def answer(request: HttpRequest, status_code: int, detail: str = "", **members: Any) -> JsonResponse:
    """A problem for requests that never reached a view of the API: unknown addresses, crashes."""
    found = body(status_code, detail, instance=request.path, **members)
    return JsonResponse(found, status=status_code, content_type=CONTENT_TYPE)


def is_ours(request: HttpRequest | None) -> TypeGuard[HttpRequest]:
    return request is not None and request.path.startswith(PREFIX)


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """REST framework's exception handler. None for what nobody foresaw: that is logged, and answered with 500."""
    problem = as_problem(error)
    if problem is None:
        return None
    request = context["request"]
    found = body(problem.status_code, problem.words, instance=request.path, **problem.members)
    return Response(found, status=problem.status_code, headers=problem.headers, content_type=CONTENT_TYPE)


def as_problem(error: Exception) -> Problem | None:
    """Any foreseen error as a problem."""
    if isinstance(error, Problem):
        if error.status_code == status.HTTP_401_UNAUTHORIZED and (header := getattr(error, "auth_header", "")):
            error.headers.setdefault("WWW-Authenticate", header)
        return error
    if isinstance(error, Http404):
        return Problem(404)
    if isinstance(error, PermissionDenied):
        return Problem(403, str(error) or _("You have no right to do this."))
    if isinstance(error, BadRequest | SuspiciousOperation):
        return Problem(400)
    if isinstance(error, Unavailable):
        return Problem(503)
    return _of_framework(error) if isinstance(error, exceptions.APIException) else None


def _of_framework(error: exceptions.APIException) -> Problem:
    """Errors of REST framework keep their status and headers; the words are ours, in the caller's language."""
    headers: dict[str, str] = {}
    if header := getattr(error, "auth_header", ""):
        headers["WWW-Authenticate"] = header
    if isinstance(error, exceptions.Throttled):
        wait = max(int(error.wait or 1), 1)
        headers["Retry-After"] = str(wait)
        return Problem(429, _("Try again in %(n)d seconds.") % {"n": wait}, headers=headers)
    if isinstance(error, exceptions.NotAuthenticated):
        return Problem(401, _("Send a token: Authorization: Bearer …"), headers=headers)
    if isinstance(error, exceptions.PermissionDenied):
        return Problem(403, _("You have no right to do this."), headers=headers)
    known = error.status_code if error.status_code in TITLES else 400
    return Problem(known, headers=headers)
