"""Brakes that earlier tests have trodden on."""

import time

from django.conf import settings
from redis import Redis


def release() -> None:
    """Nobody is slowed down by the requests of another test. Only this worker's keys go: the Redis is everybody's."""
    kept = settings.CACHES["shared"]
    with Redis.from_url(kept["LOCATION"]) as client:
        for key in client.scan_iter(f"{kept['KEY_PREFIX']}:*"):
            client.delete(key)


def whole_minute(least: float = 8) -> None:
    """Brakes count by the minute of the clock: a test that treads on one waits where another minute is about to begin."""
    left = 60 - time.time() % 60
    if left < least:
        time.sleep(left + 0.1)
