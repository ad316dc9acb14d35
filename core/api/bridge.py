"""From a request of the API to the page class that a browser would have used: its rows, filters, forms, services, refusals."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, QueryDict
from django.urls import NoReverseMatch, resolve, reverse
from django.utils.translation import gettext as _

from core import history
from core.api import inputs
from core.api.problems import invalid, refused
from core.fields import api as own_fields
from core.lifecycle import Refused
from core.pages.base import REFUSALS_OF_THE_DATABASE, add_errors, reasons_of


@cache
def page_class(url_name: str, *args: Any) -> Any:
    """The page at a named address, or None where there is none."""
    try:
        match = resolve(reverse(url_name, args=args))
    except (NoReverseMatch, Http404):
        return None
    return getattr(match.func, "view_class", None)


def open_page(
    page: Any, user: Any, *, data: QueryDict | None = None, query: QueryDict | None = None, **kwargs: Any
) -> Any:
    """A page as this user opens it (GET), or as it is sent (POST, with data). `PermissionDenied` without its right."""
    request: Any = HttpRequest()
    request.method = "GET" if data is None else "POST"
    request.user = user
    request.GET = query or QueryDict()
    if data is not None:
        request.POST = data
    found = page()
    found.setup(request, **kwargs)
    if (right := found.required_permission()) and not user.has_perm(right):
        raise PermissionDenied
    return found


# --- Forms ----------------------------------------------------------------------------------------------------------------


def save_record(page: Any, user: Any, given: dict[str, Any], *, version: str = "", **kwargs: Any) -> Any:
    """Create (no pk) or change a record as the form page does. What is left out stays as the page shows it."""
    empty = open_page(page, user, **kwargs)
    given = own_fields.flat(empty.model, given)
    record = empty.target()
    if reasons := empty.refusals(record):
        raise refused(reasons)
    blank = empty.whole_form(record)
    lines = empty.line_set(record)
    rows = given.pop("lines", None) if lines is not None else None
    data = inputs.merge(blank, given)
    if rows is not None:
        inputs.merge_lines(data, lines, rows, blank)
    if version:
        data["_version"] = version
    return _send(open_page(page, user, data=data, **kwargs), with_lines=rows is not None)


def _send(page: Any, *, with_lines: bool) -> Any:
    record = page.target()
    form = inputs.plain(page.whole_form(record))
    lines = page.line_set(record) if with_lines else None
    if lines is not None:
        for row in lines.forms:
            inputs.plain(row)
    if not all([form.is_valid(), lines is None or lines.is_valid()]):
        raise invalid(inputs.errors(form, lines))
    with answering(form, lines), transaction.atomic(), history.acting(page.request.user):
        if reasons := page.refusals(record, locked=True):
            raise Refused(*reasons)
        return page.keep(form, lines)


@contextmanager
def answering(form: Any, lines: Any = None) -> Iterator[None]:
    """Turns what pages answer with 409 and 422 into problems."""
    try:
        yield
    except ValidationError as error:
        if form is None or not hasattr(error, "error_dict"):
            raise invalid({"non_field_errors": error.messages}) from error
        add_errors(form, error)
        raise invalid(inputs.errors(form, lines)) from error
    except (Refused, *REFUSALS_OF_THE_DATABASE) as error:
        raise refused(reasons_of(error)) from error


def judged(form_class: Any, user: Any, given: Any) -> dict[str, Any]:
    """What a form without a page makes of a request's body; `Problem` 422 where it is wrong."""
    if not isinstance(given, dict):
        raise invalid({"non_field_errors": [_("Expected an object with fields.")]})
    form = inputs.plain(form_class(inputs.merge(form_class(user=user), given), user=user))
    if not form.is_valid():
        raise invalid(inputs.errors(form))
    return dict(form.cleaned_data)


# --- Acts -----------------------------------------------------------------------------------------------------------------


def perform_verb(page: Any, user: Any, name: str, pk: int, given: dict[str, Any]) -> Any:
    """Perform a verb with its form's fields; returns the record."""
    opened = open_page(page, user, pk=pk, verb=name)
    record, verb = opened.record(), opened.verb()
    form = _filled(opened, page, user, given, lambda p: p.whole_form(record, verb), pk=pk, verb=name)
    with answering(form):
        opened.perform(record, verb, form)
    return record


def hand_over(page: Any, user: Any, pk: int, given: dict[str, Any]) -> tuple[Any, Any]:
    """Perform a hand-over page's service; returns the source and what was made of it."""
    opened = open_page(page, user, pk=pk)
    source = opened.record()
    form = _filled(opened, page, user, given, lambda p: p.whole_form(source), pk=pk)
    with answering(form):
        return source, opened.keep(source, form)


def _filled(opened: Any, page: Any, user: Any, given: dict[str, Any], form_of: Any, **kwargs: Any) -> Any:
    """The page's form with what was given over what it proposes, valid; None where the page asks for nothing."""
    blank = form_of(opened)
    if blank is None:
        if given:
            raise invalid({name: [inputs.unknown_field()] for name in given})
        return None
    if blank.own_fields:
        given = own_fields.flat(getattr(opened, "makes", None) or opened.model, given)
    form = inputs.plain(form_of(open_page(page, user, data=inputs.merge(blank, given), **kwargs)))
    if not form.is_valid():
        raise invalid(inputs.errors(form))
    return form
