"""What the frame shows on every page, without a query: menu and quick create by rights, theme, density, languages."""

from functools import cache, lru_cache
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from core import preferences

#: One menu per (rights, language): a handful of roles and two languages.
_menus: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
#: Where the token and the address of a request belong in the top bar that is kept for all of them.
_TOKEN, _HERE = "token-of-this-request", "address-of-this-request"
#: What it shows of its user.
_SHOWN = ("username", "first_name", "last_name", "is_staff")
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
        "topbar": SimpleLazyObject(lambda: topbar(request)),
        "scripts": SimpleLazyObject(_scripts),
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


def topbar(request: HttpRequest) -> SafeString:
    """Search, what this user may create, bell, switches and account; what belongs to this request is put in last."""
    user, chosen = getattr(request, "user", None), (preferences.theme(request), preferences.density(request))
    person = tuple((name, getattr(user, name)) for name in _SHOWN) if user and user.is_authenticated else ()
    text = _topbar(_key(request, "QUICK_CREATE"), chosen, person)
    text = text.replace(_TOKEN, get_token(request)).replace(_HERE, conditional_escape(request.get_full_path()))
    return mark_safe(text)  # noqa: S308 - written by a template, filled with a token and an escaped address


@lru_cache(maxsize=256)
def _topbar(key: tuple[Any, ...], chosen: tuple[str, str], person: tuple[Any, ...]) -> str:
    context = {
        "theme": chosen[0],
        "density": chosen[1],
        "languages": settings.LANGUAGES,
        "user": get_user_model()(**dict(person)) if person else AnonymousUser(),
        "quick_create": _html("components/quick_create.html", key),
        "csrf_token": _TOKEN,
        "here": _HERE,
    }
    return render_to_string("components/topbar.html", context)


@cache
def _scripts() -> SafeString:
    """Those of every page, by the names that their contents have."""
    return render_to_string("components/scripts.html")


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
