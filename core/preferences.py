"""How a person wants the pages: language, theme, density, keys. On the account; in cookies for pages without one."""

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse

THEMES = ("auto", "light", "dark")
DENSITIES = ("normal", "compact")
#: Whether single letters are keys (WCAG 2.1.4): of the device, because a keyboard is.
LETTERS = ("on", "off")
COOKIES = {
    "theme": "zencrm_theme", "density": "zencrm_density", "letters": "zencrm_letters",
    "language": settings.LANGUAGE_COOKIE_NAME,
}  # fmt: skip
CHOICES: dict[str, tuple[str, ...]] = {
    "theme": THEMES,
    "density": DENSITIES,
    "letters": LETTERS,
    "language": tuple(code for code, _name in settings.LANGUAGES),
}


def theme(request: HttpRequest) -> str:
    return _known("theme", getattr(_user(request), "theme", "") or request.COOKIES.get(COOKIES["theme"], ""))


def density(request: HttpRequest) -> str:
    user = _user(request)
    if hasattr(user, "dense"):
        return "compact" if user.dense else "normal"
    return _known("density", request.COOKIES.get(COOKIES["density"], ""))


def letters(request: HttpRequest) -> str:
    return _known("letters", request.COOKIES.get(COOKIES["letters"], ""))


def _user(request: HttpRequest) -> Any:
    return getattr(request, "user", None)


def _known(name: str, value: str) -> str:
    return value if value in CHOICES[name] else CHOICES[name][0]


def wanted(data: Any) -> dict[str, str]:
    """The known preferences with a known value in a submitted form."""
    return {name: data[name] for name in COOKIES if data.get(name) in CHOICES[name]}


def keep(user: Any, chosen: dict[str, str]) -> None:
    """Put the preferences on the account, for the next device."""
    values: dict[str, Any] = {name: chosen[name] for name in ("language", "theme") if name in chosen}
    if "density" in chosen:
        values["dense"] = chosen["density"] == "compact"
    if values:
        get_user_model().objects.filter(pk=user.pk).update(**values)


def remember(response: HttpResponse, chosen: dict[str, str]) -> HttpResponse:
    """Set the cookies of these preferences for a year."""
    for name, value in chosen.items():
        response.set_cookie(
            COOKIES[name],
            value,
            max_age=365 * 24 * 3600,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
        )
    return response
