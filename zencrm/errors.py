"""Error pages. They name the request's id, by which the log lines of what went wrong are found."""

from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse
from django.template import loader
from django.utils.translation import gettext as _
from django.views.decorators.csrf import requires_csrf_token

from core.api import problems
from core.files import Unavailable
from zencrm.logs import current_request_id

logger = structlog.get_logger(__name__)


@requires_csrf_token
def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(request, 400)


@requires_csrf_token
def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """`exception` may carry words for the reader: `PermissionDenied(_("..."))`."""
    return _page(request, 403, str(exception or ""))


@requires_csrf_token
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(request, 404)


def too_large(request: HttpRequest, reason: str) -> HttpResponse:
    """Stands before session and user: its page asks for neither."""
    if problems.is_ours(request):
        return problems.answer(request, 413, reason, request_id=current_request_id())
    return _page(None, 413, reason)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that was left open over a logout, or a browser that keeps no cookies."""
    return _page(request, 403, _("This form has expired. Go back, reload the page and send it again."))


class UnavailableFileMiddleware:
    """What cannot be read from the bucket is said with a page, wherever it is asked for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return _page(request, 503) if isinstance(error, Unavailable) else None


@requires_csrf_token
def server_error(request: HttpRequest) -> HttpResponse:
    """Uses neither database nor session nor user: any of them may be what failed."""
    if problems.is_ours(request):
        return problems.answer(request, 500, request_id=current_request_id())
    return _page(None, 500)


def _page(request: HttpRequest | None, status: int, reason: str = "") -> HttpResponse:
    request_id = current_request_id()
    if problems.is_ours(request):
        return problems.answer(request, status, reason, request_id=request_id)
    try:
        text = loader.render_to_string(f"{status}.html", {"request_id": request_id, "reason": reason}, request)
    except Exception:  # an error page must not fail, and Django would not log that it did
        logger.exception("The error page failed", status=status)
        return HttpResponse(f"{status} - {request_id}", status=status, content_type="text/plain")
    return HttpResponse(text, status=status)
