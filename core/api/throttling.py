"""How often a token may ask: a budget per minute, and a smaller one for what writes."""

from typing import Any

from django.conf import settings
from rest_framework.permissions import SAFE_METHODS
from rest_framework.throttling import BaseThrottle

from core import throttle


class PerToken(BaseThrottle):
    """`API_READS_PER_MINUTE` and `API_WRITES_PER_MINUTE`, each token for itself, all processes together."""

    def __init__(self) -> None:
        self._left = 1

    def allow_request(self, request: Any, view: Any) -> bool:
        token = getattr(request.auth, "pk", None)
        if token is None:
            return True
        reads = request.method in SAFE_METHODS
        limit = settings.API_READS_PER_MINUTE if reads else settings.API_WRITES_PER_MINUTE
        count, self._left = throttle.used(f"api-{'r' if reads else 'w'}:{token}", seconds=60)
        return count <= limit

    def wait(self) -> float:
        return self._left
