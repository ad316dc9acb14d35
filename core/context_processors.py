"""What the frame shows on every page, without a query: menu and quick create by rights, theme, density, languages."""

from functools import cache
from importlib import import_module
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language

from core import preferences

#: One menu per (rights, language): a handful of roles and two languages.
_menus: dict[tuple[Any, ...], list[dict[str, Any]]] = {}


def frame(request: HttpRequest) -> dict[str, Any]:
    """The frame's context; the menu is computed only by templates that show it."""
    return {
        "theme": preferences.theme(request),
        "density": preferences.density(request),
        "languages": settings.LANGUAGES,
        "DEMO": settings.DEMO,
        "menu": SimpleLazyObject(lambda: menu(request)),
        "quick_create": SimpleLazyObject(lambda: quick_create(request)),
    }


def menu(request: HttpRequest) -> list[dict[str, Any]]:
    """Sections with the items this user may open; the item of the present page is marked by its address."""
    sections = _for_user(request, "MENU")
    urls = [item["url"] for section in sections for item in section["items"]]
    here = [url for url in urls if request.path == url or (url != "/" and request.path.startswith(url))]
    best = max(here, key=len, default="")
    return [{**section, "current": best} for section in sections]


def quick_create(request: HttpRequest) -> list[dict[str, Any]]:
    return [item for section in _for_user(request, "QUICK_CREATE") for item in section["items"]]


def _for_user(request: HttpRequest, table: str) -> list[dict[str, Any]]:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return []
    rights = tuple(item.permission for item in items(table) if not item.permission or user.has_perm(item.permission))
    key = (table, get_language(), rights)
    if key not in _menus:
        _menus[key] = _build(table, set(rights))
    return _menus[key]


@cache
def items(table: str) -> list[Any]:
    """All entries of a table of zencrm/menu.py (the composition root's data, read by name: core imports nothing above it)."""
    module = import_module(settings.MENU_MODULE)
    return [item for section in getattr(module, table) for item in section.items]


def _build(table: str, rights: set[str]) -> list[dict[str, Any]]:
    module = import_module(settings.MENU_MODULE)
    sections = []
    for section in getattr(module, table):
        found = [_entry(item) for item in section.items if item.permission in rights]
        if shown := [entry for entry in found if entry]:
            sections.append({"label": str(section.label), "items": shown})
    return sections


def _entry(item: Any) -> dict[str, Any] | None:
    try:
        return {"label": str(item.label), "icon": item.icon, "url": reverse(item.url)}
    except NoReverseMatch:
        return None
