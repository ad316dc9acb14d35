"""What a web worker does not need stays out of it: a worker may take 150 MB.

Some libraries take others along just in case, for a trick that nobody does here. They look for them once, when they are first
loaded; whoever is missing then is not missed.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from threading import Lock
from types import ModuleType
from typing import Any

_loading = Lock()


class _Later(ModuleType):
    """Stands for a module until something of it is asked for: then that one is loaded, once, and answers."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # what is known of a module that is not loaded; nobody uses it by asking
            raise AttributeError(name)
        with _loading:
            if sys.modules.get(self.__name__) is self:
                del sys.modules[self.__name__]
            module = import_module(self.__name__)
        return getattr(module, name)


@contextmanager
def without(*names: str) -> Iterator[None]:
    """As if these modules were not installed. Those that are loaded already stay as they are."""
    hidden = [name for name in names if name not in sys.modules]
    for name in hidden:
        sys.modules[name] = None  # type: ignore[assignment]  # Python's own way to say: there is none
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


def load_thin() -> None:
    """Load the libraries that would take along what is not needed: 25 MB in every process.

    openpyxl: numbers as numpy has them (numpy is there for those who learn a score), pictures in sheets, another writer of XML.
    structlog: tracebacks in colour. Both it and Celery: greenlets.
    """
    with without("numpy", "PIL", "lxml"):
        import openpyxl  # noqa: F401
    with without("rich", "greenlet"):
        import structlog  # noqa: F401
    with without("greenlet"):
        import celery.utils.threads  # noqa: F401


def load_later() -> None:
    """Passkeys are checked by 10 MB of cryptography: by those processes in which somebody uses one."""
    name = "allauth.mfa.webauthn.internal.auth"
    sys.modules.setdefault(name, _Later(name))


def load_thin_api() -> None:
    """Load the REST framework without a client for its tests and descriptions in Markdown. Needs settings."""
    with without("requests", "markdown", "pygments"):
        import rest_framework.compat  # noqa: F401
