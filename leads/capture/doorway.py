"""The signed endpoint stands right behind the front door: no session, no account, no page. A request costs half that way."""

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import translation

from leads.capture import endpoint

_PATH = re.compile(r"/capture/([-\w]{1,32})/\Z", re.ASCII)


class DoorwayMiddleware:
    """Answers for `leads:capture_endpoint`; stands behind what every answer needs (its number in the log, HTTPS)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        found = _PATH.match(request.path_info)
        if found is None:
            return self.get_response(request)
        with translation.override(translation.get_language_from_request(request)):
            response = endpoint.capture(request, found[1])
        response.headers["Cache-Control"] = "no-store"
        return response
