"""How a person wants the pages: language, theme, density. Kept in cookies, and on the account for the next device."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

THEMES = ("auto", "light", "dark")
DENSITIES = ("normal", "compact")
COOKIES = {"theme": "zencrm_theme", "density": "zencrm_density", "language": settings.LANGUAGE_COOKIE_NAME}
CHOICES: dict[str, tuple[str, ...]] = {
    "theme": THEMES,
    "density": DENSITIES,
    "language": tuple(code for code, _name in settings.LANGUAGES),
}


def theme(request: HttpRequest) -> str:
    return _read(request, "theme")


def density(request: HttpRequest) -> str:
    return _read(request, "density")


def _read(request: HttpRequest, name: str) -> str:
    value = request.COOKIES.get(COOKIES[name], "")
    return value if value in CHOICES[name] else CHOICES[name][0]


def wanted(data: Any) -> dict[str, str]:
    """The known preferences with a known value in a submitted form."""
    return {name: data[name] for name in COOKIES if data.get(name) in CHOICES[name]}


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
