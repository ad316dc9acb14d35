"""Who is counted when a password is wrong: the name that was typed, whatever form it came from."""

from typing import Any

from django.http import HttpRequest


def typed_name(request: HttpRequest | None, credentials: dict[str, Any] | None = None) -> str:
    """The user name or e-mail address of a login attempt, lower case (axes counts by it and the address)."""
    typed = request.POST.get("login") or request.POST.get("username") if request is not None else ""
    if not typed and credentials:
        typed = credentials.get("username") or credentials.get("email") or ""
    return str(typed or "").strip().lower()[:255]
