"""Programs that call the API with a token."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from core.models import ApiToken
from tests import brakes


class Caller:
    """A program with a token: `api.get("leads/")`, `api.post("leads/", {...})`."""

    def __init__(self, token: str, language: str = "en") -> None:
        self.client = Client(raise_request_exception=False)
        self.headers = {"Authorization": f"Bearer {token}", "Accept-Language": language}

    def ask(self, method: str, path: str, data: Any = None, **headers: str) -> Any:
        url = path if path.startswith(("/", "http")) else f"/api/v1/{path}"
        body = data if isinstance(data, str | bytes) else "" if data is None else json.dumps(data, default=str)
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        kind = names.pop("Content-Type", "application/json")
        return self.client.generic(method, url, body, content_type=kind, headers={**self.headers, **names})

    def get(self, path: str, **headers: str) -> Any:
        return self.ask("GET", path, **headers)

    def post(self, path: str, data: Any = None, **headers: str) -> Any:
        return self.ask("POST", path, {} if data is None else data, **headers)

    def patch(self, path: str, data: Any, **headers: str) -> Any:
        return self.ask("PATCH", path, data, **headers)


@pytest.fixture(autouse=True)
def fresh_brakes() -> None:
    brakes.release()


@pytest.fixture
def caller_of(db: None) -> Callable[..., Caller]:
    """`caller_of(cast.sales)` is a program with a token of that person."""

    def make(user: Any, scope: str = "write", language: str = "en", **values: Any) -> Caller:
        token, plain = ApiToken.issue(
            user=user, name="Test", scope=scope, expires_at=timezone.now() + timedelta(days=1)
        )
        if values:
            ApiToken.objects.filter(pk=token.pk).update(**values)
        return Caller(plain, language)

    return make


@pytest.fixture
def sales(cast: Any, caller_of: Any) -> Caller:
    return caller_of(cast.sales)
