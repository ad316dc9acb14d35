"""What every page class shares: who may enter, which rows exist for them, and how refusals are answered."""

import inspect
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, InternalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.shortcuts import render, resolve_url
from django.urls import Resolver404, resolve, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views import View

from core.addresses import address
from core.forms import Form, ModelForm
from core.lifecycle import Reason
from core.triggers import Frozen

#: What the database says when a frozen row, an illegal move or a second hand-over is tried.
REFUSALS_OF_THE_DATABASE = (IntegrityError, InternalError)


class Moved(Http404):
    """The record was merged into another one, whose page has this address; for those who cannot follow, it is gone."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.url = url


class Page(View):
    """A page for people with an account: anonymous -> login, no right -> 403, row not visible -> 404."""

    model: Any = None
    #: Right needed to enter: an action ("view" -> "leads.view_lead") or a full name with a dot; empty: any account.
    permission: str = "view"
    template_name: str = ""
    title: Any = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return to_login(request)
        if (right := self.required_permission()) and not request.user.has_perm(right):
            raise PermissionDenied
        if any("\0" in value for key in request.GET for value in request.GET.getlist(key)):
            raise BadRequest("NUL")
        try:
            return super().dispatch(request, *args, **kwargs)
        except Moved as moved:
            return HttpResponseRedirect(moved.url)

    def required_permission(self) -> str:
        if not self.permission or "." in self.permission:
            return self.permission
        return f"{self.model._meta.app_label}.{self.permission}_{self.model._meta.model_name}"

    def queryset(self) -> Any:
        """The rows that exist for this user. Override to add annotations or select_related."""
        return self.model.objects.visible_to(self.request.user)

    def record(self) -> Any:
        """The record of the address, or 404."""
        return self.fetch(self.queryset(), self.kwargs["pk"])

    def fetch(self, queryset: Any, pk: int) -> Any:
        try:
            return queryset.get(pk=pk)
        except (queryset.model.DoesNotExist, OverflowError, ValueError) as error:
            if url := self.moved_to(queryset, pk):
                raise Moved(url) from error
            raise Http404 from error

    def moved_to(self, queryset: Any, pk: int) -> str:
        """This page about the record that took this one in, if the user may see it; "" where there is none."""
        from core.merging import successor

        here = self.request.resolver_match
        if (
            self.request.method not in ("GET", "HEAD")
            or here is None
            or not getattr(queryset.model, "MERGEABLE", False)
        ):
            return ""
        heir = successor(queryset.model, pk)
        if heir is None or not queryset.filter(pk=heir).exists():
            return ""
        kwargs = {k: heir if k in ("pk", "other") and v == pk else v for k, v in self.kwargs.items()}
        query = self.request.META.get("QUERY_STRING", "")
        return reverse(here.view_name, kwargs=kwargs) + (f"?{query}" if query else "")

    def show(self, context: dict[str, Any], *, status: int = 200, part: str = "") -> HttpResponse:
        """Render the page, or one part of it for htmx."""
        name = self.part_names(part) if part else self.template_name
        return render(
            self.request, name, {"page": self, "title": self.title, "model": self.model, **context}, status=status
        )

    def show_later(
        self, part: str, page: Callable[[], dict[str, Any]], work: Callable[[], dict[str, Any]]
    ) -> HttpResponse:
        """The page at once, which then fetches the part that goes through everything there is: an element with that id.

        `?panel=<part>` has it in the page, for those without JavaScript.
        """
        if self.request.headers.get("HX-Target") == part:
            return self.show(work(), part=part)
        more = work() if self.request.GET.get("panel") == part else {"later": part}
        return self.show(page() | more)

    @classmethod
    def part_names(cls, part: str) -> list[str]:
        """Where a part is looked for: in the page's own template, else in that of the page class it extends."""
        names = [vars(base).get("template_name", "") for base in cls.__mro__]
        return [f"{name}#{part}" for name in names if name]

    @property
    def in_modal(self) -> bool:
        return self.request.headers.get("HX-Target") == "modal-content"

    def may(self, action: str) -> bool:
        return self.request.user.has_perm(f"{self.model._meta.app_label}.{action}_{self.model._meta.model_name}")

    def url(self, page: str, *args: Any) -> str:
        """The address of a page of this model, or "" where it has none."""
        return model_url(self.model, page, *args)

    def go(self, url: str, message: str = "") -> HttpResponse:
        """Leave for another page, also from a modal."""
        if message:
            messages.success(self.request, message)
        if self.request.headers.get("HX-Request"):
            return HttpResponse(status=204, headers={"HX-Redirect": url})
        return HttpResponseRedirect(url)


def model_url(model: Any, page: str, *args: Any) -> str:
    """The address of a page of a model; "" where it has none."""
    return address(f"{model._meta.app_label}:{model._meta.model_name}_{page}", *args)


def named_by(url: str) -> tuple[Any, int] | None:
    """(model, id) of the record whose own page has this address, the way back from `model_url`; None for other addresses."""
    try:
        match = resolve(urlsplit(url).path)
    except (Resolver404, ValueError):
        return None
    model = getattr(getattr(match.func, "view_class", None), "model", None)
    if model is None or match.url_name != f"{model._meta.model_name}_detail":
        return None
    return model, match.kwargs["pk"]


def to_login(request: HttpRequest) -> HttpResponse:
    """To the login page and back; a script is told with 401, htmx with a redirect of the whole page."""
    url = f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': request.get_full_path()})}"
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    if request.headers.get("Accept", "").startswith("application/json"):
        return JsonResponse({"reasons": [_("Please log in again.")]}, status=401)
    return HttpResponseRedirect(url)


def safe_next(request: HttpRequest, default: str) -> str:
    """The `next` address of the request if it is one of ours, else the default."""
    url = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(url, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        return url
    return default


def make_form(form_class: Any, request: HttpRequest, *, record: Any = None, **kwargs: Any) -> Any:
    """An instance of any form class: ours get the user and the record, and files are read where there are any."""
    if request.method == "POST":
        kwargs |= {"data": request.POST, "files": request.FILES}
    if issubclass(form_class, Form | ModelForm):
        kwargs |= {"user": request.user, "record": record}
    return form_class(**kwargs)


def accepted(function: Any, facts: dict[str, Any]) -> dict[str, Any]:
    """The facts a function takes by name; all of them where it takes any."""
    parameters = inspect.signature(function).parameters
    if any(p.kind is p.VAR_KEYWORD for p in parameters.values()):
        return facts
    return {name: value for name, value in facts.items() if name in parameters}


def reasons_of(error: Exception) -> list[Reason]:
    """Any refusal as reasons in the reader's language."""
    if isinstance(error, ValidationError):
        return [Reason(text) for text in error.messages]
    if isinstance(error, DatabaseError):
        return [Reason(_("This was done already, or the record can no longer be changed. Nothing was saved."))]
    return list(getattr(error, "reasons", [])) or [Reason(str(error))]


def add_errors(form: Any, error: ValidationError) -> None:
    """Put a model's complaints beside the fields they name; the others on top of the form."""
    if form is None or not hasattr(error, "error_dict"):
        return
    for name, problems in error.error_dict.items():
        form.add_error(name if name in form.fields else None, problems)


def as_json(reasons: Iterable[Any], status: int = 409) -> JsonResponse:
    return JsonResponse({"reasons": [str(reason) for reason in reasons]}, status=status)


def header(text: str) -> str:
    """A text as an HTTP header value."""
    return quote(text[:400])


def is_editable(record: Any) -> bool:
    """Whether a record may be changed in its state: its own `is_editable`, else what its frozen rows say to the database."""
    if hasattr(record, "is_editable"):
        return bool(record.is_editable)
    frozen = [t for t in getattr(record._meta, "triggers", ()) if isinstance(t, Frozen)]
    return all(record.state in t.while_in for t in frozen) if hasattr(record, "state") else not frozen
