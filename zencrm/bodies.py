"""How much a request may bring: what says beforehand that it is too large is not read at all, what does not say is cut off.

The web server hands a body on as it comes in, so that nothing of it stands in memory before somebody reads it.
"""

from collections.abc import Callable
from tempfile import SpooledTemporaryFile
from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _

from zencrm import errors

#: In the request's environment: its body was cut off.
_CUT = "zencrm.body_cut"
#: Bytes of a body without a length that stay in memory, and that are read at once.
_IN_MEMORY, _STEP = 1024 * 1024, 64 * 1024


class Request(WSGIRequest):
    """A request whose body may come in pieces, without its length beforehand.

    Django reads no body without a length. Such a one is put on disk up to the limit; there the reading ends.
    """

    def __init__(self, environ: dict[str, Any]) -> None:
        in_pieces = "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower()
        if in_pieces and environ.get("wsgi.input_terminated") and not environ.get("CONTENT_LENGTH"):
            _put_down(environ)
        super().__init__(environ)


class Handler(WSGIHandler):
    request_class = Request


def _put_down(environ: dict[str, Any]) -> None:
    body = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - lives as long as the request
    source = environ["wsgi.input"]
    while piece := source.read(_STEP):
        if body.tell() + len(piece) > settings.UPLOAD_MOST_BYTES:
            environ[_CUT] = True
            body.truncate(0)
            break
        body.write(piece)
    environ["CONTENT_LENGTH"] = "0" if _CUT in environ else str(body.tell())
    body.seek(0)
    environ["wsgi.input"] = body


class BodyLimitMiddleware:
    """Answers 413 before anything looks at the body."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if _CUT not in request.META and not (length.isdigit() and int(length) > settings.UPLOAD_MOST_BYTES):
            return self.get_response(request)
        with translation.override(translation.get_language_from_request(request)):
            most = {"n": settings.UPLOAD_MOST_BYTES // 1024 // 1024}
            return errors.too_large(request, _("At most %(n)d MB can be sent at once.") % most)
