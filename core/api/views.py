"""What every address of the API shares: JSON in and out, a token, problems, brakes."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy
from rest_framework.authentication import SessionAuthentication
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.permissions import IsAuthenticated
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api import problems
from core.api.parsing import JsonParser
from core.api.problems import Problem
from core.api.throttling import PerToken
from core.api.tokens import TokenAuthentication, WithinScope
from core.pages import Page


class JsonOnly(DefaultContentNegotiation):
    """Problems are JSON too: who accepts only those is served."""

    def get_accept_list(self, request: Any) -> list[str]:
        wanted: list[str] = super().get_accept_list(request)
        return [*wanted, "application/json"] if problems.CONTENT_TYPE in wanted else wanted


class ApiView(APIView):
    """The base of the API's views."""

    authentication_classes: tuple[Any, ...] = (TokenAuthentication,)
    permission_classes: tuple[Any, ...] = (WithinScope,)
    throttle_classes = (PerToken,)
    parser_classes = (JsonParser,)
    renderer_classes = (JSONRenderer,)
    content_negotiation_class = JsonOnly

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if any("\0" in value for key in request.GET for value in (key, *request.GET.getlist(key))):
            raise Problem(400, "NUL")

    def get_exception_handler(self) -> Any:
        return problems.handle


class Me(ApiView):
    """Whose token this is, and what it may do."""

    def get(self, request: Request) -> Response:
        user, token = request.user, request.auth
        return Response(
            {
                "id": user.pk,
                "username": user.get_username(),
                "name": user.get_full_name(),
                "roles": sorted(group.name for group in user.groups.all()),
                "token": {"name": token.name, "scope": token.scope, "expires_at": token.expires_at.isoformat()},
            }
        )


class Root(ApiView):
    """The documents there are, with their addresses; those this user may look at."""

    def get(self, request: Request) -> Response:
        from core.api.registry import apis

        seen = [api for api in apis().values() if request.user.has_perm(api.permission("view"))]
        links = {api.prefix: request.build_absolute_uri(reverse(f"api:{api.prefix}")) for api in seen}
        return Response({"documents": links, "me": request.build_absolute_uri(reverse("api:me"))})


class Schema(ApiView):
    """This description of the API, as OpenAPI 3.1. Also for whoever is logged in: it is read, and changes nothing."""

    authentication_classes = (TokenAuthentication, SessionAuthentication)
    permission_classes = (IsAuthenticated,)

    def get(self, request: Request) -> Response:
        from core.api import openapi  # a web worker that serves no schema does without its library

        return Response(openapi.schema())


class Docs(Page):
    """The description as a page on which requests can be tried, with a token that is typed in there."""

    permission = ""
    template_name = "core/api_docs.html"
    title = gettext_lazy("REST API")

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show({"schema_url": reverse("api:schema")})


def unknown(request: HttpRequest, path: str = "") -> Any:
    """Every other address below /api/."""
    return problems.answer(request, 404)
