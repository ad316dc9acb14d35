"""The addresses of the API, made from its documents: list, record, and one per verb and hand-over."""

from collections.abc import Iterable
from typing import Any

from django.urls import URLPattern, path, re_path

from core.api import views
from core.api.resources import ActView, ListView, RecordView


def routes(apis: Iterable[Any], *, more: Iterable[URLPattern] = ()) -> list[URLPattern]:
    """URL patterns of `/api/v1/`, with `more` that are no documents; whatever else is asked for below is a problem+json 404."""
    found = [
        path("", views.Root.as_view(), name="root"),
        path("me/", views.Me.as_view(), name="me"),
        path("schema/", views.Schema.as_view(), name="schema"),
        path("docs/", views.Docs.as_view(), name="docs"),
    ]
    for api in apis:
        found += _of(api)
    return [*found, *more, re_path(r"^(?P<path>.*)$", views.unknown)]


def _of(api: Any) -> list[URLPattern]:
    name, prefix = api.model.__name__, api.prefix
    found = [
        path(f"{prefix}/", _view(ListView, f"{name}List", api), name=prefix),
        path(f"{prefix}/<int:pk>/", _view(RecordView, f"{name}Record", api), name=f"{prefix}_detail"),
    ]
    for act in api.all_acts():
        view = _view(ActView, f"{name}{act.title().replace('_', '')}", api, act=act)
        found.append(path(f"{prefix}/<int:pk>/{act}/", view, name=f"{prefix}_{act}"))
    return found


def _view(base: Any, name: str, api: Any, **members: Any) -> Any:
    view: Any = type(name, (base,), {"api": api, "__doc__": base.__doc__, **members})
    return view.as_view()
