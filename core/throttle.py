"""A brake on public pages: so many times per minute from one place, kept in the cache."""

import ipaddress
from typing import Any

from django.conf import settings
from django.core.cache import cache


def too_many(key: str, *, limit: int, seconds: int = 60) -> bool:
    """Count one more for `key`; True when that is more than `limit` within about `seconds`."""
    name = f"throttle:{key}"
    cache.add(name, 0, timeout=seconds)
    try:
        return int(cache.incr(name)) > limit
    except ValueError:  # it ran out between the two lines
        return False


def client_ip(request: Any) -> str | None:
    """The visitor's address. What a proxy says is believed only if there is one, and only its own, last, entry."""
    found = request.META.get("REMOTE_ADDR", "")
    if settings.BEHIND_PROXY:
        found = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2] or found
    try:
        return str(ipaddress.ip_address(found.strip()))
    except ValueError:
        return None
