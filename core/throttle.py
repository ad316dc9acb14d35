"""A brake: so many times per minute from one place or for one key, counted in Redis for all processes together."""

import ipaddress
import time
from typing import Any

from django.conf import settings
from django.core.cache import BaseCache, cache

from core.shared import with_redis


def too_many(key: str, *, limit: int, seconds: int = 60) -> bool:
    """Count one more for `key`; True when that is more than `limit` within the present `seconds`."""
    count, _left = used(key, seconds=seconds)
    return count > limit


def used(key: str, *, seconds: int) -> tuple[int, int]:
    """Count one more for `key`; returns the count of the present window, and the seconds until the next one begins."""
    now = time.time()
    name = f"throttle:{key}:{seconds}:{int(now // seconds)}"
    left = int(seconds - now % seconds) + 1
    # Without Redis each process counts for itself: a brake must not stop the car.
    count = with_redis(
        lambda shared: _count(shared, name, seconds),
        otherwise=lambda: _count(cache, name, seconds),
        then="requests are counted per process",
    )
    return count, left


def _count(kept: BaseCache, name: str, seconds: int) -> int:
    kept.add(name, 0, timeout=seconds + 1)
    try:
        return int(kept.incr(name))
    except ValueError:  # it ran out between the two lines
        return 1


def client_ip(request: Any) -> str | None:
    """The visitor's address. What a proxy says is believed only if there is one, and only its own, last, entry."""
    found = request.META.get("REMOTE_ADDR", "")
    if settings.BEHIND_PROXY:
        found = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2] or found
    try:
        return str(ipaddress.ip_address(found.strip()))
    except ValueError:
        return None
