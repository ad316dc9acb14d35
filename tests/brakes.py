"""Brakes that earlier tests have trodden on."""

from django.conf import settings
from redis import Redis


def release() -> None:
    """Nobody is slowed down by the requests of another test. Only this worker's keys go: the Redis is everybody's."""
    kept = settings.CACHES["shared"]
    with Redis.from_url(kept["LOCATION"]) as client:
        for key in client.scan_iter(f"{kept['KEY_PREFIX']}:*"):
            client.delete(key)
