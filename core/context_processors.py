"""What the frame shows on every page, without a query: menu and quick create by rights, theme, density, languages."""

from functools import cache
from importlib import import_module
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from core import preferences

#: One menu per (rights, language): a handful of roles and two languages.
_menus: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
#: The menus as HTML, per (rights, language) and the item that is marked: every page has them, and they never change.
_written: dict[tuple[Any, ...], SafeString] = {}


def frame(request: HttpRequest) -> dict[str, Any]:
    """The frame's context; the menu is computed only by templates that show it."""
    return {
        "theme": preferences.theme(request),
        "density": preferences.density(request),
        "letters": preferences.letters(request),
        "languages": settings.LANGUAGES,
        "DEMO": settings.DEMO,
        "nav": SimpleLazyObject(lambda: nav(request)),
        "quick_create": SimpleLazyObject(lambda: quick_create(request)),
    }


def sections(request: HttpRequest, table: str) -> list[dict[str, Any]]:
    """Sections of a table of zencrm/menu.py with the items this user may open."""
    return _for_user(_key(request, table))


def nav(request: HttpRequest) -> SafeString:
    """The side menu; the item of the present page is marked by its address."""
    key = _key(request, "MENU")
    urls = [item["url"] for section in _for_user(key) for item in section["items"]]
    here = [url for url in urls if request.path == url or (url != "/" and request.path.startswith(url))]
    return _html("components/nav.html", key, max(here, key=len, default=""))


def quick_create(request: HttpRequest) -> SafeString:
    """The button with what this user may create; empty where that is nothing."""
    return _html("components/quick_create.html", _key(request, "QUICK_CREATE"))


def _html(template: str, key: tuple[Any, ...], current: str = "") -> SafeString:
    place = (*key, current)
    if place not in _written:
        _written[place] = render_to_string(template, {"sections": _for_user(key), "current": current})
    return _written[place]


def _key(request: HttpRequest, table: str) -> tuple[Any, ...]:
    """What a menu depends on: the table, the language, and those of its rights that this user holds."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return table, get_language(), ()
    held = user.get_all_permissions()
    rights = [item.permission for item in items(table) if not item.permission or item.permission in held]
    return table, get_language(), tuple(rights)


def _for_user(key: tuple[Any, ...]) -> list[dict[str, Any]]:
    table, _language, rights = key
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
        return {"label": str(item.label), "icon": item.icon, "url": reverse(item.url), "key": item.key}
    except NoReverseMatch:
        return None
