"""Which documents the API knows; the composition root names them (`settings.API_MODULE`)."""

from functools import cache
from importlib import import_module
from typing import Any

from django.conf import settings


@cache
def apis() -> dict[Any, Any]:
    """{model: its DocumentApi}."""
    return {api.model: api for api in import_module(settings.API_MODULE).APIS}


def api_of(model: Any) -> Any:
    """The API of a model, or None."""
    return apis().get(model)
