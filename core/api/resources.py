"""The three kinds of address a document has: all of them, one of them, and one per verb or hand-over."""

from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from core import merging
from core.api import bridge, lists
from core.api.answers import repeatable
from core.api.documents import DocumentApi
from core.api.problems import Problem, invalid
from core.api.registry import api_of
from core.api.views import ApiView
from core.privacy import watching


class DocumentView(ApiView):
    """What the three share."""

    api: type[DocumentApi]

    @property
    def largest(self) -> int:
        """Bytes of a body."""
        return self.api.largest

    def given(self) -> dict[str, Any]:
        """The body, which is an object; a request without one gives nothing."""
        data = self.request.data
        if not isinstance(data, dict):
            raise invalid({"non_field_errors": [_("Expected an object with fields.")]})
        return dict(data)

    def handle_exception(self, error: Exception) -> Response:
        """What was merged is found by its old address: looked at there, changed only where it is now."""
        if isinstance(error, Http404) and (url := self._heir()):
            if self.request.method in ("GET", "HEAD"):
                error = Problem(308, headers={"Location": url}, merged_into=url)
            else:
                error = Problem(409, _("This record was merged into another one."), merged_into=url)
        found: Response = super().handle_exception(error)
        return found

    def _heir(self) -> str:
        """The address of the record that took this one in, if the user may see it; else ""."""
        pk = self.kwargs.get("pk")
        if pk is None or not getattr(self.api.model, "MERGEABLE", False):
            return ""
        heir = merging.successor(self.api.model, pk)
        if heir is None or self.api.seen_by(self.request.user, heir) is None:
            return ""
        return self.request.build_absolute_uri(reverse(f"api:{self.api.prefix}_detail", args=[heir]))

    def answer(self, record: Any, status: int = 200) -> Response:
        """The record anew, as this user may see it; nothing where it is out of their sight (given to somebody else)."""
        api, user = api_of(type(record)), self.request.user
        fresh = api.seen_by(user, record.pk) if api and record.pk else None
        if fresh is None:
            return Response(status=204)
        watching.saw(self.request, fresh, watching.Act.PROGRAM)
        found = api.whole(fresh, user)
        headers = {"ETag": f'"{found["updated_at"]}"'}
        if status == 201:
            headers["Location"] = self.request.build_absolute_uri(found["url"])
        return Response(found, status=status, headers=headers)


class ListView(DocumentView):
    """All of them: filtered, sorted, page by page; and a new one."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.http_method_names = ["get", "head", *(["post"] if self.api.page("create") else [])]

    def get(self, request: Request) -> Response:
        user = request.user
        page = bridge.open_page(self.api.page("list"), user, query=request.query_params)
        ids, place = lists.read_page(page)
        watching.gave_out(request, self.api.model, f"API ?{request.query_params.urlencode()}")
        base = request.build_absolute_uri(reverse(f"api:{self.api.prefix}"))
        return Response(
            {
                "next": lists.link(base, page.params, after=place.next),
                "previous": lists.link(base, page.params, before=place.previous),
                "results": [self.api.brief(record, user) for record in lists.fetch(page, ids)],
            }
        )

    @repeatable
    def post(self, request: Request) -> Response:
        return self.answer(bridge.save_record(self.api.page("create"), request.user, self.given()), status=201)


class RecordView(DocumentView):
    """One of them, and its changes."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.http_method_names = ["get", "head", *(["patch"] if self.api.page("edit") else [])]

    def get(self, request: Request, pk: int) -> Response:
        return self.answer(self.api.record(request.user, pk))

    def patch(self, request: Request, pk: int) -> Response:
        version = request.headers.get("If-Match", "").strip('" ')
        page = self.api.page("edit")
        return self.answer(bridge.save_record(page, request.user, self.given(), version=version, pk=pk))


class ActView(DocumentView):
    """A verb, or the hand-over to the next document."""

    act = ""
    http_method_names = ["post"]

    @repeatable
    def post(self, request: Request, pk: int) -> Response:
        given = self.given()
        if self.act in self.api.verbs():
            return self.answer(bridge.perform_verb(self.api.page("act"), request.user, self.act, pk, given))
        began = timezone.now()
        source, made = bridge.hand_over(self.api.handover_page(self.act), request.user, pk, given)
        was_there = _is_known(made, source) or getattr(made, "created_at", began) < began
        return self.answer(made, status=200 if was_there else 201)


def _is_known(made: Any, source: Any) -> bool:
    """Whether the hand-over gave back something that was there before: what was sent, or what a discarded draft came from."""
    if (type(made), made.pk) == (type(source), source.pk):
        return True
    foreign_keys = [field for field in source._meta.concrete_fields if field.is_relation]
    return any((field.related_model, getattr(source, field.attname)) == (type(made), made.pk) for field in foreign_keys)
