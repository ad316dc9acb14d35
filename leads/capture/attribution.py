"""How visitors found us: the words of the address they came by, sent with the form; kept in a cookie only if they say yes."""

import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

COOKIE = "zencrm_touch"
_SALT = "leads.touch"
#: Days for which a visitor's yes counts, and characters of each word.
DAYS, LONGEST = 180, 150
UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")

Touch = dict[str, Any]


def present(request: HttpRequest) -> Touch:
    """The touch of this very request: its parameters, and where the visitor came from if that is not us."""
    found: Touch = {name: value for name in UTM if (value := _word(request.GET.get(name, "")))}
    referrer = _word(request.headers.get("Referer", ""))
    if referrer and _host(referrer) != request.get_host():
        found["referrer"] = referrer
    return found | {"page": _word(request.path), "at": int(time.time())}


def sent(data: Mapping[str, Any], request: HttpRequest) -> Touch:
    """The touch of a submission: what the page has put into the form; from another site's page, that page itself."""
    found: Touch = {name: value for name in UTM if (value := _word(data.get(name, "")))}
    if referrer := _word(data.get("_referrer", "")):
        found["referrer"] = referrer
    page = _word(data.get("_page", "")) or _word(request.headers.get("Referer", ""))
    return found | ({"page": page} if page else {})


def kept(request: HttpRequest) -> dict[str, Touch]:
    """{"first": ..., "last": ...} out of the visitor's cookie; nothing where there is none, or it is not ours."""
    try:
        found = signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=DAYS * 24 * 3600)
    except signing.BadSignature:
        return {}
    whole = isinstance(found, dict) and all(isinstance(found.get(name), dict) for name in ("first", "last"))
    return {name: found[name] for name in ("first", "last")} if whole else {}


def remember(response: HttpResponse, first: Touch, last: Touch) -> None:
    """The visitor has said yes: both touches, signed, for pages of ours alone."""
    response.set_cookie(
        COOKIE,
        signing.dumps({"first": first, "last": last}, salt=_SALT, compress=True),
        max_age=DAYS * 24 * 3600,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
    )


def follow(request: HttpRequest, response: HttpResponse) -> None:
    """A further visit of somebody who has said yes: the first touch stays, the last one is this one if it tells anything."""
    known, now = kept(request), present(request)
    if known and set(now) - {"page", "at"}:
        remember(response, known["first"], now)


def forget(response: HttpResponse) -> None:
    response.delete_cookie(COOKIE, samesite="Lax")


def _word(text: Any) -> str:
    return "".join(c for c in str(text) if c.isprintable())[:LONGEST]


def _host(address: str) -> str:
    try:
        return urlsplit(address).netloc
    except ValueError:
        return ""
