"""What all processes share in Redis. It is a help and never a condition: without it each does what it can by itself."""

import logging
from collections.abc import Callable
from typing import TypeVar

from django.core.cache import BaseCache, caches

log = logging.getLogger(__name__)

T = TypeVar("T")


def with_redis(use: Callable[[BaseCache], T], *, otherwise: Callable[[], T], then: str) -> T:
    """What `use` makes of the shared cache; what `otherwise` says while Redis is away, which the log tells with `then`."""
    from redis.exceptions import RedisError  # 4 MB, and not every process asks

    try:
        return use(caches["shared"])
    except (RedisError, OSError) as error:
        log.warning(f"Redis is away, {then}", extra={"error": str(error)})
        return otherwise()
